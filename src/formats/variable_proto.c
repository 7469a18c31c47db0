/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/meta_graph.h"

#include "formats/wire.h"
#include "graph/infer.h"

#include <string.h>

bool ek__is_variable_key(const char *key) {
  static const char *const keys[] = {EK_GLOBAL_VARIABLES, EK_TRAINABLE_VARIABLES, EK_MOVING_AVERAGE_VARIABLES,
                                     EK_LOCAL_VARIABLES,  EK_MODEL_VARIABLES,     EK_METRIC_VARIABLES,
                                     EK_GLOBAL_STEP};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    if (strcmp(keys[i], key) == 0) return true;
  return false;
}

/* ---- reading */

static ek_code find_out(const ek_graph *g, const Ek__VariableDef *def, const char *name, ek_out *out, ek_status *st) {
  *out = (ek_out){0, 0};
  if (*name == '\0') return EK_OK;
  *out = ek_graph_find_out(g, name);
  EK_REQUIRE(out->op != 0, st, EK_INVALID_ARGUMENT, "variable '%.80s': the graph has no '%.80s'", def->variable_name,
             name);
  return EK_OK;
}

ek_code ek__variable_from_proto(const ek_graph *g, const Ek__VariableDef *def, ek__arena *arena, ek__variable *out,
                                ek_status *st) {
  ek_out handle = {0, 0};
  EK_TRY(find_out(g, def, def->variable_name, &handle, st));
  EK_REQUIRE(handle.op != 0, st, EK_INVALID_ARGUMENT, "a variable without name");
  *out = (ek__variable){.name = ek_op_name(g, ek_out_op(handle)),
                        .op = ek_out_op(handle),
                        .initializer = ek_graph_find_op(g, def->initializer_name),
                        .is_resource = def->is_resource != 0,
                        .trainable = def->trainable != 0,
                        .synchronization = (int)def->synchronization,
                        .aggregation = (int)def->aggregation};
  EK_REQUIRE(out->initializer.id != 0 || *def->initializer_name == '\0', st, EK_INVALID_ARGUMENT,
             "variable '%.80s': the graph has no '%.80s'", def->variable_name, def->initializer_name);
  EK_TRY(find_out(g, def, def->initial_value_name, &out->initial_value, st));
  EK_TRY(find_out(g, def, def->snapshot_name, &out->snapshot, st));
  const ek__node *n = ek__node_of(g, out->op);
  const ek_attr *dtype = ek__attr_find(n, "dtype"), *shape = ek__attr_find(n, "shape");
  out->dtype = dtype != NULL && dtype->kind == EK_ATTR_TYPE ? dtype->v.type : ek_out_dtype(g, handle);
  out->shape = shape != NULL && shape->kind == EK_ATTR_SHAPE ? shape->v.shape : ek_out_shape(g, handle);
  if (def->save_slice_info_def != NULL) {
    const size_t size = ek__save_slice_info_def__get_packed_size(def->save_slice_info_def);
    uint8_t *bytes = ek__arena_alloc(arena, size);
    if (bytes == NULL) return ek__no_memory(st, "a variable", size);
    (void)ek__save_slice_info_def__pack(def->save_slice_info_def, bytes);
    out->save_slice = (ek_text){(const char *)bytes, size};
  }
  return EK_OK;
}

/* ---- writing */

static ek_code out_name(const ek_graph *g, ek_out out, ek__arena *arena, char **name, ek_status *st) {
  if (ek__type_of(g, out) == NULL) return EK_OK; /* stays empty */
  *name = ek__out_text(g, out, arena, st);
  return *name != NULL ? EK_OK : EK_RESOURCE_EXHAUSTED;
}

ek_code ek__variable_to_proto(const ek_graph *g, const ek__variable *v, ek__arena *arena, Ek__VariableDef **out,
                              ek_status *st) {
  Ek__VariableDef *def = ek__arena_alloc(arena, sizeof *def);
  *out = def;
  if (def == NULL) return ek__no_memory(st, "a variable", sizeof *def);
  ek__variable_def__init(def);
  EK_TRY(out_name(g, ek_op_output(v->op, 0), arena, &def->variable_name, st));
  EK_TRY(out_name(g, v->snapshot, arena, &def->snapshot_name, st));
  EK_TRY(out_name(g, v->initial_value, arena, &def->initial_value_name, st));
  def->initializer_name = (char *)(uintptr_t)ek_op_name(g, v->initializer); /* packing only reads */
  def->is_resource = v->is_resource;
  def->trainable = v->trainable;
  def->synchronization = (Ek__VariableSynchronization)v->synchronization;
  def->aggregation = (Ek__VariableAggregation)v->aggregation;
  if (v->save_slice.size == 0) return EK_OK;
  const ek_allocator a = ek__arena_allocator(arena);
  ProtobufCMessage *m = NULL;
  EK_TRY(ek__proto_unpack(&ek__save_slice_info_def__descriptor, v->save_slice.data, v->save_slice.size, "a variable",
                          &a, &m, st));
  def->save_slice_info_def = (Ek__SaveSliceInfoDef *)m;
  return EK_OK;
}
