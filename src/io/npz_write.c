/* SPDX-License-Identifier: Apache-2.0 */
/* Writing .npz archives. The zip library writes a file of a temporary name, which is then synced and renamed. */
#include "base/map.h"
#include "evenkeel/io.h"
#include "io/file.h"
#include "io/npy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

static const char WHAT[] = "npz";

typedef struct part {
  char *name; /* with ".npy" */
  ek_tensor *tensor;
  ek__npy_image image;
} part;

struct ek_npz_writer {
  const ek_allocator *allocator;
  ek__arena arena; /* path and names */
  const char *path;
  bool compressed, finished;
  part **parts; /* each a block of its own: the zip library keeps pointers into the images */
  int num_parts, parts_capacity;
  ek__map names;
};

ek_npz_writer *ek_npz_writer_new(const char *path, bool compressed, ek_status *st) {
  const ek_allocator *a = ek_allocator_default();
  ek_npz_writer *w = ek__alloc(a, sizeof *w);
  if (w == NULL) {
    (void)ek__no_memory(st, path, sizeof *w);
    return NULL;
  }
  w->allocator = a;
  w->compressed = compressed;
  ek__arena_init(&w->arena, a);
  ek__map_init(&w->names, a);
  w->path = ek__arena_strdup(&w->arena, path);
  if (w->path != NULL) return w;
  (void)ek__no_memory(st, path, strlen(path));
  ek_npz_writer_free(w);
  return NULL;
}

void ek_npz_writer_free(ek_npz_writer *w) {
  if (w == NULL) return;
  for (int i = 0; i < w->num_parts; i++) {
    ek__npy_image_fini(&w->parts[i]->image);
    ek_tensor_free(w->parts[i]->tensor);
  }
  ek__free(w->allocator, w->parts, (size_t)w->parts_capacity * sizeof *w->parts);
  ek__map_fini(&w->names);
  ek__arena_fini(&w->arena);
  ek__free(w->allocator, w, sizeof *w);
}

ek_code ek_npz_writer_add(ek_npz_writer *w, const char *name, ek_tensor *t, ek_status *st) {
  const size_t n = strlen(name);
  EK_REQUIRE(!w->finished, st, EK_FAILED_PRECONDITION, "%s: %s: is finished", WHAT, w->path);
  EK_REQUIRE(n > 0 && n < 65000, st, EK_INVALID_ARGUMENT, "%s: %s: an array's name has 1 to 64999 bytes, not %zu", WHAT,
             w->path, n);
  part *p = ek__arena_alloc(&w->arena, sizeof *p);
  char *file = ek__arena_alloc(&w->arena, n + sizeof ".npy");
  if (p == NULL || file == NULL) return ek__no_memory(st, w->path, n);
  memcpy(file, name, n);
  memcpy(file + n, ".npy", sizeof ".npy");
  EK_REQUIRE(ek__map_get(&w->names, file) == NULL, st, EK_INVALID_ARGUMENT, "%s: %s: two arrays are named '%s'", WHAT,
             w->path, name);
  EK_TRY(ek__grow(w->allocator, &w->parts, &w->parts_capacity, w->num_parts + 1, sizeof *w->parts, st));
  ek_code code = ek__npy_image_init(&p->image, w->path, t, w->allocator, st);
  if (code == EK_OK) code = ek__map_put(&w->names, file, w->num_parts, st);
  if (code != EK_OK) {
    ek__npy_image_fini(&p->image);
    return code;
  }
  p->name = file;
  p->tensor = ek_tensor_ref(t);
  w->parts[w->num_parts++] = p;
  return EK_OK;
}

static ek_code zip_failed(const ek_npz_writer *w, zip_error_t *error, ek_status *st) {
  if (zip_error_system_type(error) == ZIP_ET_SYS)
    return ek__file_error(st, WHAT, w->path, zip_error_code_system(error));
  if (zip_error_code_zip(error) == ZIP_ER_MEMORY) return ek__no_memory(st, w->path, 0);
  return ek_status_set(st, EK_UNKNOWN, "%s: %s: %s", WHAT, w->path, zip_error_strerror(error));
}

static ek_code add_part(const ek_npz_writer *w, zip_t *zip, const part *p, ek_status *st) {
  zip_buffer_fragment_t fragments[2] = {{p->image.header.data, p->image.header.size},
                                        {(zip_uint8_t *)(uintptr_t)p->image.elements, p->image.size}}; /* only read */
  zip_source_t *source = zip_source_buffer_fragment(zip, fragments, p->image.size > 0 ? 2 : 1, 0);
  if (source == NULL) return zip_failed(w, zip_get_error(zip), st);
  const zip_int64_t index = zip_file_add(zip, p->name, source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return zip_failed(w, zip_get_error(zip), st);
  }
  const zip_uint64_t i = (zip_uint64_t)index;
  const zip_uint16_t new_year_1980 = 1 << 5 | 1; /* as NumPy: the same arrays give the same bytes */
  if (zip_set_file_compression(zip, i, w->compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(zip, i, 0, new_year_1980, 0) != 0)
    return zip_failed(w, zip_get_error(zip), st);
  return EK_OK;
}

static ek_code write_zip(const ek_npz_writer *w, const char *temp, ek_status *st) {
  int code_of_open = 0;
  zip_t *zip = zip_open(temp, ZIP_CREATE | ZIP_TRUNCATE, &code_of_open);
  if (zip == NULL) {
    zip_error_t error;
    zip_error_init_with_code(&error, code_of_open); /* takes errno along */
    const ek_code code = zip_failed(w, &error, st);
    zip_error_fini(&error);
    return code;
  }
  ek_code code = EK_OK;
  for (int i = 0; i < w->num_parts && code == EK_OK; i++) code = add_part(w, zip, w->parts[i], st);
  if (code == EK_OK) {
    if (zip_close(zip) == 0) return EK_OK;
    code = zip_failed(w, zip_get_error(zip), st);
  }
  zip_discard(zip);
  return code;
}

static ek_code sync_file(const ek_npz_writer *w, const char *temp, ek_status *st) {
  const int fd = open(temp, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ek__file_error(st, WHAT, w->path, errno);
  const int error = fsync(fd) == 0 ? 0 : errno;
  (void)close(fd);
  return error == 0 ? EK_OK : ek__file_error(st, WHAT, w->path, error);
}

static ek_code finish(const ek_npz_writer *w, ek_status *st) {
  static const unsigned char empty[22] = "PK\5\6"; /* the library writes no archive without members */
  if (w->num_parts == 0) return ek__file_replace(WHAT, w->path, empty, sizeof empty, st);
  size_t size = 0;
  char *temp = ek__file_temp_name(w->path, w->allocator, &size);
  if (temp == NULL) return ek__no_memory(st, w->path, size);
  ek_code code = write_zip(w, temp, st);
  if (code == EK_OK) code = sync_file(w, temp, st);
  if (code == EK_OK && rename(temp, w->path) != 0) code = ek__file_error(st, WHAT, w->path, errno);
  if (code == EK_OK)
    code = ek__file_sync_folder(WHAT, w->path, st);
  else
    (void)unlink(temp);
  ek__free(w->allocator, temp, size);
  return code;
}

ek_code ek_npz_writer_finish(ek_npz_writer *w, ek_status *st) {
  EK_REQUIRE(!w->finished, st, EK_FAILED_PRECONDITION, "%s: %s: is finished", WHAT, w->path);
  w->finished = true;
  return finish(w, st);
}
