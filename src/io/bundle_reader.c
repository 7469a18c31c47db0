/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bundle_reader.h"

#include "io/bundle_slices.h"
#include "io/crc32c.h"
#include "io/file.h"
#include "io/table.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char WHAT[] = "checkpoint";
static const size_t INDEX_LIMIT = (size_t)1 << 30;

struct ek__bundle_reader {
  const ek_allocator *allocator;
  ek__arena arena; /* prefix and keys */
  const char *prefix, *index_path;
  ek__bundle_header header;
  bool has_header;
  ek__bundle_entry *entries;
  ek__bundle_piece *pieces; /* of sliced tensors, by name */
  int num_entries, entries_capacity, num_pieces, pieces_capacity;
};

static ek_code damaged(const ek__bundle_reader *r, const char *key, const char *why, ek_status *st) {
  return ek_status_set(st, EK_DATA_LOSS, "%s: %s: '%s': %s", WHAT, r->index_path, key, why);
}

static ek_code visit_header(ek__bundle_reader *r, const uint8_t *value, size_t size, ek_status *st) {
  if (!ek__bundle_header_decode(value, size, &r->header)) return damaged(r, "", "the header is malformed", st);
  EK_REQUIRE(r->header.min_consumer <= 1, st, EK_UNIMPLEMENTED, "%s: %s: needs a reader of version %d, this one is 1",
             WHAT, r->index_path, r->header.min_consumer);
  if (r->header.endianness != 0 && r->header.endianness != 1) return damaged(r, "", "unknown byte order", st);
  r->has_header = true;
  return EK_OK;
}

static ek_code visit_piece(ek__bundle_reader *r, const uint8_t *key, size_t key_size, const uint8_t *value,
                           size_t value_size, ek_status *st) {
  EK_TRY(ek__grow(r->allocator, &r->pieces, &r->pieces_capacity, r->num_pieces + 1, sizeof *r->pieces, st));
  ek__bundle_piece *p = &r->pieces[r->num_pieces];
  char *name = ek__arena_alloc(&r->arena, key_size + 1);
  if (name == NULL) return ek__no_memory(st, WHAT, key_size);
  if (!ek__bundle_entry_decode(value, value_size, &p->entry) || p->entry.num_slices > 0)
    return damaged(r, "", "the entry of a slice is malformed", st);
  if (!ek__bundle_piece_decode(key, key_size, name, p)) return EK_OK; /* the tensor will miss it, should anyone ask */
  p->entry.key = name;
  p->entry.key_size = strlen(name);
  if (p->entry.shard >= r->header.num_shards)
    return damaged(r, name, "the entry names a shard that does not exist", st);
  r->num_pieces++;
  return EK_OK;
}

static ek_code visit(void *ctx, const uint8_t *key, size_t key_size, const uint8_t *value, size_t value_size,
                     ek_status *st) {
  ek__bundle_reader *r = ctx;
  if (key_size == 0) return visit_header(r, value, value_size, st);
  if (!r->has_header) return damaged(r, "", "the header is missing", st);
  if (key[0] == '\0') return visit_piece(r, key, key_size, value, value_size, st);
  EK_TRY(ek__grow(r->allocator, &r->entries, &r->entries_capacity, r->num_entries + 1, sizeof *r->entries, st));
  char *name = ek__arena_strndup(&r->arena, (const char *)key, key_size);
  if (name == NULL) return ek__no_memory(st, WHAT, key_size);
  if (strlen(name) != key_size) return damaged(r, name, "a key contains a zero byte", st);
  ek__bundle_entry *e = &r->entries[r->num_entries];
  if (!ek__bundle_entry_decode(value, value_size, e)) return damaged(r, name, "the entry is malformed", st);
  e->key = name;
  e->key_size = key_size;
  if (e->num_slices == 0 && e->shard >= r->header.num_shards)
    return damaged(r, name, "the entry names a shard that does not exist", st);
  r->num_entries++;
  return EK_OK;
}

/* What is there in place of PREFIX.index: one of the files themselves, a folder, or an older form. */
static ek_code check_prefix(const char *prefix, const char *index, ek_status *st) {
  struct stat s;
  if (stat(index, &s) == 0 || stat(prefix, &s) != 0) return EK_OK; /* reading it will say why */
  const char *name = strrchr(prefix, '/') != NULL ? strrchr(prefix, '/') + 1 : prefix, *end = strstr(name, ".data-");
  if (end == NULL && strlen(name) > strlen(".index")) end = name + strlen(name) - strlen(".index");
  const bool is_part = end != NULL && (strcmp(end, ".index") == 0 || strncmp(end, ".data-", 6) == 0);
  EK_REQUIRE(!S_ISDIR(s.st_mode), st, EK_NOT_FOUND,
             "checkpoint: %s: is a folder, it must be the prefix of a checkpoint", prefix);
  EK_REQUIRE(!is_part, st, EK_NOT_FOUND, "checkpoint: %s: is a part of a checkpoint, whose prefix is %.*s", prefix,
             (int)(end - prefix), prefix);
  return ek_status_set(st, EK_NOT_FOUND,
                       "checkpoint: %s: has no %s.index beside it: no checkpoint, or one of version 1", prefix, name);
}

static ek_code open_index(ek__bundle_reader *r, const char *prefix, ek_status *st) {
  char *bytes = NULL;
  size_t size = 0;
  const size_t n = strlen(prefix);
  char *path = ek__arena_alloc(&r->arena, n + sizeof ".index");
  r->prefix = ek__arena_strdup(&r->arena, prefix);
  if (path == NULL || r->prefix == NULL) return ek__no_memory(st, WHAT, n);
  memcpy(path, prefix, n);
  memcpy(path + n, ".index", sizeof ".index");
  r->index_path = path;
  EK_TRY(check_prefix(prefix, path, st));
  EK_TRY(ek__file_read(WHAT, path, INDEX_LIMIT, r->allocator, &bytes, &size, st));
  ek_code code = ek__table_read(WHAT, path, (const uint8_t *)bytes, size, r->allocator, visit, r, st);
  if (code == EK_OK && !r->has_header) code = damaged(r, "", "the header is missing", st);
  ek__free(r->allocator, bytes, size + 1);
  return code;
}

ek_code ek__bundle_reader_new(const char *prefix, const ek_allocator *a, ek__bundle_reader **out, ek_status *st) {
  *out = NULL;
  ek__bundle_reader *r = ek__alloc(a, sizeof *r);
  if (r == NULL) return ek__no_memory(st, WHAT, sizeof *r);
  r->allocator = a;
  ek__arena_init(&r->arena, a);
  const ek_code code = open_index(r, prefix, st);
  if (code != EK_OK) {
    ek__bundle_reader_free(r);
    return code;
  }
  *out = r;
  return EK_OK;
}

void ek__bundle_reader_free(ek__bundle_reader *r) {
  if (r == NULL) return;
  ek__free(r->allocator, r->entries, (size_t)r->entries_capacity * sizeof *r->entries);
  ek__free(r->allocator, r->pieces, (size_t)r->pieces_capacity * sizeof *r->pieces);
  ek__arena_fini(&r->arena);
  ek__free(r->allocator, r, sizeof *r);
}

const ek_allocator *ek__bundle_reader_allocator(const ek__bundle_reader *r) { return r->allocator; }

int ek__bundle_reader_num_shards(const ek__bundle_reader *r) { return r->header.num_shards; }

bool ek__bundle_reader_is_swapped(const ek__bundle_reader *r) { return r->header.endianness == 1; }

int ek__bundle_reader_num_entries(const ek__bundle_reader *r) { return r->num_entries; }

const ek__bundle_entry *ek__bundle_reader_entry(const ek__bundle_reader *r, int i) {
  return i >= 0 && i < r->num_entries ? &r->entries[i] : NULL;
}

const ek__bundle_entry *ek__bundle_reader_find(const ek__bundle_reader *r, const char *key) {
  int lo = 0, hi = r->num_entries;
  while (lo < hi) {
    const int mid = lo + (hi - lo) / 2, order = strcmp(r->entries[mid].key, key);
    if (order == 0) return &r->entries[mid];
    if (order < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  return NULL;
}

const ek__bundle_piece *ek__bundle_reader_pieces(const ek__bundle_reader *r, const ek__bundle_entry *e, int *n) {
  int first = 0;
  while (first < r->num_pieces && strcmp(r->pieces[first].entry.key, e->key) != 0) first++;
  *n = 0;
  while (first + *n < r->num_pieces && strcmp(r->pieces[first + *n].entry.key, e->key) == 0) (*n)++;
  return r->pieces + first;
}

ek_code ek__bundle_reader_lookup(const ek__bundle_reader *r, const char *key, const ek__bundle_entry **e,
                                 ek_status *st) {
  *e = ek__bundle_reader_find(r, key);
  EK_REQUIRE(*e != NULL, st, EK_NOT_FOUND, "%s: %s: Key %s not found in checkpoint", WHAT, r->prefix, key);
  return EK_OK;
}

/* An open shard in which the entry lies. */
typedef struct shard {
  char path[4096];
  int fd;
} shard;

/* Opens the entry's shard once its claims fit: the size follows from dtype and shape, the bytes lie inside the file. */
static ek_code open_shard(const ek__bundle_reader *r, const ek__bundle_entry *e, shard *s, ek_status *st) {
  size_t bytes = 0;
  uint64_t file_size = 0;
  s->fd = -1;
  EK_REQUIRE(ek_dtype_size(e->dtype) > 0, st, EK_UNIMPLEMENTED,
             "%s: %s: '%s' has dtype number %d, which is not supported", WHAT, r->prefix, e->key, (int)e->dtype);
  EK_REQUIRE(e->shape.rank >= 0, st, EK_UNIMPLEMENTED, "%s: %s: '%s' has more than %d dimensions", WHAT, r->prefix,
             e->key, EK_MAX_RANK);
  if (ek__tensor_bytes(e->dtype, e->shape, &bytes, NULL) != EK_OK)
    return damaged(r, e->key, "the shape is impossible", st);
  const uint64_t n = (uint64_t)ek_shape_num_elements(e->shape);
  if (e->dtype == EK_STRING ? e->size < 4 || n > e->size - 4 : e->size != bytes)
    return damaged(r, e->key, "the size does not follow from dtype and shape", st);
  const int length =
      snprintf(s->path, sizeof s->path, "%s.data-%05d-of-%05d", r->prefix, (int)e->shard, (int)r->header.num_shards);
  EK_REQUIRE(length > 0 && (size_t)length < sizeof s->path, st, EK_INVALID_ARGUMENT, "%s: %s: the path is too long",
             WHAT, r->prefix);
  EK_TRY(ek__file_open(WHAT, s->path, &s->fd, &file_size, st));
  if (e->offset > file_size || e->size > file_size - e->offset) {
    (void)close(s->fd);
    return ek_status_set(st, EK_DATA_LOSS, "%s: %s: '%s' lies outside the file", WHAT, s->path, e->key);
  }
  return EK_OK;
}

static ek_code bad_checksum(const shard *s, const ek__bundle_entry *e, ek_status *st) {
  return ek_status_set(st, EK_DATA_LOSS, "%s: %s: '%s': Checksum does not match", WHAT, s->path, e->key);
}

static ek_code read_numbers(const ek__bundle_reader *r, const ek__bundle_entry *e, const shard *s, void *data,
                            ek_status *st) {
  const size_t size = (size_t)e->size;
  EK_TRY(ek__file_pread(WHAT, s->path, s->fd, data, size, e->offset, st));
  if (ek__crc32c_unmask(e->crc) != ek__crc32c(data, size)) return bad_checksum(s, e, st);
  if (r->header.endianness == 1) {
    const bool complex = e->dtype == EK_COMPLEX64 || e->dtype == EK_COMPLEX128;
    const size_t unit = ek_dtype_size(e->dtype) / (complex ? 2 : 1);
    ek__swap_bytes(data, size / unit, unit);
  }
  if (e->dtype == EK_BOOL)
    for (size_t i = 0; i < size; i++) /* any other byte in a bool is undefined behaviour later */
      if (((const uint8_t *)data)[i] > 1) return damaged(r, e->key, "a bool is neither 0 nor 1", st);
  return EK_OK;
}

/* Checks all of a string tensor's bytes before the first string is made. */
static bool strings_are_sound(const ek__bundle_entry *e, const uint8_t *bytes, uint64_t n, size_t *first) {
  const uint8_t *p = bytes, *end = bytes + e->size;
  uint8_t fixed[8];
  uint64_t total = 0;
  uint32_t crc = 0;
  for (uint64_t i = 0; i < n; i++) {
    uint64_t length = 0;
    if (!ek__get_varint(&p, end, &length) || length > e->size || __builtin_add_overflow(total, length, &total))
      return false;
    ek__put_u64(fixed, length);
    crc = ek__crc32c_extend(crc, fixed, length <= UINT32_MAX ? 4 : 8);
  }
  if ((size_t)(end - p) < 4 || (size_t)(end - p) - 4 != total || ek__crc32c_unmask(ek__get_u32(p)) != crc) return false;
  *first = (size_t)(p + 4 - bytes);
  return ek__crc32c_extend(crc, p, (size_t)(end - p)) == ek__crc32c_unmask(e->crc);
}

static ek_code read_strings(const ek__bundle_reader *r, const ek__bundle_entry *e, const shard *s, ek__bytes **data,
                            ek_status *st) {
  const uint64_t n = (uint64_t)ek_shape_num_elements(e->shape);
  const size_t size = (size_t)e->size;
  size_t at = 0;
  EK_REQUIRE(r->header.endianness == 0, st, EK_UNIMPLEMENTED, "%s: %s: '%s': strings of a big-endian checkpoint", WHAT,
             r->prefix, e->key);
  ek_code code = EK_OK;
  uint8_t *bytes = ek__alloc(r->allocator, size);
  ek__bytes **fresh = ek__alloc_array(r->allocator, (size_t)n, sizeof *fresh);
  if (bytes == NULL || fresh == NULL) {
    code = ek__no_memory(st, e->key, size);
    goto done;
  }
  code = ek__file_pread(WHAT, s->path, s->fd, bytes, size, e->offset, st);
  if (code == EK_OK && !strings_are_sound(e, bytes, n, &at)) code = bad_checksum(s, e, st);
  const uint8_t *p = bytes;
  for (uint64_t i = 0; i < n && code == EK_OK; i++) {
    uint64_t length = 0;
    (void)ek__get_varint(&p, bytes + size, &length);
    if (length == 0) continue;
    fresh[i] = ek__bytes_new(bytes + at, (size_t)length);
    if (fresh[i] == NULL) code = ek__no_memory(st, e->key, (size_t)length);
    at += (size_t)length;
  }
  for (uint64_t i = 0; i < n && code == EK_OK; i++) { /* swap: what the caller had goes the way of a failed read */
    ek__bytes *old = data[i];
    data[i] = fresh[i];
    fresh[i] = old;
  }
done:
  for (uint64_t i = 0; fresh != NULL && i < n; i++) ek__bytes_free(fresh[i]);
  ek__free(r->allocator, fresh, (size_t)n * sizeof *fresh);
  ek__free(r->allocator, bytes, size);
  return code;
}

ek_code ek__bundle_reader_check(const ek__bundle_reader *r, const ek__bundle_entry *e, ek_status *st) {
  shard s;
  if (e->num_slices > 0) return ek__bundle_pieces_check(r, e, st);
  EK_TRY(open_shard(r, e, &s, st));
  (void)close(s.fd);
  return EK_OK;
}

ek_code ek__bundle_reader_read(const ek__bundle_reader *r, const ek__bundle_entry *e, void *data, ek_status *st) {
  shard s;
  if (e->num_slices > 0) {
    EK_TRY(ek__bundle_pieces_check(r, e, st));
    return ek__bundle_pieces_read(r, e, data, st);
  }
  EK_TRY(open_shard(r, e, &s, st));
  const ek_code code = e->dtype == EK_STRING ? read_strings(r, e, &s, data, st) : read_numbers(r, e, &s, data, st);
  (void)close(s.fd);
  return code;
}

ek_code ek__bundle_reader_tensor(const ek__bundle_reader *r, const char *key, ek_tensor **out, ek_status *st) {
  const ek__bundle_entry *e = NULL;
  *out = NULL;
  EK_TRY(ek__bundle_reader_lookup(r, key, &e, st));
  EK_TRY(ek__bundle_reader_check(r, e, st));
  ek_tensor *t = ek_tensor_new(e->dtype, e->shape, r->allocator, st);
  if (t == NULL) return EK_RESOURCE_EXHAUSTED;
  const ek_code code = ek__bundle_reader_read(r, e, t->data, st);
  if (code == EK_OK)
    *out = t;
  else
    ek_tensor_free(t);
  return code;
}
