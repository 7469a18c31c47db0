/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bundle_writer.h"

#include "base/map.h"
#include "io/bundle_index.h"
#include "io/bundle_slices.h"
#include "io/crc32c.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char WHAT[] = "checkpoint";

struct ek__bundle_writer {
  const ek_allocator *allocator;
  ek__arena arena; /* keys, the prefix */
  const char *prefix, *index_path;
  ek__out_file data, index;
  uint64_t offset;
  ek__bundle_entry *entries;
  int num_entries, entries_capacity;
  ek__map keys;
  bool failed, finished;
};

static ek_code make_folder(ek__bundle_writer *w, ek_status *st) {
  const char *slash = strrchr(w->prefix, '/');
  if (slash == NULL || slash == w->prefix) return EK_OK;
  const char *folder = ek__arena_strndup(&w->arena, w->prefix, (size_t)(slash - w->prefix));
  if (folder == NULL) return ek__no_memory(st, WHAT, (size_t)(slash - w->prefix));
  if (mkdir(folder, 0777) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
    return ek__file_error(st, WHAT, folder, errno);
  return EK_OK;
}

static const char *with_suffix(ek__arena *arena, const char *prefix, const char *suffix) {
  const size_t size = strlen(prefix) + strlen(suffix) + 1;
  char *path = ek__arena_alloc(arena, size);
  if (path != NULL) (void)snprintf(path, size, "%s%s", prefix, suffix);
  return path;
}

static ek_code writer_init(ek__bundle_writer *w, const char *prefix, ek_status *st) {
  const size_t n = strlen(prefix);
  EK_REQUIRE(n > 0 && prefix[n - 1] != '/', st, EK_INVALID_ARGUMENT, "%s: '%s': a prefix ends with a file name", WHAT,
             prefix);
  w->prefix = ek__arena_strdup(&w->arena, prefix);
  w->index_path = with_suffix(&w->arena, prefix, ".index");
  const char *data_path = with_suffix(&w->arena, prefix, ".data-00000-of-00001");
  if (w->prefix == NULL || w->index_path == NULL || data_path == NULL) return ek__no_memory(st, WHAT, n);
  EK_TRY(make_folder(w, st));
  return ek__out_file_open(&w->data, WHAT, data_path, w->allocator, st);
}

ek_code ek__bundle_writer_new(const char *prefix, const ek_allocator *a, ek__bundle_writer **out, ek_status *st) {
  *out = NULL;
  ek__bundle_writer *w = ek__alloc(a, sizeof *w);
  if (w == NULL) return ek__no_memory(st, WHAT, sizeof *w);
  w->allocator = a;
  w->data = w->index = (ek__out_file){.allocator = a, .fd = -1};
  ek__arena_init(&w->arena, a);
  ek__map_init(&w->keys, a);
  const ek_code code = writer_init(w, prefix, st);
  if (code != EK_OK) {
    ek__bundle_writer_free(w);
    return code;
  }
  *out = w;
  return EK_OK;
}

void ek__bundle_writer_free(ek__bundle_writer *w) {
  if (w == NULL) return;
  ek__out_file_fini(&w->data);
  ek__out_file_fini(&w->index);
  ek__free(w->allocator, w->entries, (size_t)w->entries_capacity * sizeof *w->entries);
  ek__map_fini(&w->keys);
  ek__arena_fini(&w->arena);
  ek__free(w->allocator, w, sizeof *w);
}

/* Lengths as varints, the masked crc of the lengths, the bytes. The entry's crc covers the lengths as fixed-width
 * numbers, the stored checksum and the bytes. */
static ek_code add_strings(ek__bundle_writer *w, const ek__bytes *const *strings, int64_t n, ek__bundle_entry *e,
                           ek_status *st) {
  uint32_t crc = 0;
  uint8_t bytes[EK__VARINT_MAX];
  for (int64_t i = 0; i < n; i++) {
    const uint64_t length = strings[i] != NULL ? strings[i]->size : 0;
    const size_t size = ek__put_varint(bytes, length);
    EK_TRY(ek__out_file_write(&w->data, bytes, size, st));
    e->size += size;
    ek__put_u64(bytes, length);
    crc = ek__crc32c_extend(crc, bytes, length <= UINT32_MAX ? 4 : 8);
  }
  ek__put_u32(bytes, ek__crc32c_mask(crc));
  EK_TRY(ek__out_file_write(&w->data, bytes, 4, st));
  e->size += 4;
  crc = ek__crc32c_extend(crc, bytes, 4);
  for (int64_t i = 0; i < n; i++) {
    if (strings[i] == NULL) continue;
    EK_TRY(ek__out_file_write(&w->data, strings[i]->data, strings[i]->size, st));
    e->size += strings[i]->size;
    crc = ek__crc32c_extend(crc, strings[i]->data, strings[i]->size);
  }
  e->crc = ek__crc32c_mask(crc);
  return EK_OK;
}

/* A new entry, not yet counted: its place may move when the next one comes. */
static ek_code new_entry(ek__bundle_writer *w, const char *key, size_t key_size, ek_dtype dtype, ek_shape shape,
                         ek__bundle_entry **out, ek_status *st) {
  EK_TRY(ek__grow(w->allocator, &w->entries, &w->entries_capacity, w->num_entries + 1, sizeof *w->entries, st));
  ek__bundle_entry *e = *out = &w->entries[w->num_entries];
  *e = (ek__bundle_entry){
      .dtype = dtype, .shape = shape, .key = ek__arena_strndup(&w->arena, key, key_size), .key_size = key_size};
  return e->key != NULL ? EK_OK : ek__no_memory(st, WHAT, key_size);
}

static ek_code add(ek__bundle_writer *w, const char *key, size_t key_size, ek_dtype dtype, ek_shape shape,
                   const void *data, ek_status *st) {
  size_t bytes = 0;
  ek__bundle_entry *e = NULL;
  EK_TRY(ek__tensor_bytes(dtype, shape, &bytes, st));
  EK_TRY(new_entry(w, key, key_size, dtype, shape, &e, st));
  e->offset = w->offset;
  if (dtype == EK_STRING) {
    EK_TRY(add_strings(w, data, ek_shape_num_elements(shape), e, st));
  } else {
    EK_TRY(ek__out_file_write(&w->data, data, bytes, st));
    e->size = bytes;
    e->crc = ek__crc32c_mask(ek__crc32c(data, bytes));
  }
  w->offset += e->size;
  w->num_entries++;
  return EK_OK;
}

static ek_code add_whole(ek__bundle_writer *w, const char *key, ek_dtype dtype, ek_shape shape, const void *data,
                         ek_status *st) {
  EK_REQUIRE(key[0] != '\0', st, EK_INVALID_ARGUMENT, "%s: %s: a tensor without a name", WHAT, w->prefix);
  EK_REQUIRE(ek__map_get(&w->keys, key) == NULL, st, EK_INVALID_ARGUMENT, "%s: %s: two tensors are named '%s'", WHAT,
             w->prefix, key);
  const int place = w->num_entries;
  EK_TRY(add(w, key, strlen(key), dtype, shape, data, st));
  return ek__map_put(&w->keys, w->entries[place].key, place, st);
}

/* The entry of the whole tensor gets one more slice. */
static ek_code list_slice(ek__bundle_writer *w, int place, const ek__bundle_slice *slice, ek_status *st) {
  const ek__bundle_entry *e = &w->entries[place];
  const int n = e->num_slices;
  if ((n & (n - 1)) == 0) { /* full: twice the room */
    ek__bundle_slice *more = ek__arena_array(&w->arena, n > 0 ? 2 * (size_t)n : 1, sizeof *more);
    if (more == NULL) return ek__no_memory(st, WHAT, (size_t)n * sizeof *more);
    if (n > 0) memcpy(more, e->slices, (size_t)n * sizeof *more);
    w->entries[place].slices = more;
  }
  ((ek__bundle_slice *)(uintptr_t)w->entries[place].slices)[n] = *slice; /* in the arena: ours to change */
  w->entries[place].num_slices++;
  return EK_OK;
}

static ek_code add_slice(ek__bundle_writer *w, const char *key, ek_shape whole, const ek__bundle_slice *slice,
                         ek_dtype dtype, ek_shape shape, const void *data, ek_status *st) {
  EK_REQUIRE(key[0] != '\0', st, EK_INVALID_ARGUMENT, "%s: %s: a tensor without a name", WHAT, w->prefix);
  const int64_t *known = ek__map_get(&w->keys, key);
  int place = known != NULL ? (int)*known : w->num_entries;
  if (known == NULL) {
    ek__bundle_entry *e = NULL;
    EK_TRY(new_entry(w, key, strlen(key), dtype, whole, &e, st));
    w->num_entries++;
    EK_TRY(ek__map_put(&w->keys, e->key, place, st));
  }
  const ek__bundle_entry *e = &w->entries[place];
  EK_REQUIRE(known == NULL || (e->num_slices > 0 && e->dtype == dtype && ek_shape_equal(e->shape, whole)), st,
             EK_INVALID_ARGUMENT, "%s: %s: '%s' has slices of different tensors", WHAT, w->prefix, key);
  for (int i = 0; i < e->num_slices; i++)
    EK_REQUIRE(memcmp(&e->slices[i], slice, sizeof *slice) != 0, st, EK_INVALID_ARGUMENT,
               "%s: %s: '%s' has the same slice twice", WHAT, w->prefix, key);
  EK_TRY(list_slice(w, place, slice, st));
  ek__buffer name;
  ek__buffer_init(&name, w->allocator);
  ek_code code = ek__bundle_piece_encode(key, slice, &name, st);
  if (code == EK_OK) code = add(w, (const char *)name.data, name.size, dtype, shape, data, st);
  ek__buffer_fini(&name);
  return code;
}

static ek_code check_open(const ek__bundle_writer *w, ek_status *st) {
  EK_REQUIRE(!w->failed && !w->finished, st, EK_FAILED_PRECONDITION, "%s: %s: has failed or is finished", WHAT,
             w->prefix);
  return EK_OK;
}

ek_code ek__bundle_writer_add(ek__bundle_writer *w, const char *key, ek_dtype dtype, ek_shape shape, const void *data,
                              ek_status *st) {
  EK_TRY(check_open(w, st));
  const ek_code code = add_whole(w, key, dtype, shape, data, st);
  w->failed = code != EK_OK;
  return code;
}

ek_code ek__bundle_writer_add_slice(ek__bundle_writer *w, const char *key, ek_shape whole,
                                    const ek__bundle_slice *slice, ek_dtype dtype, ek_shape shape, const void *data,
                                    ek_status *st) {
  EK_TRY(check_open(w, st));
  const ek_code code = add_slice(w, key, whole, slice, dtype, shape, data, st);
  w->failed = code != EK_OK;
  return code;
}

static ek_code finish(ek__bundle_writer *w, ek_status *st) {
  EK_TRY(ek__out_file_sync(&w->data, st));
  EK_TRY(ek__bundle_index_write(&w->index, w->index_path, w->entries, w->num_entries, 1, w->allocator, st));
  EK_TRY(ek__file_remove(WHAT, w->index_path, st));
  EK_TRY(ek__out_file_rename(&w->data, st));
  return ek__out_file_rename(&w->index, st);
}

ek_code ek__bundle_writer_finish(ek__bundle_writer *w, ek_status *st) {
  EK_TRY(check_open(w, st));
  const ek_code code = finish(w, st);
  w->failed = code != EK_OK;
  w->finished = true;
  return code;
}
