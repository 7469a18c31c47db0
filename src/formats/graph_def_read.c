/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/graph_def.h"

#include "formats/wire.h"
#include "graph/infer.h"

#include <stdio.h>
#include <string.h>

enum {
  NEWEST_CONSUMER = 1395, /* the graph version of TensorFlow 2.12, whose files we read */
  MAX_NODE_ATTRS = 200,
  BASE_ROOM = 64 << 20,
  ROOM_FACTOR = 8
};

typedef struct ek__importer {
  ek_graph *g;
  const Ek__GraphDef *def;
  const char *what;
  const char *scope; /* "": none */
  const ek_import_graph_def_opts *o;
  ek__arena arena;
  ek__links links;
  int32_t *ids; /* of the nodes in the file, once they are in the graph */
  size_t room;  /* for what a few bytes can ask for any amount of: equal elements, outputs */
  ek_status *st;
} ek__importer;

static const char *full_name(ek__importer *im, const char *name) {
  return *im->scope == '\0' ? name : ek__graph_printf(im->g, "%s/%s", im->scope, name);
}

/* ---- before the graph is touched */

static ek_code check_versions(const ek__importer *im) {
  const Ek__VersionDef *v = im->def->versions;
  const int newest = NEWEST_CONSUMER;
  EK_REQUIRE(v == NULL || v->min_consumer <= newest, im->st, EK_INVALID_ARGUMENT,
             "%s: asks for a reader of version %d, this is one of version %d", im->what, v->min_consumer, newest);
  for (size_t i = 0; v != NULL && i < v->n_bad_consumers; i++) {
    EK_REQUIRE(v->bad_consumers[i] != newest, im->st, EK_INVALID_ARGUMENT, "%s: forbids readers of version %d",
               im->what, newest);
  }
  return EK_OK;
}

static ek_code check_new_names(const ek__importer *im) {
  if (*im->scope != '\0') return EK_OK; /* the scope is new */
  for (size_t i = 0; i < im->def->n_node; i++) {
    EK_REQUIRE(ek_graph_find_op(im->g, im->def->node[i]->name).id == 0, im->st, EK_INVALID_ARGUMENT,
               "%s: the graph already has an op '%.80s'", im->what, im->def->node[i]->name);
  }
  return EK_OK;
}

static ek_code check_mapped(const ek__importer *im) {
  for (int i = 0; i < im->o->n_map; i++) {
    EK_REQUIRE(ek__type_of(im->g, im->o->map_to[i]) != NULL, im->st, EK_INVALID_ARGUMENT,
               "%s: input_map: '%.80s' is mapped to what is no output of this graph", im->what, im->o->map_from[i]);
  }
  return EK_OK;
}

/* ---- one node */

/* "loc:@op" names an op of the same file. */
static ek_code scope_colocation(ek__importer *im, ek_attr *attr) {
  if (*im->scope == '\0' || strcmp(attr->name, "_class") != 0 || attr->kind != EK_ATTR_LIST_STRING) return EK_OK;
  for (int i = 0; i < attr->n; i++) {
    ek_text *t = &((ek_text *)(uintptr_t)attr->v.strings)[i]; /* in the arena: ours to change */
    if (t->size < 5 || memcmp(t->data, "loc:@", 5) != 0) continue;
    const size_t size = t->size + strlen(im->scope) + 1;
    char *scoped = ek__arena_alloc(&im->arena, size + 1);
    if (scoped == NULL) return ek__no_memory(im->st, im->what, size);
    (void)snprintf(scoped, size + 1, "loc:@%s/%.*s", im->scope, (int)(t->size - 5), t->data + 5);
    *t = (ek_text){scoped, size};
  }
  return EK_OK;
}

static ek_code read_attrs(ek__importer *im, const Ek__NodeDef *n, ek_attr *attrs, int *n_attrs) {
  const ek__signature *s = ek__graph_signature(im->g, n->op);
  for (size_t i = 0; i < n->n_attr; i++) {
    const Ek__AttrEntry *e = n->attr[i];
    for (size_t k = 0; k < i; k++) {
      EK_REQUIRE(strcmp(n->attr[k]->key, e->key) != 0, im->st, EK_INVALID_ARGUMENT,
                 "%s: %.60s '%.80s': the attribute '%.60s' comes twice", im->what, n->op, n->name, e->key);
    }
    const ek__attr_spec *spec = s != NULL ? ek__signature_attr(s, e->key) : NULL;
    ek_attr *attr = &attrs[*n_attrs];
    ++*n_attrs;
    ek_status why = EK_STATUS_INIT;
    const ek_code code = ek__attr_from_proto(e->key, e->value, spec != NULL ? spec->value.kind : EK_ATTR_NONE,
                                             &im->arena, im->g->allocator, &im->room, attr, &why);
    EK_REQUIRE(code == EK_OK, im->st, code, "%s: %.60s '%.80s': attribute %.60s: %s", im->what, n->op, n->name, e->key,
               why.msg);
    EK_TRY(scope_colocation(im, attr));
  }
  return EK_OK;
}

/* Room for output port of the node with this id, if its type is unknown; an error if it is known and has fewer. */
static ek_code need_output(ek__importer *im, ek_op op, int port, const char *reader) {
  const ek__node *n = ek__node_of(im->g, op);
  if (port < n->n_outputs) return EK_OK;
  EK_REQUIRE(n->def == NULL, im->st, EK_INVALID_ARGUMENT, "%s: '%.80s' reads output %d of %s '%.80s', which has %d",
             im->what, reader, port, n->type, n->name, n->n_outputs);
  const size_t more = (size_t)(port + 1) * sizeof(ek__type); /* the old array stays in the graph's arena */
  EK_REQUIRE(more <= im->room, im->st, EK_RESOURCE_EXHAUSTED,
             "%s: %s '%.80s' with %d outputs or more in so small a file", im->what, n->type, n->name, port + 1);
  im->room -= more;
  return ek__node_grow_outputs(im->g, op, port + 1);
}

static ek_code resolve(ek__importer *im, const ek__link *link, const char *reader, ek_out *out) {
  *out = link->mapped;
  if (link->node < 0) return EK_OK;
  *out = (ek_out){im->ids[link->node], link->port > 0 ? link->port : 0};
  return link->port < 0 ? EK_OK : need_output(im, ek_out_op(*out), link->port, reader);
}

/* What "_output_shapes" says of the outputs is taken over; the attribute itself is not kept. */
static ek_code take_output_shapes(ek__importer *im, ek_op op, const ek_attr *shapes) {
  if (shapes == NULL || shapes->kind != EK_ATTR_LIST_SHAPE) return EK_OK;
  const ek__node *n = ek__node_of(im->g, op);
  if (n->def == NULL && shapes->n > 0) EK_TRY(need_output(im, op, shapes->n - 1, n->name));
  for (int i = 0; i < shapes->n && i < ek__node_of(im->g, op)->n_outputs; i++) {
    ek_out_set_shape(im->g, ek_op_output(op, i), shapes->v.shapes[i]);
  }
  return ek_graph_status(im->g, im->st);
}

/* A node that follows its signature gets its outputs' shapes; one with dtypes we lack is kept as one of unknown type.
 */
static ek_code check_and_infer(ek__importer *im, ek_op op) {
  ek_status why = EK_STATUS_INIT;
  ek_code code = ek__node_check(im->g, op, &why);
  if (code == EK_UNIMPLEMENTED) {
    ek__node_of(im->g, op)->def = NULL;
    return EK_OK;
  }
  if (code == EK_OK) code = ek__node_infer(im->g, op, &why);
  EK_REQUIRE(code == EK_OK, im->st, code, "%s: %s", im->what, why.msg);
  const ek__node *n = ek__node_of(im->g, op);
  const size_t outputs = (size_t)n->n_outputs * sizeof(ek__type);
  EK_REQUIRE(outputs <= im->room, im->st, EK_RESOURCE_EXHAUSTED, "%s: %s '%.80s' with %d outputs in so small a file",
             im->what, n->type, n->name, n->n_outputs);
  im->room -= outputs;
  return EK_OK;
}

/* As Graph does for every op it is given: the name is used from now on, whatever its case. */
static ek_code mark_name(ek__importer *im, const char *name) {
  char *key = ek__graph_strdup(im->g, name);
  if (key == NULL) return ek_graph_status(im->g, im->st);
  for (char *c = key; *c != '\0'; c++)
    if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
  return ek__map_get(&im->g->names_in_use, key) != NULL ? EK_OK : ek__map_put(&im->g->names_in_use, key, 1, im->st);
}

/* TensorFlow's freezing leaves RefSwitch behind Const, which it then cannot read itself: a Switch is meant, and so on.
 * What would assign to the outputs is kept, and cannot run. */
static const char *without_lost_ref(const ek__importer *im, const char *type, const ek_out *inputs, int n) {
  static const char *const types[] = {"RefSwitch", "RefMerge", "RefIdentity", "RefEnter"};
  bool hands_on = false;
  for (size_t k = 0; k < sizeof types / sizeof types[0]; k++) hands_on = hands_on || strcmp(type, types[k]) == 0;
  for (int k = 0; hands_on && k < (strcmp(type, "RefMerge") == 0 ? n : 1) && k < n; k++) {
    const ek__type *t = ek__type_of(im->g, inputs[k]);
    if (t != NULL && t->dtype != EK_INVALID_DTYPE && !t->is_ref) return type + strlen("Ref");
  }
  return type;
}

static ek_code add_node(ek__importer *im, size_t i, ek_attr *attrs, int *n_attrs) {
  const Ek__NodeDef *n = im->def->node[i];
  const size_t first = im->links.first[i], n_links = im->links.first[i + 1] - first;
  EK_TRY(read_attrs(im, n, attrs, n_attrs));
  ek_out *inputs = ek__arena_array(&im->arena, n_links, sizeof *inputs);
  int32_t *controls = ek__arena_array(&im->arena, n_links, sizeof *controls);
  const char *name = full_name(im, n->name);
  if (inputs == NULL || controls == NULL || name == NULL) return ek__no_memory(im->st, im->what, n_links);
  ek__node_spec spec = {.name = name,
                        .type = n->op,
                        .device = im->o->clear_devices ? NULL : n->device,
                        .inputs = inputs,
                        .controls = controls,
                        .attrs = attrs};
  for (size_t k = 0; k < n_links; k++) {
    const ek__link *link = &im->links.at[first + k];
    ek_out out = {0, 0};
    if (!ek__is_back_edge(im->def, link, i)) EK_TRY(resolve(im, link, n->name, &out));
    if (link->port >= 0) {
      inputs[spec.n_inputs++] = out;
    } else {
      controls[spec.n_controls++] = out.op;
    }
  }
  spec.type = without_lost_ref(im, n->op, inputs, spec.n_inputs);
  const ek_attr *shapes = NULL;
  for (int k = 0; k < *n_attrs; k++) { /* last, and not counted */
    if (strcmp(attrs[k].name, "_output_shapes") != 0) continue;
    const ek_attr swap = attrs[*n_attrs - 1];
    attrs[*n_attrs - 1] = attrs[k];
    attrs[k] = swap;
    shapes = &attrs[*n_attrs - 1];
    break;
  }
  spec.n_attrs = *n_attrs - (shapes != NULL);
  const ek_op op = ek__node_add(im->g, &spec);
  if (op.id == 0) return ek_graph_status(im->g, im->st);
  im->ids[i] = op.id;
  EK_TRY(mark_name(im, name));
  EK_TRY(check_and_infer(im, op));
  return take_output_shapes(im, op, shapes);
}

static ek_code add_node_and_release(ek__importer *im, size_t i) {
  const Ek__NodeDef *n = im->def->node[i];
  EK_REQUIRE(n->n_attr <= MAX_NODE_ATTRS, im->st, EK_INVALID_ARGUMENT, "%s: %.60s '%.80s' has %zu attributes", im->what,
             n->op, n->name, n->n_attr);
  ek_attr attrs[MAX_NODE_ATTRS];
  int n_attrs = 0;
  const ek_code code = add_node(im, i, attrs, &n_attrs);
  for (int k = 0; k < n_attrs; k++) ek__attr_release(&attrs[k]);
  return code;
}

/* ---- the whole graph */

static ek_code close_loops(ek__importer *im) {
  for (size_t i = 0; i < im->def->n_node; i++) {
    bool changed = false;
    const ek_op op = {im->ids[i]};
    for (size_t k = im->links.first[i]; k < im->links.first[i + 1]; k++) {
      ek_out out = {0, 0};
      if (!ek__is_back_edge(im->def, &im->links.at[k], i)) continue;
      EK_TRY(resolve(im, &im->links.at[k], im->def->node[i]->name, &out));
      ek__node_set_input(im->g, op, (int)(k - im->links.first[i]), out);
      changed = true;
    }
    if (changed && ek__node_of(im->g, op)->def != NULL) EK_TRY(ek__node_check(im->g, op, im->st));
  }
  return EK_OK;
}

/* The functions of the file behind those that are already there: concatenated messages are one message. */
static ek_code keep_library(ek__importer *im) {
  const Ek__FunctionDefLibrary *l = im->def->library;
  if (l == NULL) return EK_OK;
  const size_t old = im->g->library.size, size = ek__function_def_library__get_packed_size(l);
  char *bytes = ek__graph_alloc(im->g, old + size, 1);
  if (bytes == NULL) return ek_graph_status(im->g, im->st);
  if (old > 0) memcpy(bytes, im->g->library.data, old);
  (void)ek__function_def_library__pack(l, (uint8_t *)bytes + old);
  im->g->library = (ek_text){bytes, old + size};
  return EK_OK;
}

static void keep_producer(ek__importer *im, bool was_empty) {
  const int producer = im->def->versions != NULL ? im->def->versions->producer : im->def->version;
  if (was_empty || producer < im->g->producer) im->g->producer = producer;
}

static ek_code add_nodes(ek__importer *im) {
  const bool was_empty = im->g->n_nodes == 0;
  im->ids = ek__arena_array(&im->arena, im->def->n_node, sizeof *im->ids);
  if (im->ids == NULL) return ek__no_memory(im->st, im->what, im->def->n_node * sizeof *im->ids);
  for (size_t i = 0; i < im->def->n_node; i++) EK_TRY(add_node_and_release(im, (size_t)im->links.order[i]));
  EK_TRY(close_loops(im));
  EK_TRY(keep_library(im));
  keep_producer(im, was_empty);
  return ek_graph_status(im->g, im->st);
}

/* No control dependencies, no block that is open. */
static ek_code add_outside_blocks(ek__importer *im) {
  const ek__control_block *block = im->g->block;
  im->g->block = NULL;
  const ek_code code = add_nodes(im);
  im->g->block = block;
  if (code != EK_OK && im->st != NULL) ek_graph_fail(im->g, code, "%s", im->st->msg);
  return code;
}

ek_code ek__graph_def_import(ek_graph *g, const Ek__GraphDef *def, size_t size, const char *what,
                             const ek_import_graph_def_opts *o, const char **scope, ek_status *st) {
  EK_REQUIRE(o->version == 1u, st, EK_INVALID_ARGUMENT, "import: options of version %u; start from ..._OPTS_INIT",
             o->version);
  if (!ek__graph_ok(g)) return ek_graph_status(g, st);
  EK_REQUIRE(g->context == NULL, st, EK_INVALID_ARGUMENT, "%s: a graph cannot be imported inside a cond or a loop",
             what);
  ek__importer im = {.g = g, .def = def, .what = what, .scope = "", .o = o, .room = BASE_ROOM, .st = st};
  im.room = size > (SIZE_MAX - BASE_ROOM) / ROOM_FACTOR ? SIZE_MAX : BASE_ROOM + ROOM_FACTOR * size;
  ek__arena_init(&im.arena, g->allocator);
  ek_code code = check_versions(&im);
  if (code == EK_OK) code = check_mapped(&im);
  if (code == EK_OK) code = ek__links_read(def, what, o, &im.arena, &im.links, st);
  if (code == EK_OK && o->prefix != NULL && *o->prefix != '\0') {
    im.scope = ek__scope_for(g, o->prefix);
    code = ek_graph_status(g, st);
  }
  if (code == EK_OK) code = check_new_names(&im);
  if (code == EK_OK) code = add_outside_blocks(&im);
  if (scope != NULL) *scope = im.scope;
  ek__arena_fini(&im.arena);
  return code;
}

ek_code ek_import_graph_def(ek_graph *g, const char *path, const ek_import_graph_def_opts *opts, ek_status *st) {
  static const ek_import_graph_def_opts defaults = EK_IMPORT_GRAPH_DEF_OPTS_INIT;
  ProtobufCMessage *m = NULL;
  size_t size = 0;
  (void)ek__unname(&g);
  ek_status own = EK_STATUS_INIT;
  if (st == NULL) st = &own;
  EK_TRY(ek__message_read(&ek__graph_def__descriptor, path, g->allocator, &m, &size, st));
  const ek_code code =
      ek__graph_def_import(g, (const Ek__GraphDef *)m, size, path, opts != NULL ? opts : &defaults, NULL, st);
  ek__proto_free(g->allocator, m);
  return code;
}
