/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/graph_def.h"

#include "formats/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct ek__exporter {
  const ek_graph *g;
  const ek_export_graph_def_opts *o;
  ek__arena *arena;
  ek_status *st;
} ek__exporter;

static ek_code no_memory(const ek__exporter *ex) { return ek__no_memory(ex->st, "exporting a graph", 0); }

/* "node", "node:k" or "^node" */
static char *input_text(const ek__exporter *ex, const char *caret, const char *name, int port) {
  const size_t size = strlen(name) + 14;
  if (*caret == '\0' && port == 0) return (char *)(uintptr_t)name; /* packing only reads */
  char *text = ek__arena_alloc(ex->arena, size);
  if (text == NULL) return NULL;
  if (*caret != '\0') {
    (void)snprintf(text, size, "^%s", name);
  } else {
    (void)snprintf(text, size, "%s:%d", name, port);
  }
  return text;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static ek_code write_inputs(const ek__exporter *ex, const ek__node *n, Ek__NodeDef *def) {
  const size_t total = (size_t)n->n_inputs + (size_t)n->n_controls;
  def->input = ek__arena_array(ex->arena, total, sizeof *def->input);
  if (def->input == NULL) return no_memory(ex);
  for (int i = 0; i < n->n_inputs; i++, def->n_input++) {
    const char *name = ek_op_name(ex->g, ek_out_op(n->inputs[i]));
    EK_REQUIRE(*name != '\0', ex->st, EK_FAILED_PRECONDITION, "%s '%s': input %d is missing", n->type, n->name, i);
    def->input[def->n_input] = input_text(ex, "", name, n->inputs[i].index);
    if (def->input[def->n_input] == NULL) return no_memory(ex);
  }
  for (int i = 0; i < n->n_controls; i++, def->n_input++) {
    def->input[def->n_input] = input_text(ex, "^", ek_op_name(ex->g, (ek_op){n->controls[i]}), 0);
    if (def->input[def->n_input] == NULL) return no_memory(ex);
  }
  qsort(def->input + n->n_inputs, (size_t)n->n_controls, sizeof *def->input, by_text);
  return EK_OK;
}

static ek_code write_attr(const ek__exporter *ex, const ek_attr *attr, Ek__NodeDef *def) {
  Ek__AttrEntry *e = ek__arena_alloc(ex->arena, sizeof *e);
  if (e == NULL) return no_memory(ex);
  ek__attr_entry__init(e);
  e->key = (char *)(uintptr_t)attr->name;
  def->attr[def->n_attr++] = e;
  return ek__attr_to_proto(attr, ex->arena, &e->value, ex->st);
}

static ek_code write_output_shapes(const ek__exporter *ex, const ek__node *n, Ek__NodeDef *def) {
  ek_shape *shapes = ek__arena_array(ex->arena, (size_t)n->n_outputs, sizeof *shapes);
  if (shapes == NULL) return no_memory(ex);
  for (int i = 0; i < n->n_outputs; i++) shapes[i] = n->outputs[i].shape;
  const ek_attr attr = {.name = "_output_shapes", .kind = EK_ATTR_LIST_SHAPE, .n = n->n_outputs, .v.shapes = shapes};
  return write_attr(ex, &attr, def);
}

/* Sorted by name, as the node's are; "_output_shapes" takes its place among them. */
static ek_code write_attrs(const ek__exporter *ex, const ek__node *n, Ek__NodeDef *def) {
  def->attr = ek__arena_array(ex->arena, (size_t)n->n_attrs + 1, sizeof *def->attr);
  if (def->attr == NULL) return no_memory(ex);
  bool shapes_due = ex->o->add_shapes && n->n_outputs > 0;
  for (int i = 0; i < n->n_attrs; i++) {
    const int order = shapes_due ? strcmp(n->attrs[i].name, "_output_shapes") : -1;
    if (order >= 0) {
      EK_TRY(write_output_shapes(ex, n, def));
      shapes_due = false;
    }
    if (order != 0) EK_TRY(write_attr(ex, &n->attrs[i], def));
  }
  return shapes_due ? write_output_shapes(ex, n, def) : EK_OK;
}

static ek_code write_node(const ek__exporter *ex, const ek__node *n, Ek__NodeDef **out) {
  Ek__NodeDef *def = ek__arena_alloc(ex->arena, sizeof *def);
  *out = def;
  if (def == NULL) return no_memory(ex);
  ek__node_def__init(def);
  def->name = (char *)(uintptr_t)n->name;
  def->op = (char *)(uintptr_t)n->type;
  if (!ex->o->clear_devices) def->device = (char *)(uintptr_t)n->device;
  EK_TRY(write_inputs(ex, n, def));
  return write_attrs(ex, n, def);
}

static ek_code write_library(const ek__exporter *ex, Ek__GraphDef *def) {
  if (ex->g->library.size == 0) return EK_OK;
  const ek_allocator a = ek__arena_allocator(ex->arena);
  ProtobufCMessage *m = NULL;
  EK_TRY(ek__proto_unpack(&ek__function_def_library__descriptor, ex->g->library.data, ex->g->library.size,
                          "a graph's functions", &a, &m, ex->st));
  def->library = (Ek__FunctionDefLibrary *)m;
  return EK_OK;
}

ek_code ek__graph_def_export(const ek_graph *g, const ek_export_graph_def_opts *o, ek__arena *arena, Ek__GraphDef **out,
                             ek_status *st) {
  EK_REQUIRE(o->version == 1u, st, EK_INVALID_ARGUMENT, "export: options of version %u; start from ..._OPTS_INIT",
             o->version);
  EK_TRY(ek_graph_status(g, st));
  const ek__exporter ex = {g, o, arena, st};
  Ek__GraphDef *def = ek__arena_alloc(arena, sizeof *def);
  Ek__VersionDef *versions = ek__arena_alloc(arena, sizeof *versions);
  *out = def;
  if (def == NULL || versions == NULL) return no_memory(&ex);
  ek__graph_def__init(def);
  ek__version_def__init(versions);
  versions->producer = g->producer;
  def->versions = versions;
  def->node = ek__arena_array(arena, (size_t)g->n_nodes, sizeof *def->node);
  if (def->node == NULL) return no_memory(&ex);
  for (int i = 0; i < g->n_nodes; i++, def->n_node++) EK_TRY(write_node(&ex, &g->nodes[i], &def->node[i]));
  return write_library(&ex, def);
}

ek_code ek_export_graph_def(const ek_graph *g, const char *path, const ek_export_graph_def_opts *opts, ek_status *st) {
  static const ek_export_graph_def_opts defaults = EK_EXPORT_GRAPH_DEF_OPTS_INIT;
  ek__arena arena;
  Ek__GraphDef *def = NULL;
  ek__arena_init(&arena, g->allocator);
  ek_code code = ek__graph_def_export(g, opts != NULL ? opts : &defaults, &arena, &def, st);
  if (code == EK_OK) code = ek__message_write(&def->base, path, g->allocator, st);
  ek__arena_fini(&arena);
  return code;
}
