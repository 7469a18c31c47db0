/* SPDX-License-Identifier: Apache-2.0 */
/* The builder: meta graphs are packed as they come, so that their graphs may change afterwards. */
#include "formats/saved_model.h"

#include "formats/text.h"
#include "formats/wire.h"
#include "io/file.h"
#include "io/folder.h"

#include <stdlib.h>
#include <string.h>

static const char what[] = "saved model";

struct ek_saved_model_builder {
  const ek_allocator *allocator;
  ek__out_folder folder;
  const char *variables; /* NULL until it is asked for */
  Ek__MetaGraphDef **metas;
  int n_metas, cap_metas;
};

ek_saved_model_builder *ek_saved_model_builder_new(const char *dir, ek_status *st) {
  const ek_allocator *a = ek_allocator_default();
  ek_saved_model_builder *b = ek__alloc(a, sizeof *b);
  if (b == NULL) {
    (void)ek__no_memory(st, dir, sizeof *b);
    return NULL;
  }
  b->allocator = a;
  if (ek__out_folder_open(&b->folder, what, dir, a, st) == EK_OK) return b;
  ek_saved_model_builder_free(b);
  return NULL;
}

void ek_saved_model_builder_free(ek_saved_model_builder *b) {
  if (b == NULL) return;
  for (int i = 0; i < b->n_metas; i++) ek__proto_free(b->allocator, &b->metas[i]->base);
  ek__free(b->allocator, b->metas, (size_t)b->cap_metas * sizeof(Ek__MetaGraphDef *));
  ek__out_folder_fini(&b->folder);
  ek__free(b->allocator, b, sizeof *b);
}

const char *ek_saved_model_builder_variables(ek_saved_model_builder *b, ek_status *st) {
  if (b->variables == NULL) b->variables = ek__out_folder_path(&b->folder, EK__VARIABLES_PREFIX, st);
  return b->variables;
}

/* ---- signatures, tags and assets of a meta graph */

static ek_code check_infos(const ek_graph *g, const ek_signature_def *s, const ek_tensor_info *infos, int n,
                           ek_status *st) {
  for (int i = 0; i < n; i++) {
    EK_REQUIRE(ek_graph_find_out(g, infos[i].name).op != 0, st, EK_INVALID_ARGUMENT,
               "%s: signature '%.60s': '%.60s' stands for '%.80s', which is no tensor of the graph", what, s->key,
               infos[i].key, infos[i].name);
    for (int k = 0; k < i; k++) {
      EK_REQUIRE(strcmp(infos[k].key, infos[i].key) != 0, st, EK_INVALID_ARGUMENT,
                 "%s: signature '%.60s' has '%.60s' twice", what, s->key, infos[i].key);
    }
  }
  return EK_OK;
}

static bool is_reserved(const char *key) {
  return strcmp(key, EK__INIT_OP_SIGNATURE) == 0 || strcmp(key, EK__TRAIN_OP_SIGNATURE) == 0;
}

static ek_code check_signatures(const ek_graph *g, const ek_saved_model_opts *o, ek_status *st) {
  for (int i = 0; i < o->n_signatures; i++) {
    const ek_signature_def *s = &o->signatures[i];
    EK_REQUIRE(!is_reserved(s->key), st, EK_INVALID_ARGUMENT, "%s: the key '%s' is reserved", what, s->key);
    for (int k = 0; k < i; k++) {
      EK_REQUIRE(strcmp(o->signatures[k].key, s->key) != 0, st, EK_INVALID_ARGUMENT,
                 "%s: two signatures of the key '%.80s'", what, s->key);
    }
    EK_TRY(check_infos(g, s, s->inputs, s->n_inputs, st));
    EK_TRY(check_infos(g, s, s->outputs, s->n_outputs, st));
  }
  return EK_OK;
}

static int by_key(const void *a, const void *b) {
  return strcmp((*(Ek__MetaGraphDef__SignatureDefEntry *const *)a)->key,
                (*(Ek__MetaGraphDef__SignatureDefEntry *const *)b)->key);
}

/* Those given take the place of those that the graph came with, but for the reserved ones. */
static ek_code set_signatures(Ek__MetaGraphDef *meta, const ek_saved_model_opts *o, ek__arena *arena, ek_status *st) {
  const size_t n_old = meta->n_signature_def;
  if (o->signatures == NULL) return EK_OK;
  Ek__MetaGraphDef__SignatureDefEntry **all =
      ek__arena_array(arena, n_old + (size_t)o->n_signatures, sizeof(Ek__MetaGraphDef__SignatureDefEntry *));
  if (all == NULL) return ek__no_memory(st, what, 0);
  size_t n = 0;
  for (size_t i = 0; i < n_old; i++)
    if (is_reserved(meta->signature_def[i]->key)) all[n++] = meta->signature_def[i];
  for (int i = 0; i < o->n_signatures; i++) EK_TRY(ek__signature_to_proto(&o->signatures[i], arena, &all[n++], st));
  qsort(all, n, sizeof(Ek__MetaGraphDef__SignatureDefEntry *), by_key);
  meta->signature_def = all;
  meta->n_signature_def = n;
  return EK_OK;
}

static ek_code set_tags(Ek__MetaGraphDef *meta, const ek_saved_model_opts *o, ek__arena *arena, ek_status *st) {
  static const char *const serving[] = {EK_TAG_SERVING};
  const char *const *tags = o->tags != NULL ? o->tags : serving;
  const int n = o->tags != NULL ? o->n_tags : 1;
  meta->meta_info_def->tags = ek__arena_array(arena, (size_t)n, sizeof *meta->meta_info_def->tags);
  if (meta->meta_info_def->tags == NULL) return ek__no_memory(st, what, 0);
  for (int i = 0; i < n; i++) meta->meta_info_def->tags[i] = (char *)(uintptr_t)tags[i];
  meta->meta_info_def->n_tags = (size_t)n;
  return EK_OK;
}

static ek_code add_assets(Ek__MetaGraphDef *meta, const ek_saved_model_opts *o, ek__arena *arena, ek_status *st) {
  const size_t n_old = meta->n_asset_file_def;
  if (o->n_assets == 0) return EK_OK;
  Ek__AssetFileDef **all = ek__arena_array(arena, n_old + (size_t)o->n_assets, sizeof(Ek__AssetFileDef *));
  if (all == NULL) return ek__no_memory(st, what, 0);
  if (n_old > 0) memcpy(all, meta->asset_file_def, n_old * sizeof(Ek__AssetFileDef *));
  for (int i = 0; i < o->n_assets; i++) {
    Ek__AssetFileDef *def = ek__arena_alloc(arena, sizeof *def);
    Ek__TensorInfo *info = ek__arena_alloc(arena, sizeof *info);
    if (def == NULL || info == NULL) return ek__no_memory(st, what, 0);
    ek__asset_file_def__init(def);
    ek__tensor_info__init(info);
    info->encoding_case = EK__TENSOR_INFO__ENCODING_NAME;
    info->name = (char *)(uintptr_t)o->assets[i].tensor_name;
    def->tensor_info = info;
    def->filename = (char *)(uintptr_t)o->assets[i].filename;
    all[n_old + (size_t)i] = def;
  }
  meta->asset_file_def = all;
  meta->n_asset_file_def = n_old + (size_t)o->n_assets;
  return EK_OK;
}

/* ---- adding and saving */

static ek_code add_main_op(ek_graph *g, ek_op main_op, ek_status *st) {
  if (main_op.id == 0) return EK_OK;
  EK_REQUIRE(ek_collection_size(g, EK__MAIN_OP_KEY) == 0 && ek_collection_size(g, EK__LEGACY_INIT_OP_KEY) == 0, st,
             EK_INVALID_ARGUMENT, "%s: the graph already has a main op", what);
  ek_add_op_to_collection(g, EK__MAIN_OP_KEY, main_op);
  return ek_graph_status(g, st);
}

/* The message, copied into memory of its own. */
static ek_code keep(ek_saved_model_builder *b, const Ek__MetaGraphDef *meta, ek_status *st) {
  uint8_t *bytes = NULL;
  size_t size = 0;
  ProtobufCMessage *copy = NULL;
  EK_TRY(ek__grow(b->allocator, &b->metas, &b->cap_metas, b->n_metas + 1, sizeof(Ek__MetaGraphDef *), st));
  EK_TRY(ek__proto_pack(&meta->base, what, b->allocator, &bytes, &size, st));
  const ek_code code = ek__proto_unpack(&ek__meta_graph_def__descriptor, bytes, size, what, b->allocator, &copy, st);
  ek__free(b->allocator, bytes, size);
  EK_TRY(code);
  b->metas[b->n_metas++] = (Ek__MetaGraphDef *)copy;
  return EK_OK;
}

ek_code ek_saved_model_builder_add_meta_graph(ek_saved_model_builder *b, ek_graph *g, const ek_saved_model_opts *opts,
                                              ek_status *st) {
  static const ek_saved_model_opts defaults = EK_SAVED_MODEL_OPTS_INIT;
  const ek_saved_model_opts *o = opts != NULL ? opts : &defaults;
  (void)ek__unname(&g);
  EK_REQUIRE(o->version == 1u, st, EK_INVALID_ARGUMENT, "%s: options of version %u; start from ..._OPTS_INIT", what,
             o->version);
  EK_REQUIRE(b->folder.temp != NULL, st, EK_FAILED_PRECONDITION, "%s: %s: is saved already", what, b->folder.path);
  EK_TRY(check_signatures(g, o, st));
  EK_TRY(add_main_op(g, o->main_op, st));
  ek_export_meta_graph_opts export = EK_EXPORT_META_GRAPH_OPTS_INIT;
  export.saver = o->saver;
  export.clear_devices = o->clear_devices;
  ek__arena arena;
  Ek__MetaGraphDef *meta = NULL;
  ek__arena_init(&arena, b->allocator);
  ek_code code = ek__meta_graph_export(g, &export, &arena, &meta, st);
  if (code == EK_OK) code = set_tags(meta, o, &arena, st);
  if (code == EK_OK) code = set_signatures(meta, o, &arena, st);
  if (code == EK_OK) code = add_assets(meta, o, &arena, st);
  if (code == EK_OK) code = keep(b, meta, st);
  ek__arena_fini(&arena);
  return code;
}

ek_code ek_saved_model_builder_add_file(ek_saved_model_builder *b, const char *path, const char *name, ek_status *st) {
  char *bytes = NULL;
  size_t size = 0;
  const char *target = ek__out_folder_path(&b->folder, name, st);
  if (target == NULL) return EK_INVALID_ARGUMENT;
  EK_TRY(ek__file_read("asset", path, INT32_MAX, b->allocator, &bytes, &size, st));
  const ek_code code = ek__file_replace(what, target, bytes, size, st);
  ek__free(b->allocator, bytes, size + 1);
  return code;
}

ek_code ek_saved_model_builder_save(ek_saved_model_builder *b, bool as_text, ek_status *st) {
  EK_REQUIRE(b->folder.temp != NULL, st, EK_FAILED_PRECONDITION, "%s: %s: is saved already", what, b->folder.path);
  const char *path = ek__out_folder_path(&b->folder, as_text ? EK__SAVED_MODEL_PBTXT : EK__SAVED_MODEL_PB, st);
  if (path == NULL) return EK_RESOURCE_EXHAUSTED;
  Ek__SavedModel model = EK__SAVED_MODEL__INIT;
  model.saved_model_schema_version = EK__SAVED_MODEL_SCHEMA;
  model.meta_graphs = b->metas;
  model.n_meta_graphs = (size_t)b->n_metas;
  EK_TRY(ek__message_write(&model.base, path, b->allocator, st));
  return ek__out_folder_rename(&b->folder, st);
}
