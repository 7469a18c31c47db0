/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/meta_graph.h"

#include "formats/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLLECTIONS = 10000 };

typedef struct ek__meta_reader {
  ek_graph *g;
  const Ek__MetaGraphDef *meta;
  const char *what, *scope; /* scope "": none */
  ek__arena arena;
  int32_t *variables; /* by op id: the variable that was made for the op */
  bool old_variables; /* written before VariableDef said whether they are trainable */
  ek_status *st;
} ek__meta_reader;

/* A message in a bytes list, its names in the scope. */
static ek_code unpack(ek__meta_reader *r, const ProtobufCMessageDescriptor *d, ProtobufCBinaryData bytes,
                      ProtobufCMessage **out) {
  const ek_allocator a = ek__arena_allocator(&r->arena);
  EK_TRY(ek__proto_unpack(d, bytes.data, bytes.len, r->what, &a, out, r->st));
  return ek__scope_names(*out, r->scope, &r->arena, r->st);
}

/* The same variable is in several collections. */
static ek_code add_variable(ek__meta_reader *r, const char *key, ProtobufCBinaryData bytes) {
  ProtobufCMessage *m = NULL;
  ek__variable v;
  EK_TRY(unpack(r, &ek__variable_def__descriptor, bytes, &m));
  EK_TRY(ek__variable_from_proto(r->g, (const Ek__VariableDef *)m, &r->arena, &v, r->st));
  if (r->old_variables) v.trainable = strcmp(key, EK_TRAINABLE_VARIABLES) == 0;
  int32_t *known = &r->variables[v.op.id];
  if (*known == 0) {
    if (v.save_slice.size > 0) {
      char *kept = ek__arena_strndup(&r->g->arena, v.save_slice.data, v.save_slice.size);
      if (kept == NULL) return ek__no_memory(r->st, r->what, v.save_slice.size);
      v.save_slice.data = kept;
    }
    *known = ek__variable_add(r->g, &v).id;
  }
  ek_add_variable_to_collection(r->g, key, (ek_variable){*known});
  return EK_OK;
}

static ek_code add_context(ek__meta_reader *r, const char *key, bool is_cond, ProtobufCBinaryData bytes) {
  ProtobufCMessage *m = NULL;
  ek__context *c = NULL;
  Ek__ControlFlowContextDef def = EK__CONTROL_FLOW_CONTEXT_DEF__INIT;
  EK_TRY(unpack(r, is_cond ? &ek__cond_context_def__descriptor : &ek__while_context_def__descriptor, bytes, &m));
  if (is_cond) {
    def.ctxt_case = EK__CONTROL_FLOW_CONTEXT_DEF__CTXT_COND_CTXT;
    def.cond_ctxt = (Ek__CondContextDef *)m;
  } else {
    def.ctxt_case = EK__CONTROL_FLOW_CONTEXT_DEF__CTXT_WHILE_CTXT;
    def.while_ctxt = (Ek__WhileContextDef *)m;
  }
  EK_TRY(ek__context_from_proto(r->g, &def, NULL, &c, r->st));
  ek_add_to_collection(r->g, key, (ek_item){.kind = EK_ITEM_CONTEXT, .v.i = c->number});
  return EK_OK;
}

static ek_text text_of(ProtobufCBinaryData b) { return (ek_text){b.len > 0 ? (const char *)b.data : "", b.len}; }

static ek_code add_bytes(ek__meta_reader *r, const char *key, ProtobufCBinaryData bytes) {
  if (ek__is_variable_key(key)) return add_variable(r, key, bytes);
  if (strcmp(key, EK_COND_CONTEXT) == 0) return add_context(r, key, true, bytes);
  if (strcmp(key, EK_WHILE_CONTEXT) == 0) return add_context(r, key, false, bytes);
  ek_add_to_collection(r->g, key, (ek_item){.kind = EK_ITEM_BYTES, .v.bytes = text_of(bytes)});
  return EK_OK;
}

/* "op" is an op, "op:k" an output. The name of an output that an op of unknown type may have, or not, is kept. */
static ek_code add_node(ek__meta_reader *r, const char *key, char *name) {
  Ek__CollectionDef__NodeList one = EK__COLLECTION_DEF__NODE_LIST__INIT;
  one.n_value = 1;
  one.value = &name;
  EK_TRY(ek__scope_names(&one.base, r->scope, &r->arena, r->st));
  const char *colon = strrchr(name, ':');
  const ek_out out = colon != NULL ? ek_graph_find_out(r->g, name) : (ek_out){0, 0};
  const size_t size = colon != NULL ? (size_t)(colon - name) : strlen(name);
  const char *op_name = ek__arena_strndup(&r->arena, name, size);
  if (op_name == NULL) return ek__no_memory(r->st, r->what, size);
  const ek_op op = ek_graph_find_op(r->g, op_name);
  EK_REQUIRE(op.id != 0, r->st, EK_INVALID_ARGUMENT, "it names '%.80s', but the graph has no op '%.80s'", name,
             op_name);
  EK_REQUIRE(colon == NULL || out.op != 0 || ek_op_can_run(r->g, op, NULL) != EK_OK, r->st, EK_INVALID_ARGUMENT,
             "it names '%.80s', but %s '%.80s' has only %d outputs", name, ek_op_type(r->g, op), op_name,
             ek_op_num_outputs(r->g, op));
  ek_item item = {.kind = EK_ITEM_OP, .v.op = op};
  if (out.op != 0)
    item = (ek_item){.kind = EK_ITEM_OUT, .v.out = out};
  else if (colon != NULL)
    item = (ek_item){.kind = EK_ITEM_NAME, .v.bytes = {name, strlen(name)}};
  ek_add_to_collection(r->g, key, item);
  return EK_OK;
}

static ek_code add_any(ek__meta_reader *r, const char *key, const Ek__Any *any) {
  const size_t size = ek__any__get_packed_size(any);
  uint8_t *bytes = ek__arena_alloc(&r->arena, size);
  if (bytes == NULL) return ek__no_memory(r->st, r->what, size);
  (void)ek__any__pack(any, bytes);
  ek_add_to_collection(r->g, key, (ek_item){.kind = EK_ITEM_ANY, .v.bytes = {(const char *)bytes, size}});
  return EK_OK;
}

static ek_code read_collection(ek__meta_reader *r, const char *key, const Ek__CollectionDef *def) {
  if (def == NULL) return EK_OK;
  switch (def->kind_case) {
  case EK__COLLECTION_DEF__KIND_NODE_LIST:
    for (size_t i = 0; i < def->node_list->n_value; i++) EK_TRY(add_node(r, key, def->node_list->value[i]));
    break;
  case EK__COLLECTION_DEF__KIND_BYTES_LIST:
    for (size_t i = 0; i < def->bytes_list->n_value; i++) EK_TRY(add_bytes(r, key, def->bytes_list->value[i]));
    break;
  case EK__COLLECTION_DEF__KIND_INT64_LIST:
    for (size_t i = 0; i < def->int64_list->n_value; i++) {
      ek_add_to_collection(r->g, key, (ek_item){.kind = EK_ITEM_INT, .v.i = def->int64_list->value[i]});
    }
    break;
  case EK__COLLECTION_DEF__KIND_FLOAT_LIST:
    for (size_t i = 0; i < def->float_list->n_value; i++) {
      ek_add_to_collection(r->g, key, (ek_item){.kind = EK_ITEM_FLOAT, .v.f = def->float_list->value[i]});
    }
    break;
  case EK__COLLECTION_DEF__KIND_ANY_LIST:
    for (size_t i = 0; i < def->any_list->n_value; i++) EK_TRY(add_any(r, key, def->any_list->value[i]));
    break;
  default: break;
  }
  return ek_graph_status(r->g, r->st);
}

/* Trainable variables first, since they tell old files' variables apart, then the others by key. */
static int by_key(const void *a, const void *b) {
  const char *x = (*(Ek__MetaGraphDef__CollectionDefEntry *const *)a)->key;
  const char *y = (*(Ek__MetaGraphDef__CollectionDefEntry *const *)b)->key;
  const int first_x = strcmp(x, EK_TRAINABLE_VARIABLES) == 0, first_y = strcmp(y, EK_TRAINABLE_VARIABLES) == 0;
  return first_x != first_y ? first_y - first_x : strcmp(x, y);
}

static ek_code read_collections(ek__meta_reader *r) {
  const size_t n = r->meta->n_collection_def;
  EK_REQUIRE(n <= MAX_COLLECTIONS, r->st, EK_INVALID_ARGUMENT, "%s: %zu collections; at most %d", r->what, n,
             MAX_COLLECTIONS);
  r->variables = ek__arena_array(&r->arena, (size_t)r->g->n_nodes + 1, sizeof *r->variables);
  if (r->variables == NULL) return ek__no_memory(r->st, r->what, (size_t)r->g->n_nodes);
  int major = 2, minor = 0;
  const Ek__MetaGraphDef__MetaInfoDef *info = r->meta->meta_info_def;
  if (info != NULL && sscanf(info->tensorflow_version, "%4d.%4d", &major, &minor) == 2) {
    r->old_variables = major < 1 || (major == 1 && minor < 9);
  }
  if (n > 0) qsort(r->meta->collection_def, n, sizeof *r->meta->collection_def, by_key);
  for (size_t i = 0; i < n; i++) {
    const Ek__MetaGraphDef__CollectionDefEntry *e = r->meta->collection_def[i];
    ek_status why = EK_STATUS_INIT, *st = r->st;
    r->st = &why;
    const ek_code code = read_collection(r, e->key, e->value);
    r->st = st;
    EK_REQUIRE(code == EK_OK, st, code, "%s: collection '%.60s': %s", r->what, e->key, why.msg);
  }
  return EK_OK;
}

static ek_code read_saver(ek__meta_reader *r, ek_saver_def *saver) {
  Ek__SaverDef *def = r->meta->saver_def;
  if (saver == NULL) return EK_OK;
  *saver = (ek_saver_def){0};
  if (def == NULL) return EK_OK;
  Ek__SaverDef scoped = *def; /* the arena's strings must not get into a message that is freed */
  EK_TRY(ek__scope_names(&scoped.base, r->scope, &r->arena, r->st));
  *saver = (ek_saver_def){.filename_tensor_name = ek__graph_strdup(r->g, scoped.filename_tensor_name),
                          .save_tensor_name = ek__graph_strdup(r->g, scoped.save_tensor_name),
                          .restore_op_name = ek__graph_strdup(r->g, scoped.restore_op_name),
                          .max_to_keep = def->max_to_keep,
                          .sharded = def->sharded != 0,
                          .keep_checkpoint_every_n_hours = def->keep_checkpoint_every_n_hours,
                          .version = (int)def->version};
  return ek_graph_status(r->g, r->st);
}

/* Signatures, assets, what the writer says of itself and what we do not know: kept as it stands, if the file is all
 * that there is to the graph. */
static ek_code keep_rest(ek__meta_reader *r) {
  Ek__MetaGraphDef rest = *r->meta;
  rest.graph_def = NULL;
  rest.saver_def = NULL;
  rest.n_collection_def = 0;
  const size_t size = ek__meta_graph_def__get_packed_size(&rest);
  char *bytes = ek__graph_alloc(r->g, size, 1);
  if (bytes == NULL) return ek_graph_status(r->g, r->st);
  (void)ek__meta_graph_def__pack(&rest, (uint8_t *)bytes);
  r->g->meta_rest = (ek_text){bytes, size};
  return EK_OK;
}

ek_code ek__meta_graph_import(ek_graph *g, const Ek__MetaGraphDef *meta, size_t size, const char *what,
                              const ek_import_graph_def_opts *o, ek_saver_def *saver, ek_status *st) {
  EK_REQUIRE(meta->graph_def != NULL, st, EK_INVALID_ARGUMENT, "%s: holds no graph", what);
  ek__meta_reader r = {.g = g, .meta = meta, .what = what, .st = st};
  const bool was_empty = g->n_nodes == 0;
  EK_TRY(ek__graph_def_import(g, meta->graph_def, size, what, o, &r.scope, st));
  ek__arena_init(&r.arena, g->allocator);
  ek_code code = read_collections(&r);
  if (code == EK_OK) code = read_saver(&r, saver);
  if (code == EK_OK && was_empty && *r.scope == '\0') code = keep_rest(&r);
  if (code != EK_OK) ek_graph_fail(g, code, "%s", st->msg);
  ek__arena_fini(&r.arena);
  return code;
}

ek_code ek_import_meta_graph(ek_graph *g, const char *path, const ek_import_meta_graph_opts *opts, ek_saver_def *saver,
                             ek_status *st) {
  static const ek_import_meta_graph_opts defaults = EK_IMPORT_META_GRAPH_OPTS_INIT;
  const ek_import_meta_graph_opts *o = opts != NULL ? opts : &defaults;
  ProtobufCMessage *m = NULL;
  size_t size = 0;
  ek_status own = EK_STATUS_INIT;
  if (st == NULL) st = &own;
  (void)ek__unname(&g);
  EK_REQUIRE(o->version == 1u, st, EK_INVALID_ARGUMENT, "import: options of version %u; start from ..._OPTS_INIT",
             o->version);
  EK_TRY(ek__message_read(&ek__meta_graph_def__descriptor, path, g->allocator, &m, &size, st));
  const ek_import_graph_def_opts graph_opts = {.version = 1u,
                                               .prefix = o->import_scope,
                                               .clear_devices = o->clear_devices,
                                               .map_from = o->map_from,
                                               .map_to = o->map_to,
                                               .n_map = o->n_map};
  const ek_code code = ek__meta_graph_import(g, (const Ek__MetaGraphDef *)m, size, path, &graph_opts, saver, st);
  ek__proto_free(g->allocator, m);
  return code;
}
