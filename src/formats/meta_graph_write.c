/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/meta_graph.h"

#include "formats/wire.h"

#include <stdlib.h>
#include <string.h>

typedef struct ek__meta_writer {
  const ek_graph *g;
  ek__arena *arena;
  ek__context_index contexts;
  ek_status *st;
} ek__meta_writer;

static ek_code no_memory(const ek__meta_writer *w) { return ek__no_memory(w->st, "exporting a meta graph", 0); }

/* A message as the bytes of a bytes list. */
static ek_code pack(const ek__meta_writer *w, const ProtobufCMessage *m, ProtobufCBinaryData *out) {
  const size_t size = protobuf_c_message_get_packed_size(m);
  out->data = ek__arena_alloc(w->arena, size);
  if (out->data == NULL) return no_memory(w);
  out->len = protobuf_c_message_pack(m, out->data);
  return EK_OK;
}

/* ---- what an item is written as */

static Ek__CollectionDef__KindCase kind_of(const char *key, const ek_item *item) {
  switch (item->kind) {
  case EK_ITEM_VARIABLE:
    return ek__is_variable_key(key) ? EK__COLLECTION_DEF__KIND_BYTES_LIST : EK__COLLECTION_DEF__KIND_NODE_LIST;
  case EK_ITEM_BYTES:
  case EK_ITEM_CONTEXT: return EK__COLLECTION_DEF__KIND_BYTES_LIST;
  case EK_ITEM_INT: return EK__COLLECTION_DEF__KIND_INT64_LIST;
  case EK_ITEM_FLOAT: return EK__COLLECTION_DEF__KIND_FLOAT_LIST;
  case EK_ITEM_ANY: return EK__COLLECTION_DEF__KIND_ANY_LIST;
  default: return EK__COLLECTION_DEF__KIND_NODE_LIST;
  }
}

static ek_code name_of(const ek__meta_writer *w, const ek_item *item, char **out) {
  ek_out value = item->v.out;
  switch (item->kind) {
  case EK_ITEM_OP: *out = (char *)(uintptr_t)ek_op_name(w->g, item->v.op); return EK_OK; /* packing only reads */
  case EK_ITEM_NAME: *out = (char *)(uintptr_t)item->v.bytes.data; return EK_OK;
  case EK_ITEM_VARIABLE: value = ek_op_output(ek_variable_op(w->g, item->v.variable), 0); break;
  default: break;
  }
  *out = ek__out_text(w->g, value, w->arena, w->st);
  return *out != NULL ? EK_OK : EK_RESOURCE_EXHAUSTED;
}

static ek_code bytes_of(const ek__meta_writer *w, const ek_item *item, ProtobufCBinaryData *out) {
  if (item->kind == EK_ITEM_VARIABLE) {
    Ek__VariableDef *def = NULL;
    const ek__variable *v = ek__variable_at(w->g, item->v.variable);
    EK_REQUIRE(v != NULL, w->st, EK_INVALID_ARGUMENT, "a collection holds a variable that the graph lacks");
    EK_TRY(ek__variable_to_proto(w->g, v, w->arena, &def, w->st));
    return pack(w, &def->base, out);
  }
  if (item->kind == EK_ITEM_CONTEXT) {
    Ek__ControlFlowContextDef *def = NULL;
    EK_REQUIRE(item->v.i >= 0 && item->v.i < w->g->n_contexts, w->st, EK_INVALID_ARGUMENT,
               "a collection holds a context that the graph lacks");
    EK_TRY(ek__context_to_proto(w->g, w->g->contexts[item->v.i], &w->contexts, w->arena, &def, w->st));
    return pack(w,
                def->ctxt_case == EK__CONTROL_FLOW_CONTEXT_DEF__CTXT_COND_CTXT ? &def->cond_ctxt->base
                                                                               : &def->while_ctxt->base,
                out);
  }
  *out = (ProtobufCBinaryData){item->v.bytes.size, (uint8_t *)(uintptr_t)item->v.bytes.data};
  return EK_OK;
}

static ek_code any_of(const ek__meta_writer *w, const ek_item *item, Ek__Any **out) {
  const ek_allocator a = ek__arena_allocator(w->arena);
  ProtobufCMessage *m = NULL;
  EK_TRY(ek__proto_unpack(&ek__any__descriptor, item->v.bytes.data, item->v.bytes.size, "a collection", &a, &m, w->st));
  *out = (Ek__Any *)m;
  return EK_OK;
}

/* ---- collections */

/* The list of def's kind, with room for n items; NULL if memory is out. */
static void *new_list(const ek__meta_writer *w, Ek__CollectionDef *def, size_t n) {
  void *items = ek__arena_array(w->arena, n, sizeof(ProtobufCBinaryData));      /* no item is larger */
  void *list = ek__arena_alloc(w->arena, sizeof(Ek__CollectionDef__BytesList)); /* all are of one size */
  _Static_assert(sizeof(Ek__CollectionDef__BytesList) == sizeof(Ek__CollectionDef__NodeList) &&
                     sizeof(Ek__CollectionDef__BytesList) == sizeof(Ek__CollectionDef__Int64List) &&
                     sizeof(Ek__CollectionDef__BytesList) == sizeof(Ek__CollectionDef__FloatList) &&
                     sizeof(Ek__CollectionDef__BytesList) == sizeof(Ek__CollectionDef__AnyList),
                 "a list is a count and a pointer");
  if (items == NULL || list == NULL) return NULL;
  switch (def->kind_case) {
  case EK__COLLECTION_DEF__KIND_NODE_LIST: ek__collection_def__node_list__init(def->node_list = list); break;
  case EK__COLLECTION_DEF__KIND_BYTES_LIST: ek__collection_def__bytes_list__init(def->bytes_list = list); break;
  case EK__COLLECTION_DEF__KIND_INT64_LIST: ek__collection_def__int64_list__init(def->int64_list = list); break;
  case EK__COLLECTION_DEF__KIND_FLOAT_LIST: ek__collection_def__float_list__init(def->float_list = list); break;
  default: ek__collection_def__any_list__init(def->any_list = list); break;
  }
  ((Ek__CollectionDef__BytesList *)list)->value = items;
  return list;
}

static ek_code write_item(const ek__meta_writer *w, const ek_item *item, Ek__CollectionDef *def) {
  switch (def->kind_case) {
  case EK__COLLECTION_DEF__KIND_NODE_LIST: return name_of(w, item, &def->node_list->value[def->node_list->n_value++]);
  case EK__COLLECTION_DEF__KIND_BYTES_LIST:
    return bytes_of(w, item, &def->bytes_list->value[def->bytes_list->n_value++]);
  case EK__COLLECTION_DEF__KIND_INT64_LIST:
    def->int64_list->value[def->int64_list->n_value++] = item->v.i;
    return EK_OK;
  case EK__COLLECTION_DEF__KIND_FLOAT_LIST:
    def->float_list->value[def->float_list->n_value++] = item->v.f;
    return EK_OK;
  default: return any_of(w, item, &def->any_list->value[def->any_list->n_value++]);
  }
}

/* Appends collection c to meta, unless it is empty or its items are not of one kind. */
static ek_code write_collection(const ek__meta_writer *w, const ek__collection *c, Ek__MetaGraphDef *meta) {
  if (c->n == 0) return EK_OK;
  const Ek__CollectionDef__KindCase kind = kind_of(c->key, &c->items[0]);
  for (int i = 1; i < c->n; i++)
    if (kind_of(c->key, &c->items[i]) != kind) return EK_OK;
  Ek__MetaGraphDef__CollectionDefEntry *e = ek__arena_alloc(w->arena, sizeof *e);
  Ek__CollectionDef *def = ek__arena_alloc(w->arena, sizeof *def);
  if (e == NULL || def == NULL) return no_memory(w);
  ek__meta_graph_def__collection_def_entry__init(e);
  ek__collection_def__init(def);
  e->key = (char *)(uintptr_t)c->key;
  e->value = def;
  def->kind_case = kind;
  if (new_list(w, def, (size_t)c->n) == NULL) return no_memory(w);
  for (int i = 0; i < c->n; i++) EK_TRY(write_item(w, &c->items[i], def));
  meta->collection_def[meta->n_collection_def++] = e;
  return EK_OK;
}

static int by_key(const void *a, const void *b) {
  return strcmp((*(Ek__MetaGraphDef__CollectionDefEntry *const *)a)->key,
                (*(Ek__MetaGraphDef__CollectionDefEntry *const *)b)->key);
}

static ek_code write_collections(ek__meta_writer *w, Ek__MetaGraphDef *meta) {
  const size_t n = (size_t)w->g->n_collections;
  EK_TRY(ek__context_index_make(w->g, w->arena, &w->contexts, w->st));
  meta->collection_def = ek__arena_array(w->arena, n, sizeof *meta->collection_def);
  if (meta->collection_def == NULL) return no_memory(w);
  for (size_t i = 0; i < n; i++) EK_TRY(write_collection(w, &w->g->collections[i], meta));
  qsort(meta->collection_def, meta->n_collection_def, sizeof *meta->collection_def, by_key);
  return EK_OK;
}

/* ---- the whole */

static ek_code write_saver(const ek__meta_writer *w, const ek_saver_def *saver, Ek__MetaGraphDef *meta) {
  Ek__SaverDef *def = ek__arena_alloc(w->arena, sizeof *def);
  if (def == NULL) return no_memory(w);
  ek__saver_def__init(def);
  if (saver->filename_tensor_name != NULL) def->filename_tensor_name = (char *)(uintptr_t)saver->filename_tensor_name;
  if (saver->save_tensor_name != NULL) def->save_tensor_name = (char *)(uintptr_t)saver->save_tensor_name;
  if (saver->restore_op_name != NULL) def->restore_op_name = (char *)(uintptr_t)saver->restore_op_name;
  def->max_to_keep = saver->max_to_keep;
  def->sharded = saver->sharded;
  def->keep_checkpoint_every_n_hours = saver->keep_checkpoint_every_n_hours;
  def->version = (Ek__SaverDef__CheckpointFormatVersion)saver->version;
  meta->saver_def = def;
  return EK_OK;
}

/* What the graph brought from its file, else an empty message. */
static ek_code begin(const ek__meta_writer *w, Ek__MetaGraphDef **out) {
  const ek_allocator a = ek__arena_allocator(w->arena);
  const ek_text rest = w->g->meta_rest;
  ProtobufCMessage *m = NULL;
  EK_TRY(
      ek__proto_unpack(&ek__meta_graph_def__descriptor, rest.data, rest.size, "a graph's signatures", &a, &m, w->st));
  *out = (Ek__MetaGraphDef *)m;
  if ((*out)->meta_info_def != NULL) return EK_OK;
  (*out)->meta_info_def = ek__arena_alloc(w->arena, sizeof *(*out)->meta_info_def);
  if ((*out)->meta_info_def == NULL) return no_memory(w);
  ek__meta_graph_def__meta_info_def__init((*out)->meta_info_def);
  return EK_OK;
}

ek_code ek__meta_graph_export(const ek_graph *g, const ek_export_meta_graph_opts *o, ek__arena *arena,
                              Ek__MetaGraphDef **out, ek_status *st) {
  EK_REQUIRE(o->version == 1u, st, EK_INVALID_ARGUMENT, "export: options of version %u; start from ..._OPTS_INIT",
             o->version);
  ek__meta_writer w = {.g = g, .arena = arena, .st = st};
  ek_export_graph_def_opts graph_opts = EK_EXPORT_GRAPH_DEF_OPTS_INIT;
  graph_opts.add_shapes = true;
  graph_opts.clear_devices = o->clear_devices;
  Ek__MetaGraphDef *meta = NULL;
  EK_TRY(begin(&w, &meta));
  *out = meta;
  EK_TRY(ek__graph_def_export(g, &graph_opts, arena, &meta->graph_def, st));
  if (o->saver != NULL) EK_TRY(write_saver(&w, o->saver, meta));
  return write_collections(&w, meta);
}

ek_code ek_export_meta_graph(const ek_graph *g, const char *path, const ek_export_meta_graph_opts *opts,
                             ek_status *st) {
  static const ek_export_meta_graph_opts defaults = EK_EXPORT_META_GRAPH_OPTS_INIT;
  ek__arena arena;
  Ek__MetaGraphDef *meta = NULL;
  ek__arena_init(&arena, g->allocator);
  ek_code code = ek__meta_graph_export(g, opts != NULL ? opts : &defaults, &arena, &meta, st);
  if (code == EK_OK) code = ek__message_write(&meta->base, path, g->allocator, st);
  ek__arena_fini(&arena);
  return code;
}
