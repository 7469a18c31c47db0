/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: which tensors a caller feeds and fetches under which names. */
#include "formats/saved_model.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading */

static int by_key(const void *a, const void *b) {
  return strcmp(((const ek_tensor_info *)a)->key, ((const ek_tensor_info *)b)->key);
}

/* A dtype we lack is none; what is no plain tensor has no name. */
static ek_code info_from_proto(const Ek__SignatureDef__TensorInfoEntry *e, ek_tensor_info *out, ek_status *st) {
  const Ek__TensorInfo *info = e->value;
  *out = (ek_tensor_info){.key = e->key, .name = "", .shape = ek_shape_unknown()};
  if (info == NULL) return EK_OK;
  if (info->encoding_case == EK__TENSOR_INFO__ENCODING_NAME) out->name = info->name;
  const ek_dtype dtype = (ek_dtype)info->dtype;
  if (strcmp(ek_dtype_name(dtype), "invalid") != 0) out->dtype = dtype;
  return info->tensor_shape != NULL ? ek__shape_from_proto(info->tensor_shape, &out->shape, st) : EK_OK;
}

static ek_code infos_from_proto(const char *key, Ek__SignatureDef__TensorInfoEntry *const *entries, size_t n,
                                ek__arena *arena, const ek_tensor_info **out, int *n_out, ek_status *st) {
  ek_tensor_info *infos = ek__arena_array(arena, n, sizeof *infos);
  if (infos == NULL) return ek__no_memory(st, "a signature", n * sizeof *infos);
  for (size_t i = 0; i < n; i++) {
    ek_status why = EK_STATUS_INIT;
    const ek_code code = info_from_proto(entries[i], &infos[i], &why);
    EK_REQUIRE(code == EK_OK, st, code, "signature '%.60s': '%.60s': %s", key, entries[i]->key, why.msg);
  }
  qsort(infos, n, sizeof *infos, by_key);
  *out = infos;
  *n_out = (int)n;
  return EK_OK;
}

ek_code ek__signature_from_proto(const char *key, const Ek__SignatureDef *def, ek__arena *arena, ek_signature_def *out,
                                 ek_status *st) {
  *out = (ek_signature_def){.key = key, .method_name = def->method_name};
  EK_TRY(infos_from_proto(key, def->inputs, def->n_inputs, arena, &out->inputs, &out->n_inputs, st));
  return infos_from_proto(key, def->outputs, def->n_outputs, arena, &out->outputs, &out->n_outputs, st);
}

/* ---- writing */

static char *borrow(const char *s) { return (char *)(uintptr_t)s; } /* packing only reads */

static ek_code info_to_proto(const ek_tensor_info *info, ek__arena *arena, Ek__SignatureDef__TensorInfoEntry **out,
                             ek_status *st) {
  Ek__SignatureDef__TensorInfoEntry *e = ek__arena_alloc(arena, sizeof *e);
  Ek__TensorInfo *value = ek__arena_alloc(arena, sizeof *value);
  *out = e;
  if (e == NULL || value == NULL) return ek__no_memory(st, "a signature", sizeof *value);
  ek__signature_def__tensor_info_entry__init(e);
  ek__tensor_info__init(value);
  e->key = borrow(info->key);
  e->value = value;
  value->encoding_case = EK__TENSOR_INFO__ENCODING_NAME;
  value->name = borrow(info->name);
  value->dtype = (Ek__DataType)info->dtype;
  return ek__shape_to_proto(info->shape, arena, &value->tensor_shape, st);
}

static ek_code infos_to_proto(const ek_tensor_info *infos, int n, ek__arena *arena,
                              Ek__SignatureDef__TensorInfoEntry ***out, size_t *n_out, ek_status *st) {
  ek_tensor_info *sorted = ek__arena_array(arena, (size_t)n, sizeof *sorted);
  *out = ek__arena_array(arena, (size_t)n, sizeof **out);
  if (sorted == NULL || *out == NULL) return ek__no_memory(st, "a signature", (size_t)n * sizeof *sorted);
  if (n > 0) memcpy(sorted, infos, (size_t)n * sizeof *sorted);
  if (n > 0) qsort(sorted, (size_t)n, sizeof *sorted, by_key);
  for (int i = 0; i < n; i++) EK_TRY(info_to_proto(&sorted[i], arena, &(*out)[i], st));
  *n_out = (size_t)n;
  return EK_OK;
}

ek_code ek__signature_to_proto(const ek_signature_def *signature, ek__arena *arena,
                               Ek__MetaGraphDef__SignatureDefEntry **out, ek_status *st) {
  Ek__MetaGraphDef__SignatureDefEntry *e = ek__arena_alloc(arena, sizeof *e);
  Ek__SignatureDef *def = ek__arena_alloc(arena, sizeof *def);
  *out = e;
  if (e == NULL || def == NULL) return ek__no_memory(st, "a signature", sizeof *def);
  ek__meta_graph_def__signature_def_entry__init(e);
  ek__signature_def__init(def);
  e->key = borrow(signature->key);
  e->value = def;
  if (signature->method_name != NULL) def->method_name = borrow(signature->method_name);
  EK_TRY(infos_to_proto(signature->inputs, signature->n_inputs, arena, &def->inputs, &def->n_inputs, st));
  return infos_to_proto(signature->outputs, signature->n_outputs, arena, &def->outputs, &def->n_outputs, st);
}

ek_tensor_info ek_build_tensor_info(ek_graph *g, const char *key, ek_out out) {
  const char *name = ek_graph_text(g, "%s:%d", ek_op_name(g, ek_out_op(out)), out.index);
  return (ek_tensor_info){key, name != NULL ? name : "", ek_out_dtype(g, out), ek_out_shape(g, out)};
}
