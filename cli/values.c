/* SPDX-License-Identifier: Apache-2.0 */
#include "values.h"

#include <stdlib.h>
#include <string.h>

bool values_add(values *v, const char *name, ek_tensor *tensor) {
  for (int i = 0; i < v->n; i++)
    if (strcmp(v->at[i].name, name) == 0) return fail("convert", name, "two tensors of this name"), false;
  if (v->n == v->cap) {
    const int cap = v->cap > 0 ? 2 * v->cap : 64;
    value *more = need_memory((size_t)cap, sizeof *more);
    if (v->n > 0) memcpy(more, v->at, (size_t)v->n * sizeof *more);
    free(v->at);
    v->at = more;
    v->cap = cap;
  }
  v->at[v->n++] = (value){textf("%s", name), ek_tensor_ref(tensor)};
  return true;
}

bool values_from_checkpoint(values *v, const char *prefix) {
  ek_status st = EK_STATUS_INIT;
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(prefix, &st);
  bool good = r != NULL || (fail_io(&st), false);
  for (int i = 0; good && i < ek_checkpoint_reader_num_keys(r); i++) {
    const char *key = ek_checkpoint_reader_key(r, i);
    ek_tensor *t = ek_checkpoint_reader_get_tensor(r, key, &st);
    good = t != NULL ? values_add(v, key, t) : (fail_io(&st), false);
    ek_tensor_free(t);
  }
  ek_checkpoint_reader_free(r);
  return good;
}

bool values_from_npz(values *v, const char *path) {
  ek_status st = EK_STATUS_INIT;
  ek_npz *z = ek_npz_open(path, &st);
  bool good = z != NULL || (fail_io(&st), false);
  for (int i = 0; good && i < ek_npz_num_arrays(z); i++) {
    ek_tensor *t = ek_npz_get(z, ek_npz_name(z, i), &st);
    good = t != NULL ? values_add(v, ek_npz_name(z, i), t) : (fail_io(&st), false);
    ek_tensor_free(t);
  }
  ek_npz_close(z);
  return good;
}

bool values_from_session(values *v, const model *m, ek_session *s, const ek_out *reads) {
  ek_status st = EK_STATUS_INIT;
  int n = 0;
  bool good = true;
  for (int i = 0; good && i < m->n_variables; i++) {
    ek_tensor *t = NULL;
    if (m->variables[i].is_local) continue;
    const ek_fetch fetch = EK_FETCH(reads[n++]);
    good = ek_session_run(s, NULL, 0, &fetch, 1, &t, NULL, 0, NULL, &st) == EK_OK
               ? values_add(v, m->variables[i].key, t)
               : (fail_status("convert", m->path, &st), false);
    ek_tensor_free(t);
  }
  return good;
}

static int by_name(const void *a, const void *b) { return strcmp(((const value *)a)->name, ((const value *)b)->name); }

bool values_to_checkpoint(const values *v, const char *prefix) {
  ek_status st = EK_STATUS_INIT;
  value *sorted = need_memory((size_t)v->n, sizeof *sorted);
  const char **names = need_memory((size_t)v->n, sizeof *names);
  const ek_tensor **tensors = need_memory((size_t)v->n, sizeof *tensors);
  if (v->n > 0) memcpy(sorted, v->at, (size_t)v->n * sizeof *sorted);
  qsort(sorted, (size_t)v->n, sizeof *sorted, by_name);
  for (int i = 0; i < v->n; i++) names[i] = sorted[i].name, tensors[i] = sorted[i].tensor;
  const ek_code rc = ek_checkpoint_write(prefix, names, tensors, v->n, &st);
  free(sorted), free(names), free(tensors);
  return rc == EK_OK || (fail_io(&st), false);
}

bool values_to_npz(const values *v, const char *path) {
  ek_status st = EK_STATUS_INIT;
  ek_npz_writer *w = ek_npz_writer_new(path, false, &st);
  bool good = w != NULL;
  for (int i = 0; good && i < v->n; i++) good = ek_npz_writer_add(w, v->at[i].name, v->at[i].tensor, &st) == EK_OK;
  good = good && ek_npz_writer_finish(w, &st) == EK_OK;
  if (!good) (void)fail_io(&st);
  ek_npz_writer_free(w);
  return good;
}

void values_free(values *v) {
  for (int i = 0; i < v->n; i++) {
    free(v->at[i].name);
    ek_tensor_free(v->at[i].tensor);
  }
  free(v->at);
  *v = (values){0};
}
