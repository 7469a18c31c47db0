/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_with(const char *text, const char *end) {
  const size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

/* Which of the two messages a text file holds is told by its first field. */
static bool is_meta_text(const char *path) {
  static const char *const fields[] = {"meta_info_def", "graph_def",      "saver_def",       "collection_def",
                                       "signature_def", "asset_file_def", "object_graph_def"};
  char word[32] = "";
  size_t n = 0;
  FILE *f = fopen(path, "rb");
  if (f == NULL) return false; /* reading it will say why */
  int c = getc(f);
  while (c != EOF && (isspace(c) || c == ';' || c == ',' || c == '#')) {
    if (c == '#')
      while (c != EOF && c != '\n') c = getc(f);
    else
      c = getc(f);
  }
  for (; c != EOF && (isalnum(c) || c == '_') && n + 1 < sizeof word; c = getc(f)) word[n++] = (char)c;
  word[n] = '\0';
  (void)fclose(f);
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    if (strcmp(word, fields[i]) == 0) return true;
  return false;
}

static const char *variable_key(ek_graph *g, ek_op op) {
  const ek_attr *shared = ek_op_attr(g, op, "shared_name");
  return shared != NULL && shared->kind == EK_ATTR_STRING && shared->v.s.size > 0 ? shared->v.s.data
                                                                                  : ek_op_name(g, op);
}

static bool is_variable(const char *type) {
  return strcmp(type, "VariableV2") == 0 || strcmp(type, "VarHandleOp") == 0;
}

static void add_variable(model *m, model_variable v) {
  for (int i = 0; i < m->n_variables; i++)
    if (m->variables[i].op.id == v.op.id) return;
  m->variables[m->n_variables++] = v;
}

static void list_collection(model *m, const char *key, bool is_local) {
  const ek_variables list = ek_get_collection_variables(m->graph, key, NULL);
  for (int i = 0; i < list.n; i++) {
    const ek_op op = ek_variable_op(m->graph, list.at[i]);
    add_variable(m, (model_variable){op, ek_variable_name(m->graph, list.at[i]), is_local,
                                     ek_variable_initializer(m->graph, list.at[i])});
  }
}

/* Without collections: the first op that assigns to a variable is taken for its initializer, TensorFlow's NAME/Assign
 * if it is there. */
static void list_nodes(model *m) {
  const int n = ek_graph_num_ops(m->graph);
  for (int i = 0; i < n; i++) {
    const ek_op op = ek_graph_op(m->graph, i);
    if (!is_variable(ek_op_type(m->graph, op))) continue;
    char *assign = textf("%s/Assign", ek_op_name(m->graph, op));
    add_variable(m, (model_variable){op, variable_key(m->graph, op), false, ek_graph_find_op(m->graph, assign)});
    free(assign);
  }
}

static bool count_and_list(model *m) {
  int n = 0;
  for (int i = 0; i < ek_graph_num_ops(m->graph); i++) n += is_variable(ek_op_type(m->graph, ek_graph_op(m->graph, i)));
  n += ek_collection_size(m->graph, EK_GLOBAL_VARIABLES) + ek_collection_size(m->graph, EK_LOCAL_VARIABLES);
  m->variables = need_memory((size_t)n, sizeof *m->variables);
  if (m->is_meta) {
    list_collection(m, EK_GLOBAL_VARIABLES, false);
    list_collection(m, EK_LOCAL_VARIABLES, true);
  } else {
    list_nodes(m);
  }
  ek_status st = EK_STATUS_INIT;
  return ek_graph_status(m->graph, &st) == EK_OK || (fail_status("model", m->path, &st), false);
}

static bool has_tag(const ek_saved_model *saved, int i, const char *tag) {
  const char *have = NULL;
  for (int k = 0; (have = ek_saved_model_tag(saved, i, k)) != NULL; k++)
    if (strcmp(have, tag) == 0) return true;
  return false;
}

/* The meta graph with the one tag "serve", else one that also has others, else the only one. */
static int serving_graph(const ek_saved_model *saved, ek_status *st) {
  static const char *const serve[] = {EK_TAG_SERVING};
  const int n = ek_saved_model_num_meta_graphs(saved), exact = ek_saved_model_find(saved, serve, 1, st);
  for (int i = 0; exact < 0 && i < n; i++)
    if (has_tag(saved, i, EK_TAG_SERVING)) return i;
  return exact < 0 && n == 1 ? 0 : exact;
}

static bool load_saved(model *m, const texts *tags) {
  ek_status st = EK_STATUS_INIT;
  m->is_meta = true;
  m->saved = ek_saved_model_open(m->path, &st);
  if (m->saved == NULL) return fail_file("model", m->path, &st), false;
  m->meta_graph = tags->n > 0 ? ek_saved_model_find(m->saved, tags->at, tags->n, &st) : serving_graph(m->saved, &st);
  if (m->meta_graph < 0) return fail_io(&st), false;
  st = (ek_status)EK_STATUS_INIT;
  if (ek_saved_model_import(m->saved, m->meta_graph, m->graph, NULL, &m->saver, &st) == EK_OK) return count_and_list(m);
  return fail_file("model", m->path, &st), false;
}

bool model_load(model *m, const char *path) { return model_load_tagged(m, path, &(texts){0}); }

bool model_load_tagged(model *m, const char *path, const texts *tags) {
  *m = (model){.path = path};
  ek_status st = EK_STATUS_INIT;
  struct stat s;
  errno = 0;
  if (stat(path, &s) != 0) return fail("model", path, NULL), false;
  const bool is_folder = S_ISDIR(s.st_mode);
  if (is_folder && !ek_saved_model_exists(path))
    return fail("model", path, "is a folder without a SavedModel in it"), false;
  const bool is_text = ends_with(path, ".pbtxt") || ends_with(path, ".txt");
  if (!is_folder && !is_text && !ends_with(path, ".pb") && !ends_with(path, ".meta"))
    return fail("model", path, "its name must end in .meta, .pb or .pbtxt"), false;
  if (!is_folder && tags->n > 0) return fail("model", path, "is no SavedModel: it has no tags to choose by"), false;
  m->graph = ek_graph_new(NULL);
  if (m->graph == NULL) return fail("out of memory", NULL, ""), false;
  if (is_folder) return load_saved(m, tags);
  m->is_meta = is_text ? is_meta_text(path) : ends_with(path, ".meta");
  const ek_code rc = m->is_meta ? ek_import_meta_graph(m->graph, path, NULL, &m->saver, &st)
                                : ek_import_graph_def(m->graph, path, NULL, &st);
  if (rc == EK_OK) return count_and_list(m);
  return fail_file("model", path, &st), false;
}

void model_free(model *m) {
  free(m->variables);
  ek_saved_model_free(m->saved);
  ek_graph_free(m->graph);
  *m = (model){0};
}

ek_out model_read(model *m, ek_op variable) {
  ek_graph *g = m->graph;
  const ek_out out = ek_op_output(variable, 0);
  if (ek_out_dtype(g, out) != EK_RESOURCE) return out;
  const ek_attr *dtype = ek_op_attr(g, variable, "dtype");
  if (dtype == NULL || dtype->kind != EK_ATTR_TYPE) return out;
  return ek_op_output(ek_build(ek_named(g, "evenkeel/read"), "ReadVariableOp", EK_OUTS(out),
                               EK_ATTRS(EK_TYPE_ATTR("dtype", dtype->v.type))),
                      0);
}

bool model_initializers(const model *m, ek_op *ops, int *n) {
  for (int i = 0; i < m->n_variables; i++) {
    const model_variable *v = &m->variables[i];
    if (v->initializer.id == 0) return failf("init", m->path, "variable '%s' has no initializer", v->key), false;
    ops[(*n)++] = v->initializer;
  }
  return true;
}

/* ---- restoring */

static bool prepare_one(model *m, const model_variable *v, const ek_checkpoint_reader *r, model_restore *restore) {
  char found[EK_SHAPE_TEXT], wanted[EK_SHAPE_TEXT];
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = m->graph;
  const ek_attr *dtype = ek_op_attr(g, v->op, "dtype"), *shape = ek_op_attr(g, v->op, "shape");
  if (!ek_checkpoint_reader_has(r, v->key))
    return failf("restore", restore->prefix, "key '%s' is not in the checkpoint", v->key), false;
  ek_tensor *value = ek_checkpoint_reader_get_tensor(r, v->key, &st);
  if (value == NULL) return fail_io(&st), false;
  const bool same_type = dtype != NULL && dtype->v.type == ek_tensor_dtype(value);
  const bool fits = same_type && shape != NULL && ek_shape_compatible(shape->v.shape, ek_tensor_shape(value));
  if (fits) {
    const bool by_handle = ek_out_dtype(g, ek_op_output(v->op, 0)) == EK_RESOURCE;
    const ek_out in = ek_constant(ek_named(g, "evenkeel/value"), value);
    restore->ops[restore->n++] = ek_build(ek_named(g, "evenkeel/restore"), by_handle ? "AssignVariableOp" : "Assign",
                                          EK_OUTS(ek_op_output(v->op, 0), in), EK_NO_ATTRS);
  } else {
    (void)failf("restore", restore->prefix, "key '%s' is %s %s, the variable is %s %s", v->key,
                ek_dtype_name(ek_tensor_dtype(value)), ek_shape_format(ek_tensor_shape(value), found, sizeof found),
                ek_dtype_name(dtype != NULL ? dtype->v.type : EK_INVALID_DTYPE),
                ek_shape_format(shape != NULL ? shape->v.shape : ek_shape_unknown(), wanted, sizeof wanted));
  }
  ek_tensor_free(value);
  return fits;
}

bool model_restore_prepare(model *m, const char *prefix, model_restore *r) {
  *r = (model_restore){.prefix = prefix};
  r->ops = need_memory((size_t)m->n_variables + 1, sizeof *r->ops);
  ek_status st = EK_STATUS_INIT;
  ek_checkpoint_reader *reader = ek_checkpoint_reader_new(prefix, &st);
  if (reader == NULL) return fail_io(&st), false;
  bool good = true;
  if (m->saver.restore_op_name != NULL && *m->saver.restore_op_name != '\0') {
    r->by_saver = true;
    r->ops[r->n++] = ek_graph_find_op(m->graph, m->saver.restore_op_name);
    good = r->ops[0].id != 0 ||
           (failf("restore", m->path, "its saver's op '%s' is not in the graph", m->saver.restore_op_name), false);
  } else {
    for (int i = 0; i < m->n_variables && good; i++)
      if (!m->variables[i].is_local) good = prepare_one(m, &m->variables[i], reader, r);
  }
  ek_checkpoint_reader_free(reader);
  return good;
}

bool model_restore_run(const model *m, const model_restore *r, ek_session *s) {
  ek_status st = EK_STATUS_INIT;
  ek_code rc = EK_OK;
  if (r->by_saver) {
    ek_tensor *prefix = ek_tensor_from_strings(ek_shape_scalar(), &r->prefix, NULL, &st);
    const ek_feed feed = EK_FEED_NAME(m->saver.filename_tensor_name, prefix);
    rc = prefix == NULL ? EK_RESOURCE_EXHAUSTED : ek_session_run(s, &feed, 1, NULL, 0, NULL, r->ops, 1, NULL, &st);
    ek_tensor_free(prefix);
  } else if (r->n > 0) {
    rc = ek_session_run(s, NULL, 0, NULL, 0, NULL, r->ops, r->n, NULL, &st);
  }
  return rc == EK_OK || (fail_file("restore", r->prefix, &st), false);
}

/* Why name is no output: its op is not there, or does not have so many. */
static bool no_output(const model *m, const char *what, const char *name) {
  const char *colon = strrchr(name, ':');
  char *op_name = textf("%.*s", colon != NULL ? (int)(colon - name) : (int)strlen(name), name);
  ek_op op = ek_graph_find_op(m->graph, name);
  if (op.id == 0) op = ek_graph_find_op(m->graph, op_name);
  free(op_name);
  if (op.id == 0) return failf(what, name, "%s has no such tensor", m->path), false;
  ek_status why = EK_STATUS_INIT;
  const int n = ek_op_num_outputs(m->graph, op);
  if (ek_op_can_run(m->graph, op, &why) != EK_OK) return failf(what, name, "%s: %s", m->path, why.msg), false;
  if (n == 0) return failf(what, name, "this op of %s has no outputs: it can only be a target", m->path), false;
  return failf(what, name, "%s '%s' of %s has %d output%s", ek_op_type(m->graph, op), ek_op_name(m->graph, op), m->path,
               n, n > 1 ? "s" : ""),
         false;
}

bool model_restore_saved(const model *m, ek_session *s) {
  ek_status st = EK_STATUS_INIT;
  if (ek_saved_model_restore(m->saved, m->meta_graph, &m->saver, s, &st) == EK_OK) return true;
  return fail_file("restore", m->path, &st), false;
}

bool is_in_scope(const ek_graph *g, ek_op op, const char *scope) {
  const size_t n = strlen(scope);
  for (const char *name = ek_op_name(g, op); name != NULL; name = strchr(name, '/')) {
    name += *name == '/';
    if (strncmp(name, scope, n) != 0) continue;
    const char *rest = name + n + (name[n] == '_');
    rest += strspn(rest, "0123456789");
    if (*rest == '/') return true;
  }
  return false;
}

bool model_find(const model *m, const char *what, const char *name, ek_out *out) {
  *out = ek_graph_find_out(m->graph, name);
  return out->op != 0 || no_output(m, what, name);
}
