/* SPDX-License-Identifier: Apache-2.0 */
#include "data.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef EK_DATA_FROM_BIN
#define EK_DATA_FROM_BIN "../share/evenkeel"
#endif

static bool is_there(const char *path) { return access(path, F_OK) == 0; }

static bool is_folder(const char *path) {
  struct stat s;
  return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Beside the program: in the tree it is installed in, or (a link that the build makes) in the build's folder. */
static char *bundled_digits(void) {
  static const char *const places[] = {EK_DATA_FROM_BIN "/digits", "digits"};
  char program[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n <= 0) return NULL;
  program[n] = '\0';
  *strrchr(program, '/') = '\0';
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    char *path = textf("%s/%s", program, places[i]);
    if (is_folder(path)) return path;
    free(path);
  }
  return NULL;
}

static ek_tensor *load_idx(const char *folder, const char *name, char **path) {
  ek_status st = EK_STATUS_INIT;
  *path = textf("%s/%s", folder, name);
  if (!is_there(*path)) {
    char *zipped = textf("%s.gz", *path);
    if (is_there(zipped)) {
      free(*path);
      *path = zipped;
    } else {
      free(zipped);
    }
  }
  ek_tensor *t = ek_idx_load(*path, &st);
  if (t == NULL) (void)fail_io(&st);
  return t;
}

/* Labels of any integer dtype become int64, checked. */
static ek_tensor *check_labels(const ek_tensor *raw, const char *where, int64_t images, int64_t classes) {
  const ek_shape shape = ek_tensor_shape(raw);
  const int64_t n = ek_tensor_num_elements(raw);
  char text[EK_SHAPE_TEXT];
  ek_status st = EK_STATUS_INIT;
  if (!ek_dtype_is_integer(ek_tensor_dtype(raw)))
    return (void)failf("labels", where, "they are %s, they must be integers", ek_dtype_name(ek_tensor_dtype(raw))),
           NULL;
  if (shape.rank < 1 || n != shape.dim[0])
    return (void)failf("labels", where, "their shape is %s, it must be [examples]",
                       ek_shape_format(shape, text, sizeof text)),
           NULL;
  if (n != images)
    return (void)failf("labels", where, "%lld labels for %lld images", (long long)n, (long long)images), NULL;
  ek_tensor *labels = ek_tensor_new(EK_INT64, ek_shape(n), NULL, &st);
  if (labels == NULL) return (void)fail_status("labels", where, &st), NULL;
  int64_t *to = ek_tensor_mutable_data(labels);
  for (int64_t i = 0; i < n; i++) {
    const double label = ek_tensor_number(raw, i);
    if (!(label >= 0 && label < (classes > 0 ? (double)classes : 9e15))) {
      if (classes > 0)
        (void)failf("labels", where, "label %lld is %.0f, it must be in [0, %lld)", (long long)i, label,
                    (long long)classes);
      else
        (void)failf("labels", where, "label %lld is %.0f, it must be at least 0", (long long)i, label);
      ek_tensor_free(labels);
      return NULL;
    }
    to[i] = (int64_t)label;
  }
  return labels;
}

/* Takes both tensors; either may be NULL after an error that was told. */
static bool accept(examples *e, ek_tensor *images, ek_tensor *raw, const char *where_images, const char *where_labels,
                   int64_t classes) {
  bool good = false;
  char text[EK_SHAPE_TEXT];
  e->images = images;
  if (images == NULL || raw == NULL) goto done;
  const ek_shape shape = ek_tensor_shape(images);
  const ek_dtype dtype = ek_tensor_dtype(images);
  if (dtype != EK_UINT8 && dtype != EK_FLOAT32 && dtype != EK_FLOAT64) {
    (void)failf("images", where_images, "they are %s, they must be uint8, float32 or float64", ek_dtype_name(dtype));
    goto done;
  }
  if (shape.rank < 2) {
    (void)failf("images", where_images, "their shape is %s, it must be [examples, ...]",
                ek_shape_format(shape, text, sizeof text));
    goto done;
  }
  e->n = shape.dim[0];
  if (ek_tensor_num_elements(images) == 0) {
    (void)failf("images", where_images, "their shape is %s: there are none", ek_shape_format(shape, text, sizeof text));
    goto done;
  }
  e->pixels = ek_tensor_num_elements(images) / e->n;
  e->labels = check_labels(raw, where_labels, e->n, classes);
  good = e->labels != NULL;
done:
  ek_tensor_free(raw);
  return good;
}

static bool load_folder(examples *e, const char *folder, part which, int64_t classes) {
  const char *images_name = which == PART_TRAIN ? "train-images-idx3-ubyte" : "t10k-images-idx3-ubyte";
  const char *labels_name = which == PART_TRAIN ? "train-labels-idx1-ubyte" : "t10k-labels-idx1-ubyte";
  char *images_path = NULL, *labels_path = NULL;
  ek_tensor *images = load_idx(folder, images_name, &images_path);
  ek_tensor *labels = images != NULL ? load_idx(folder, labels_name, &labels_path) : NULL;
  const bool good = accept(e, images, labels, images_path, labels_path, classes);
  free(images_path);
  free(labels_path);
  return good;
}

static bool load_npz(examples *e, const char *path, part which, int64_t classes) {
  const char *const names[] = {which == PART_TRAIN ? "x_train" : "x_test", which == PART_TRAIN ? "y_train" : "y_test"};
  ek_tensor *t[2] = {NULL, NULL};
  ek_status st = EK_STATUS_INIT;
  ek_npz *z = ek_npz_open(path, &st);
  for (int i = 0; i < 2 && z != NULL; i++) {
    t[i] = ek_npz_get(z, names[i], &st);
    if (t[i] == NULL) break;
  }
  ek_npz_close(z);
  if (t[1] == NULL) (void)fail_io(&st);
  char *where_images = textf("%s: %s", path, names[0]), *where_labels = textf("%s: %s", path, names[1]);
  const bool good = accept(e, t[0], t[1], where_images, where_labels, classes);
  free(where_images);
  free(where_labels);
  return good;
}

bool examples_load(examples *e, const char *from, part which, int64_t classes) {
  *e = (examples){0};
  char *bundled = NULL;
  if (from == NULL) {
    bundled = bundled_digits();
    if (bundled == NULL)
      return (void)fail("data", "the bundled digits", "not found beside the program; use --data"), false;
    from = bundled;
  }
  errno = 0;
  const bool good = !is_there(from)   ? (fail("data", from, NULL), false)
                    : is_folder(from) ? load_folder(e, from, which, classes)
                                      : load_npz(e, from, which, classes);
  free(bundled);
  return good;
}

void examples_free(examples *e) {
  ek_tensor_free(e->images);
  ek_tensor_free(e->labels);
  *e = (examples){0};
}

void examples_copy_images(const examples *e, const int64_t *index, int64_t n, float *to) {
  const void *data = ek_tensor_data(e->images);
  const ek_dtype dtype = ek_tensor_dtype(e->images);
  float scaled[256]; /* a division a pixel would cost as much as a layer */
  for (int i = 0; i < 256; i++) scaled[i] = (float)i / 255.0f;
  for (int64_t i = 0; i < n; i++, to += e->pixels) {
    const int64_t at = index[i] * e->pixels;
    if (dtype == EK_UINT8)
      for (int64_t k = 0; k < e->pixels; k++) to[k] = scaled[((const uint8_t *)data)[at + k]];
    else if (dtype == EK_FLOAT32)
      memcpy(to, (const float *)data + at, (size_t)e->pixels * sizeof *to);
    else
      for (int64_t k = 0; k < e->pixels; k++) to[k] = (float)((const double *)data)[at + k];
  }
}

void examples_copy_labels(const examples *e, const int64_t *index, int64_t n, int64_t *to) {
  const int64_t *labels = ek_tensor_data(e->labels);
  for (int64_t i = 0; i < n; i++) to[i] = labels[index[i]];
}
