/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/saved_model.h"

#include "evenkeel/io.h"
#include "formats/wire.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct ek__saved_meta {
  const Ek__MetaGraphDef *def;
  ek_signature_def *signatures; /* sorted by key */
  int n_signatures;
  ek_asset_file *assets;
  int n_assets;
  const char *init_op; /* or NULL */
} ek__saved_meta;

struct ek_saved_model {
  const ek_allocator *allocator;
  ek__arena arena;
  const char *dir, *path, *variables;
  ProtobufCMessage *message; /* an Ek__SavedModel */
  size_t size;               /* of the file */
  ek__saved_meta *metas;
  int n_metas;
};

static ek_code no_memory(const ek_saved_model *m, ek_status *st) { return ek__no_memory(st, m->path, 0); }

/* ---- what one meta graph tells */

static int by_key(const void *a, const void *b) {
  return strcmp(((const ek_signature_def *)a)->key, ((const ek_signature_def *)b)->key);
}

static ek_code read_signatures(ek_saved_model *m, ek__saved_meta *meta, ek_status *st) {
  const Ek__MetaGraphDef *def = meta->def;
  meta->signatures = ek__arena_array(&m->arena, def->n_signature_def, sizeof *meta->signatures);
  if (meta->signatures == NULL) return no_memory(m, st);
  for (size_t i = 0; i < def->n_signature_def; i++) {
    const Ek__MetaGraphDef__SignatureDefEntry *e = def->signature_def[i];
    ek_status why = EK_STATUS_INIT;
    if (e->value == NULL) continue;
    const ek_code code =
        ek__signature_from_proto(e->key, e->value, &m->arena, &meta->signatures[meta->n_signatures++], &why);
    EK_REQUIRE(code == EK_OK, st, code, "saved model: %s: %s", m->path, why.msg);
  }
  qsort(meta->signatures, (size_t)meta->n_signatures, sizeof *meta->signatures, by_key);
  return EK_OK;
}

static const Ek__CollectionDef *collection(const Ek__MetaGraphDef *def, const char *key) {
  for (size_t i = 0; i < def->n_collection_def; i++)
    if (strcmp(def->collection_def[i]->key, key) == 0) return def->collection_def[i]->value;
  return NULL;
}

static void add_asset(ek__saved_meta *meta, const Ek__AssetFileDef *def) {
  const bool named = def->tensor_info != NULL && def->tensor_info->encoding_case == EK__TENSOR_INFO__ENCODING_NAME;
  meta->assets[meta->n_assets++] = (ek_asset_file){named ? def->tensor_info->name : "", def->filename};
}

/* They are a field of the meta graph; TensorFlow 1 puts them into a collection instead. */
static ek_code read_assets(ek_saved_model *m, ek__saved_meta *meta, ek_status *st) {
  const Ek__CollectionDef *old = collection(meta->def, EK__ASSETS_KEY);
  const bool is_old =
      meta->def->n_asset_file_def == 0 && old != NULL && old->kind_case == EK__COLLECTION_DEF__KIND_ANY_LIST;
  const size_t n = is_old ? old->any_list->n_value : meta->def->n_asset_file_def;
  const ek_allocator a = ek__arena_allocator(&m->arena);
  meta->assets = ek__arena_array(&m->arena, n, sizeof *meta->assets);
  if (meta->assets == NULL) return no_memory(m, st);
  for (size_t i = 0; i < n; i++) {
    if (!is_old) {
      add_asset(meta, meta->def->asset_file_def[i]);
      continue;
    }
    const ProtobufCBinaryData bytes = old->any_list->value[i]->value;
    ProtobufCMessage *asset = NULL;
    EK_TRY(ek__proto_unpack(&ek__asset_file_def__descriptor, bytes.data, bytes.len, m->path, &a, &asset, st));
    add_asset(meta, (const Ek__AssetFileDef *)asset);
  }
  return EK_OK;
}

static const char *find_init_op(const ek__saved_meta *meta) {
  static const char *const keys[] = {EK__MAIN_OP_KEY, EK__LEGACY_INIT_OP_KEY};
  for (int i = 0; i < meta->n_signatures; i++) {
    const ek_signature_def *s = &meta->signatures[i];
    if (strcmp(s->key, EK__INIT_OP_SIGNATURE) == 0 && s->n_outputs > 0) return s->outputs[0].name;
  }
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    const Ek__CollectionDef *c = collection(meta->def, keys[i]);
    if (c != NULL && c->kind_case == EK__COLLECTION_DEF__KIND_NODE_LIST && c->node_list->n_value > 0)
      return c->node_list->value[0];
  }
  return NULL;
}

static ek_code read_metas(ek_saved_model *m, ek_status *st) {
  const Ek__SavedModel *model = (const Ek__SavedModel *)m->message;
  EK_REQUIRE(model->saved_model_schema_version <= EK__SAVED_MODEL_SCHEMA, st, EK_INVALID_ARGUMENT,
             "saved model: %s: is of schema version %lld; this reads version %d", m->path,
             (long long)model->saved_model_schema_version, (int)EK__SAVED_MODEL_SCHEMA);
  m->metas = ek__arena_array(&m->arena, model->n_meta_graphs, sizeof *m->metas);
  if (m->metas == NULL) return no_memory(m, st);
  for (size_t i = 0; i < model->n_meta_graphs; i++, m->n_metas++) {
    ek__saved_meta *meta = &m->metas[i];
    meta->def = model->meta_graphs[i];
    EK_TRY(read_signatures(m, meta, st));
    EK_TRY(read_assets(m, meta, st));
    meta->init_op = find_init_op(meta);
  }
  return EK_OK;
}

/* ---- opened and closed */

static bool has_file(const char *dir, const char *name) {
  ek__arena arena;
  ek__arena_init(&arena, ek_allocator_default());
  const char *path = ek__path_join(&arena, dir, name);
  const bool there = path != NULL && ek__file_exists(path);
  ek__arena_fini(&arena);
  return there;
}

bool ek_saved_model_exists(const char *dir) {
  return has_file(dir, EK__SAVED_MODEL_PB) || has_file(dir, EK__SAVED_MODEL_PBTXT);
}

static ek_code open_dir(ek_saved_model *m, const char *dir, ek_status *st) {
  const bool is_text = !has_file(dir, EK__SAVED_MODEL_PB) && has_file(dir, EK__SAVED_MODEL_PBTXT);
  m->dir = ek__arena_strdup(&m->arena, dir);
  m->path = ek__path_join(&m->arena, dir, is_text ? EK__SAVED_MODEL_PBTXT : EK__SAVED_MODEL_PB);
  m->variables = ek__path_join(&m->arena, dir, EK__VARIABLES_PREFIX);
  if (m->dir == NULL || m->path == NULL || m->variables == NULL) return ek__no_memory(st, dir, 0);
  if (!ek_train_checkpoint_exists(m->variables)) m->variables = NULL;
  EK_TRY(ek__message_read(&ek__saved_model__descriptor, m->path, m->allocator, &m->message, &m->size, st));
  return read_metas(m, st);
}

ek_saved_model *ek_saved_model_open(const char *dir, ek_status *st) {
  const ek_allocator *a = ek_allocator_default();
  ek_saved_model *m = ek__alloc(a, sizeof *m);
  if (m == NULL) {
    (void)ek__no_memory(st, dir, sizeof *m);
    return NULL;
  }
  m->allocator = a;
  ek__arena_init(&m->arena, a);
  if (open_dir(m, dir, st) == EK_OK) return m;
  ek_saved_model_free(m);
  return NULL;
}

void ek_saved_model_free(ek_saved_model *m) {
  if (m == NULL) return;
  ek__proto_free(m->allocator, m->message);
  ek__arena_fini(&m->arena);
  ek__free(m->allocator, m, sizeof *m);
}

/* ---- looking */

static const ek__saved_meta *meta_at(const ek_saved_model *m, int i) {
  return m != NULL && i >= 0 && i < m->n_metas ? &m->metas[i] : NULL;
}

int ek_saved_model_num_meta_graphs(const ek_saved_model *m) { return m->n_metas; }
const char *ek_saved_model_dir(const ek_saved_model *m) { return m->dir; }
const char *ek_saved_model_variables(const ek_saved_model *m) { return m->variables; }

const char *ek_saved_model_tag(const ek_saved_model *m, int i, int k) {
  const ek__saved_meta *meta = meta_at(m, i);
  const Ek__MetaGraphDef__MetaInfoDef *info = meta != NULL ? meta->def->meta_info_def : NULL;
  return info != NULL && k >= 0 && (size_t)k < info->n_tags ? info->tags[k] : NULL;
}

const ek_signature_def *ek_saved_model_signature(const ek_saved_model *m, int i, int k) {
  const ek__saved_meta *meta = meta_at(m, i);
  return meta != NULL && k >= 0 && k < meta->n_signatures ? &meta->signatures[k] : NULL;
}

const ek_signature_def *ek_saved_model_find_signature(const ek_saved_model *m, int i, const char *key) {
  const ek_signature_def *s = NULL;
  for (int k = 0; (s = ek_saved_model_signature(m, i, k)) != NULL; k++)
    if (strcmp(s->key, key) == 0) return s;
  return NULL;
}

const ek_asset_file *ek_saved_model_asset(const ek_saved_model *m, int i, int k) {
  const ek__saved_meta *meta = meta_at(m, i);
  return meta != NULL && k >= 0 && k < meta->n_assets ? &meta->assets[k] : NULL;
}

const char *ek_saved_model_init_op(const ek_saved_model *m, int i) {
  const ek__saved_meta *meta = meta_at(m, i);
  return meta != NULL ? meta->init_op : NULL;
}

static bool has_tag(const ek_saved_model *m, int i, const char *tag) {
  const char *have = NULL;
  for (int k = 0; (have = ek_saved_model_tag(m, i, k)) != NULL; k++)
    if (strcmp(have, tag) == 0) return true;
  return false;
}

static bool has_only(const ek_saved_model *m, int i, const char *const *tags, int n) {
  const char *have = NULL;
  for (int k = 0; k < n; k++)
    if (!has_tag(m, i, tags[k])) return false;
  for (int k = 0; (have = ek_saved_model_tag(m, i, k)) != NULL; k++) {
    bool asked = false;
    for (int j = 0; j < n; j++) asked = asked || strcmp(tags[j], have) == 0;
    if (!asked) return false;
  }
  return true;
}

/* "{serve, gpu} {train}" as far as there is room. */
static void list_tags(const ek_saved_model *m, char *text, size_t size) {
  size_t used = 0;
  *text = '\0';
  for (int i = 0; i < m->n_metas; i++) {
    const char *tag = NULL;
    for (int k = 0; k == 0 || (tag = ek_saved_model_tag(m, i, k)) != NULL; k++) {
      if (k == 0) tag = ek_saved_model_tag(m, i, 0);
      const int n = snprintf(text + used, size - used, "%s%s", k > 0 ? ", " : i > 0 ? "} {" : "{", tag ? tag : "");
      if (n < 0 || (size_t)n >= size - used) return;
      used += (size_t)n;
    }
  }
  if (m->n_metas > 0) (void)snprintf(text + used, size - used, "}");
}

int ek_saved_model_find(const ek_saved_model *m, const char *const *tags, int n, ek_status *st) {
  char have[100];
  for (int i = 0; i < m->n_metas; i++)
    if (has_only(m, i, tags, n)) return i;
  list_tags(m, have, sizeof have);
  (void)ek_status_set(st, EK_NOT_FOUND, "saved model: %s: no meta graph is tagged {%s%s}; there is %s", m->path,
                      n > 0 ? tags[0] : "", n > 1 ? ", ..." : "", m->n_metas > 0 ? have : "none");
  return -1;
}

/* ---- the graph */

ek_code ek_saved_model_import(const ek_saved_model *m, int i, ek_graph *g, const ek_import_meta_graph_opts *opts,
                              ek_saver_def *saver, ek_status *st) {
  static const ek_import_meta_graph_opts defaults = EK_IMPORT_META_GRAPH_OPTS_INIT;
  const ek_import_meta_graph_opts *o = opts != NULL ? opts : &defaults;
  const ek__saved_meta *meta = meta_at(m, i);
  ek_status own = EK_STATUS_INIT;
  if (st == NULL) st = &own;
  (void)ek__unname(&g);
  EK_REQUIRE(o->version == 1u, st, EK_INVALID_ARGUMENT, "import: options of version %u; start from ..._OPTS_INIT",
             o->version);
  EK_REQUIRE(meta != NULL, st, EK_INVALID_ARGUMENT, "saved model: %s: has no meta graph %d", m->path, i);
  const ek_import_graph_def_opts graph_opts = {.version = 1u,
                                               .prefix = o->import_scope,
                                               .clear_devices = o->clear_devices,
                                               .map_from = o->map_from,
                                               .map_to = o->map_to,
                                               .n_map = o->n_map};
  return ek__meta_graph_import(g, meta->def, m->size, m->path, &graph_opts, saver, st);
}
