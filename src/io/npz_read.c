/* SPDX-License-Identifier: Apache-2.0 */
/* Reading .npz archives: zip files of .npy members, stored or deflated. */
#include "evenkeel/io.h"
#include "io/file.h"
#include "io/npy.h"

#include <string.h>
#include <unistd.h>
#include <zip.h>

static const char WHAT[] = "npz";
enum { DEFLATE_RATIO = 1032 }; /* no deflate stream grows by more */

typedef struct member {
  const char *name; /* without ".npy" */
  zip_uint64_t index;
} member;

struct ek_npz {
  ek__arena arena;
  const char *path;
  zip_t *zip;
  member *members;
  int num_members;
};

static ek_code open_zip(ek_npz *z, ek_status *st) {
  int fd = -1, error = 0;
  uint64_t size = 0;
  EK_TRY(ek__file_open(WHAT, z->path, &fd, &size, st)); /* a missing or odd file gets its own message */
  z->zip = zip_fdopen(fd, 0, &error);
  if (z->zip != NULL) return EK_OK;
  (void)close(fd);
  if (error == ZIP_ER_MEMORY) return ek__no_memory(st, z->path, (size_t)size);
  return ek_status_set(st, EK_DATA_LOSS, "%s: %s: not a zip archive, or a damaged one", WHAT, z->path);
}

static ek_code list_members(ek_npz *z, ek_status *st) {
  const zip_int64_t n = zip_get_num_entries(z->zip, 0);
  z->members = ek__arena_array(&z->arena, n > 0 ? (size_t)n : 0, sizeof *z->members);
  if (z->members == NULL || n > INT32_MAX) return ek__no_memory(st, z->path, (size_t)n * sizeof *z->members);
  for (zip_int64_t i = 0; i < n; i++) {
    const char *name = zip_get_name(z->zip, (zip_uint64_t)i, ZIP_FL_ENC_GUESS);
    const size_t size = name != NULL ? strlen(name) : 0;
    if (size <= 4 || strcmp(name + size - 4, ".npy") != 0) continue;
    member *m = &z->members[z->num_members];
    *m = (member){ek__arena_strndup(&z->arena, name, size - 4), (zip_uint64_t)i};
    if (m->name == NULL) return ek__no_memory(st, z->path, size);
    z->num_members++;
  }
  return EK_OK;
}

ek_npz *ek_npz_open(const char *path, ek_status *st) {
  const ek_allocator *a = ek_allocator_default();
  ek_npz *z = ek__alloc(a, sizeof *z);
  if (z == NULL) {
    (void)ek__no_memory(st, path, sizeof *z);
    return NULL;
  }
  ek__arena_init(&z->arena, a);
  z->path = ek__arena_strdup(&z->arena, path);
  ek_code code = z->path != NULL ? open_zip(z, st) : ek__no_memory(st, path, strlen(path));
  if (code == EK_OK) code = list_members(z, st);
  if (code == EK_OK) return z;
  ek_npz_close(z);
  return NULL;
}

void ek_npz_close(ek_npz *z) {
  if (z == NULL) return;
  if (z->zip != NULL) zip_discard(z->zip);
  ek__arena_fini(&z->arena);
  ek__free(ek_allocator_default(), z, sizeof *z);
}

int ek_npz_num_arrays(const ek_npz *z) { return z->num_members; }

const char *ek_npz_name(const ek_npz *z, int i) { return i >= 0 && i < z->num_members ? z->members[i].name : NULL; }

typedef struct member_source {
  zip_file_t *file;
  const char *where;
} member_source;

static ek_code read_member(void *ctx, void *bytes, size_t size, ek_status *st) {
  member_source *m = ctx;
  const size_t chunk = (size_t)1 << 30;
  for (size_t done = 0; done < size;) {
    const zip_int64_t n = zip_fread(m->file, (char *)bytes + done, size - done < chunk ? size - done : chunk);
    EK_REQUIRE(n > 0, st, EK_DATA_LOSS, "%s: %s: %s", WHAT, m->where,
               n < 0 ? zip_error_strerror(zip_file_get_error(m->file)) : "the member ends too early");
    done += (size_t)n;
  }
  return EK_OK;
}

/* The checksum is compared when the end is met: one read further. */
static ek_code expect_end(member_source *m, ek_status *st) {
  char byte = 0;
  const zip_int64_t n = zip_fread(m->file, &byte, 1);
  EK_REQUIRE(n == 0, st, EK_DATA_LOSS, "%s: %s: %s", WHAT, m->where,
             n < 0 ? zip_error_strerror(zip_file_get_error(m->file)) : "the member is longer than it says");
  return EK_OK;
}

/* What the directory says, as far as it can be true. */
static ek_code check_stat(const ek_npz *z, const member *m, const char *where, zip_stat_t *info, ek_status *st) {
  const zip_uint64_t need = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  EK_REQUIRE(zip_stat_index(z->zip, m->index, 0, info) == 0 && (info->valid & need) == need, st, EK_DATA_LOSS,
             "%s: %s: %s", WHAT, where, zip_strerror(z->zip));
  EK_REQUIRE((info->comp_method == ZIP_CM_STORE || info->comp_method == ZIP_CM_DEFLATE) &&
                 info->encryption_method == ZIP_EM_NONE,
             st, EK_UNIMPLEMENTED, "%s: %s: only stored and deflated members without a password are read", WHAT, where);
  EK_REQUIRE(info->size / DEFLATE_RATIO <= info->comp_size, st, EK_DATA_LOSS,
             "%s: %s: %llu bytes cannot come from %llu", WHAT, where, (unsigned long long)info->size,
             (unsigned long long)info->comp_size);
  return EK_OK;
}

static ek_code get(ek_npz *z, const member *m, ek_tensor **out, ek_status *st) {
  char where[400];
  zip_stat_t info;
  (void)snprintf(where, sizeof where, "%s: '%s'", z->path, m->name);
  EK_TRY(check_stat(z, m, where, &info, st));
  member_source source = {zip_fopen_index(z->zip, m->index, 0), where};
  EK_REQUIRE(source.file != NULL, st, EK_DATA_LOSS, "%s: %s: %s", WHAT, where, zip_strerror(z->zip));
  const ek__npy_source bytes = {.read = read_member, .ctx = &source, .size = info.size, .where = where};
  ek_code code = ek__npy_read(&bytes, ek_allocator_default(), out, st);
  if (code == EK_OK) code = expect_end(&source, st);
  (void)zip_fclose(source.file);
  return code;
}

static ek_code no_such_array(const ek_npz *z, const char *name, ek_status *st) {
  char list[256] = "";
  size_t used = 0;
  for (int i = 0; i < z->num_members && used < sizeof list - 1; i++) {
    const int n = snprintf(list + used, sizeof list - used, i > 0 ? ", %s" : "%s", z->members[i].name);
    used += n > 0 ? (size_t)n : 0;
  }
  return ek_status_set(st, EK_NOT_FOUND, "%s: %s: no array '%s'; there are: %s", WHAT, z->path, name,
                       z->num_members > 0 ? list : "none");
}

ek_tensor *ek_npz_get(ek_npz *z, const char *name, ek_status *st) {
  ek_tensor *t = NULL;
  for (int i = 0; i < z->num_members; i++) {
    if (strcmp(z->members[i].name, name) != 0) continue;
    if (get(z, &z->members[i], &t, st) == EK_OK) return t;
    ek_tensor_free(t);
    return NULL;
  }
  (void)no_such_array(z, name, st);
  return NULL;
}
