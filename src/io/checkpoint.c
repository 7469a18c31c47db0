/* SPDX-License-Identifier: Apache-2.0 */
/* The public face of checkpoints. */
#include "evenkeel/io.h"

#include "io/bundle_reader.h"
#include "io/bundle_writer.h"
#include "io/file.h"

#include <string.h>

struct ek_checkpoint_reader {
  ek__bundle_reader *bundle;
};

ek_checkpoint_reader *ek_checkpoint_reader_new(const char *prefix, ek_status *st) {
  const ek_allocator *a = ek_allocator_default();
  ek_checkpoint_reader *r = ek__alloc(a, sizeof *r);
  if (r == NULL) {
    (void)ek__no_memory(st, prefix, sizeof *r);
    return NULL;
  }
  if (ek__bundle_reader_new(prefix, a, &r->bundle, st) != EK_OK) {
    ek__free(a, r, sizeof *r);
    return NULL;
  }
  return r;
}

void ek_checkpoint_reader_free(ek_checkpoint_reader *r) {
  if (r == NULL) return;
  ek__bundle_reader_free(r->bundle);
  ek__free(ek_allocator_default(), r, sizeof *r);
}

int ek_checkpoint_reader_num_keys(const ek_checkpoint_reader *r) { return ek__bundle_reader_num_entries(r->bundle); }

const char *ek_checkpoint_reader_key(const ek_checkpoint_reader *r, int i) {
  const ek__bundle_entry *e = ek__bundle_reader_entry(r->bundle, i);
  return e != NULL ? e->key : NULL;
}

bool ek_checkpoint_reader_has(const ek_checkpoint_reader *r, const char *key) {
  return ek__bundle_reader_find(r->bundle, key) != NULL;
}

ek_dtype ek_checkpoint_reader_dtype(const ek_checkpoint_reader *r, const char *key) {
  const ek__bundle_entry *e = ek__bundle_reader_find(r->bundle, key);
  return e != NULL ? e->dtype : EK_INVALID_DTYPE;
}

ek_shape ek_checkpoint_reader_shape(const ek_checkpoint_reader *r, const char *key) {
  const ek__bundle_entry *e = ek__bundle_reader_find(r->bundle, key);
  return e != NULL ? e->shape : ek_shape_unknown();
}

ek_tensor *ek_checkpoint_reader_get_tensor(const ek_checkpoint_reader *r, const char *key, ek_status *st) {
  ek_tensor *t = NULL;
  (void)ek__bundle_reader_tensor(r->bundle, key, &t, st);
  return t;
}

ek_code ek_checkpoint_write(const char *prefix, const char *const *names, const ek_tensor *const *tensors, int n,
                            ek_status *st) {
  ek__bundle_writer *w = NULL;
  EK_TRY(ek__bundle_writer_new(prefix, ek_allocator_default(), &w, st));
  ek_code code = EK_OK;
  for (int i = 0; i < n && code == EK_OK; i++)
    code = ek__bundle_writer_add(w, names[i], tensors[i]->dtype, tensors[i]->shape, tensors[i]->data, st);
  if (code == EK_OK) code = ek__bundle_writer_finish(w, st);
  ek__bundle_writer_free(w);
  return code;
}

ek_code ek_train_remove_checkpoint(const char *prefix, ek_status *st) { return ek__bundle_remove(prefix, st); }

bool ek_train_checkpoint_exists(const char *prefix) {
  char path[4096];
  const int n = snprintf(path, sizeof path, "%s.index", prefix);
  return n > 0 && (size_t)n < sizeof path && ek__file_exists(path);
}
