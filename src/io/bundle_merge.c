/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bundle_index.h"
#include "io/bundle_reader.h"
#include "io/bundle_slices.h"
#include "io/bundle_writer.h"

#include "base/map.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char WHAT[] = "checkpoint";
enum { MAX_SHARDS = 99999 }; /* five digits in a file name */

typedef struct merge {
  const ek_allocator *allocator;
  const char *destination;
  const char *const *prefixes;
  ek__bundle_reader **readers;
  int num_prefixes, num_shards;
  ek__bundle_entry *entries;
  int num_entries, entries_capacity;
  ek__map keys;    /* of tensors, to their places */
  ek__arena arena; /* keys of pieces, lists of slices */
} merge;

static ek_code append(merge *m, const ek__bundle_entry *e, int base, ek_status *st) {
  EK_TRY(ek__grow(m->allocator, &m->entries, &m->entries_capacity, m->num_entries + 1, sizeof *m->entries, st));
  m->entries[m->num_entries] = *e;
  m->entries[m->num_entries++].shard += base;
  return EK_OK;
}

/* A piece under its own key, as the part had it. */
static ek_code append_piece(merge *m, const ek__bundle_piece *p, int base, ek_status *st) {
  ek__buffer key;
  ek__buffer_init(&key, m->allocator);
  ek__bundle_entry e = p->entry;
  ek_code code = ek__bundle_piece_encode(p->entry.key, &p->slice, &key, st);
  if (code == EK_OK) {
    e.key = ek__arena_strndup(&m->arena, (const char *)key.data, key.size);
    e.key_size = key.size;
    code = e.key != NULL ? append(m, &e, base, st) : ek__no_memory(st, WHAT, key.size);
  }
  ek__buffer_fini(&key);
  return code;
}

/* The pieces that this part has of e, behind those that came before. */
static ek_code collect_pieces(merge *m, const ek__bundle_reader *r, const ek__bundle_entry *e, int place, int base,
                              ek_status *st) {
  int more = 0;
  const ek__bundle_piece *pieces = ek__bundle_reader_pieces(r, e, &more);
  const int n = m->entries[place].num_slices;
  ek__bundle_slice *all = ek__arena_array(&m->arena, (size_t)(n + more) + 1, sizeof *all);
  if (all == NULL) return ek__no_memory(st, WHAT, (size_t)(n + more) * sizeof *all);
  if (n > 0) memcpy(all, m->entries[place].slices, (size_t)n * sizeof *all);
  for (int i = 0; i < more; i++) {
    all[n + i] = pieces[i].slice;
    for (int k = 0; k < n; k++)
      EK_REQUIRE(memcmp(&all[k], &all[n + i], sizeof *all) != 0, st, EK_INVALID_ARGUMENT,
                 "%s: %s: a slice of '%s' is in two parts", WHAT, m->destination, e->key);
    EK_TRY(append_piece(m, &pieces[i], base, st));
  }
  m->entries[place].slices = all;
  m->entries[place].num_slices = n + more;
  return EK_OK;
}

static ek_code collect_one(merge *m, const ek__bundle_reader *r, const char *prefix, const ek__bundle_entry *e,
                           int base, ek_status *st) {
  EK_REQUIRE(e->shape.rank >= 0, st, EK_UNIMPLEMENTED, "%s: %s: '%s' has more than %d dimensions", WHAT, prefix, e->key,
             EK_MAX_RANK);
  const int64_t *known = ek__map_get(&m->keys, e->key);
  const ek__bundle_entry *other = known != NULL ? &m->entries[*known] : NULL;
  EK_REQUIRE(other == NULL || (other->num_slices > 0 && e->num_slices > 0), st, EK_INVALID_ARGUMENT,
             "%s: %s: '%s' is in another part too", WHAT, prefix, e->key);
  EK_REQUIRE(other == NULL || (other->dtype == e->dtype && ek_shape_equal(other->shape, e->shape)), st,
             EK_INVALID_ARGUMENT, "%s: %s: '%s' is another tensor in another part", WHAT, prefix, e->key);
  const int place = known != NULL ? (int)*known : m->num_entries;
  if (known == NULL) {
    ek__bundle_entry fresh = *e;
    fresh.num_slices = 0;
    EK_TRY(append(m, &fresh, e->num_slices > 0 ? 0 : base, st));
    EK_TRY(ek__map_put(&m->keys, e->key, place, st));
  }
  return e->num_slices > 0 ? collect_pieces(m, r, e, place, base, st) : EK_OK;
}

static ek_code collect(merge *m, const ek__bundle_reader *r, const char *prefix, ek_status *st) {
  EK_REQUIRE(!ek__bundle_reader_is_swapped(r), st, EK_UNIMPLEMENTED,
             "%s: %s: merging a checkpoint of the other byte order", WHAT, prefix);
  const int base = m->num_shards, more = ek__bundle_reader_num_shards(r);
  EK_REQUIRE(more <= MAX_SHARDS - base, st, EK_INVALID_ARGUMENT, "%s: %s: more than %d shards", WHAT, m->destination,
             MAX_SHARDS);
  m->num_shards += more;
  for (int i = 0; i < ek__bundle_reader_num_entries(r); i++)
    EK_TRY(collect_one(m, r, prefix, ek__bundle_reader_entry(r, i), base, st));
  return EK_OK;
}

static ek_code open_parts(merge *m, ek_status *st) {
  m->readers = ek__alloc_array(m->allocator, (size_t)m->num_prefixes, sizeof *m->readers);
  if (m->readers == NULL) return ek__no_memory(st, WHAT, (size_t)m->num_prefixes * sizeof *m->readers);
  for (int i = 0; i < m->num_prefixes; i++) {
    EK_REQUIRE(strcmp(m->prefixes[i], m->destination) != 0, st, EK_INVALID_ARGUMENT, "%s: %s: is merged into itself",
               WHAT, m->destination);
    EK_TRY(ek__bundle_reader_new(m->prefixes[i], m->allocator, &m->readers[i], st));
    EK_TRY(collect(m, m->readers[i], m->prefixes[i], st));
  }
  return EK_OK;
}

static ek_code shard_path(char *path, size_t size, const char *prefix, int shard, int num_shards, ek_status *st) {
  const int n = snprintf(path, size, "%s.data-%05d-of-%05d", prefix, shard, num_shards);
  return n > 0 && (size_t)n < size ? EK_OK : ek__file_error(st, WHAT, prefix, ENAMETOOLONG);
}

static ek_code move_shards(const merge *m, ek_status *st) {
  char from[4096], to[4096];
  int next = 0;
  for (int i = 0; i < m->num_prefixes; i++)
    for (int k = 0, n = ek__bundle_reader_num_shards(m->readers[i]); k < n; k++, next++) {
      EK_TRY(shard_path(from, sizeof from, m->prefixes[i], k, n, st));
      EK_TRY(shard_path(to, sizeof to, m->destination, next, m->num_shards, st));
      if (rename(from, to) != 0) return ek__file_error(st, WHAT, from, errno);
    }
  return ek__file_sync_folder(WHAT, m->destination, st);
}

static ek_code remove_parts(const merge *m, bool delete_old_folders, ek_status *st) {
  char folder[4096];
  for (int i = 0; i < m->num_prefixes; i++) EK_TRY(ek__bundle_remove(m->prefixes[i], st));
  for (int i = 0; delete_old_folders && i < m->num_prefixes; i++) {
    const char *slash = strrchr(m->prefixes[i], '/');
    const size_t n = slash != NULL ? (size_t)(slash - m->prefixes[i]) : 0;
    if (n == 0 || n >= sizeof folder) continue;
    memcpy(folder, m->prefixes[i], n);
    folder[n] = '\0';
    (void)rmdir(folder); /* stays if anything else is in it; the parts may share one */
  }
  return EK_OK;
}

static ek_code run(merge *m, bool delete_old_folders, ek_status *st) {
  char index_path[4096];
  ek__out_file index;
  EK_REQUIRE(snprintf(index_path, sizeof index_path, "%s.index", m->destination) < (int)sizeof index_path, st,
             EK_INVALID_ARGUMENT, "%s: %s: the path is too long", WHAT, m->destination);
  EK_TRY(open_parts(m, st));
  ek_code code =
      ek__bundle_index_write(&index, index_path, m->entries, m->num_entries, m->num_shards, m->allocator, st);
  if (code == EK_OK) code = ek__file_remove(WHAT, index_path, st);
  if (code == EK_OK) code = move_shards(m, st);
  if (code == EK_OK) code = ek__out_file_rename(&index, st);
  ek__out_file_fini(&index);
  return code == EK_OK ? remove_parts(m, delete_old_folders, st) : code;
}

ek_code ek__bundle_merge(const char *const *prefixes, int num_prefixes, const char *destination,
                         bool delete_old_folders, const ek_allocator *a, ek_status *st) {
  merge m = {.allocator = a, .destination = destination, .prefixes = prefixes, .num_prefixes = num_prefixes};
  EK_REQUIRE(num_prefixes > 0, st, EK_INVALID_ARGUMENT, "%s: %s: nothing to merge", WHAT, destination);
  ek__map_init(&m.keys, a);
  ek__arena_init(&m.arena, a);
  const ek_code code = run(&m, delete_old_folders, st);
  for (int i = 0; m.readers != NULL && i < num_prefixes; i++) ek__bundle_reader_free(m.readers[i]);
  ek__free(a, m.readers, (size_t)num_prefixes * sizeof *m.readers);
  ek__free(a, m.entries, (size_t)m.entries_capacity * sizeof *m.entries);
  ek__map_fini(&m.keys);
  ek__arena_fini(&m.arena);
  return code;
}
