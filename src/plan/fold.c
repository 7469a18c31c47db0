/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes from the feeds' shapes, and values that are known before anything runs: constants, and what is computed from
 * shapes. A node so folded keeps its place in the order, but needs no step and no inputs. */
#include "plan/loop.h"

#include <inttypes.h>
#include <string.h>

enum { FOLD_BYTES = 1 << 20 }; /* larger results are computed anew in every run rather than kept in every plan */

/* ---- an inference context over planned or running values */

typedef struct env {
  ek_value *const *in;
  ek_tensor *views; /* one for each input */
  const ek__pnode *node;
  ek__ir *ir;
  int depth;
} env;

static const ek_tensor *constant_while_running(const ek_infer_context *c, int i) {
  const env *e = c->env;
  const ek_value *v = e->in[i];
  if (v->data == NULL || v->n < 0) return NULL;
  ek_tensor *t = &e->views[i];
  t->dtype = v->dtype;
  t->shape = v->shape;
  t->data = v->data;
  t->size_bytes = (size_t)v->n * ek_dtype_size(v->dtype);
  return t;
}

static bool as_dims(const ek_tensor *t, ek_shape *value) {
  const int64_t n = ek_tensor_num_elements(t);
  if (!ek_dtype_is_integer(t->dtype) || t->shape.rank > 1 || n > EK_MAX_RANK) return false;
  *value = (ek_shape){.rank = (int)n};
  for (int64_t k = 0; k < n; k++) {
    const double d = ek_tensor_number(t, k);
    value->dim[k] = d < 0.0 ? -1 : (int64_t)d;
  }
  return true;
}

static bool partial_while_running(const ek_infer_context *c, int i, ek_shape *value) {
  const ek_tensor *t = constant_while_running(c, i);
  return t != NULL && as_dims(t, value);
}

ek_code ek__infer_late(const ek_graph *g, const ek__step *step) {
  const ek_run_context *r = &step->c;
  const ek__late *l = step->late;
  for (int i = 0; i < r->n_in; i++) l->in[i] = (ek__type){.dtype = r->in[i]->dtype, .shape = r->in[i]->shape};
  for (int i = 0; i < r->n_out; i++) l->out[i] = (ek__type){.dtype = r->out[i]->dtype, .shape = ek_shape_unknown()};
  env e = {.in = r->in, .views = l->views};
  ek_infer_context c = {.g = g,
                        .node = r->node,
                        .in = l->in,
                        .n_in = r->n_in,
                        .out = l->out,
                        .n_out = r->n_out,
                        .constant = constant_while_running,
                        .partial = partial_while_running,
                        .env = &e,
                        .st = r->st};
  return r->node->def->infer != NULL ? r->node->def->infer(&c) : EK_OK;
}

/* ---- while planning */

static const ek_tensor *planned_constant(const ek_infer_context *c, int i) {
  const env *e = c->env;
  return e->ir->values[e->node->in[i]].constant;
}

static bool planned_partial(const ek_infer_context *c, int i, ek_shape *value);

static ek_infer_context planned_context(ek__ir *ir, env *e, const ek__pnode *n, ek__type *in, ek__type *out) {
  for (int i = 0; i < n->n_in; i++) {
    const ek__pvalue *v = &ir->values[n->in[i]];
    in[i] = (ek__type){.dtype = v->dtype, .is_ref = v->is_ref, .shape = v->shape};
  }
  for (int i = 0; i < n->n_out; i++) {
    const ek__pvalue *v = &ir->values[n->first_out + i];
    out[i] = (ek__type){.dtype = v->dtype, .is_ref = v->is_ref, .shape = ek_shape_unknown()};
  }
  e->ir = ir;
  e->node = n;
  return (ek_infer_context){.g = ir->env->graph,
                            .node = n->node,
                            .in = in,
                            .n_in = n->n_in,
                            .out = out,
                            .n_out = n->n_out,
                            .constant = planned_constant,
                            .partial = planned_partial,
                            .env = e,
                            .st = ir->st};
}

static bool planned_partial(const ek_infer_context *c, int i, ek_shape *value) {
  enum { MOST = 16, DEPTH = 12 };
  const env *e = c->env;
  const int32_t v = e->node->in[i];
  if (e->ir->values[v].constant != NULL) return as_dims(e->ir->values[v].constant, value);
  const ek__pnode *n = ek__producer(e->ir, v);
  if (n == NULL || n->def == NULL || n->def->partial_value == NULL || n->n_in > MOST || n->n_out > MOST ||
      e->depth >= DEPTH)
    return false;
  ek__type in[MOST], out[MOST];
  env deeper = {.depth = e->depth + 1};
  ek_infer_context inner = planned_context(e->ir, &deeper, n, in, out);
  inner.output = v - n->first_out;
  return n->def->partial_value(&inner, value);
}

static ek_code own(ek__ir *ir, ek_tensor *t) {
  ek__plan *p = ir->plan;
  if (ek__grow(p->allocator, &p->owned, &p->cap_owned, p->n_owned + 1, sizeof(ek_tensor *), ir->st) != EK_OK) {
    ek_tensor_free(t);
    return ir->st->code;
  }
  p->owned[p->n_owned++] = t;
  return EK_OK;
}

/* The tensor of an integer output whose value follows from shapes alone; NULL: it does not. */
static ek_code known_integers(ek__ir *ir, const ek__pnode *n, const ek_infer_context *c, int output, ek_tensor **out) {
  ek_shape value;
  const ek__pvalue *v = &ir->values[n->first_out + output];
  ek_infer_context copy = *c;
  copy.output = output;
  *out = NULL;
  if (v->dtype != EK_INT32 && v->dtype != EK_INT64) return EK_OK;
  if (v->shape.rank > 1 || !n->def->partial_value(&copy, &value) || !ek_shape_is_known(value)) return EK_OK;
  if (!ek_shape_is_known(v->shape) || ek_shape_num_elements(v->shape) != value.rank) return EK_OK;
  ek_tensor *t = ek_tensor_new(v->dtype, v->shape, ir->env->allocator, ir->st);
  if (t == NULL) return ir->st->code;
  for (int i = 0; i < value.rank; i++) {
    if (v->dtype == EK_INT32)
      ((int32_t *)t->data)[i] = (int32_t)value.dim[i];
    else
      ((int64_t *)t->data)[i] = value.dim[i];
  }
  *out = t;
  return own(ir, t);
}

/* All outputs of an op like Shape or ShapeN, or none. */
static ek_code fold_partial(ek__ir *ir, const ek__pnode *n, const ek_infer_context *c, bool *done) {
  enum { MOST = 16 };
  ek_tensor *known[MOST];
  *done = false;
  if (n->n_out < 1 || n->n_out > MOST || n->def->partial_value == NULL) return EK_OK;
  for (int i = 0; i < n->n_out; i++) {
    EK_TRY(known_integers(ir, n, c, i, &known[i]));
    if (known[i] == NULL) return EK_OK;
  }
  for (int i = 0; i < n->n_out; i++) ir->values[n->first_out + i].constant = known[i];
  *done = true;
  return EK_OK;
}

typedef struct fold_run { /* outputs whose size is known only when the folded op runs */
  ek_tensor *late[16];
  ek_value *out;
  const ek_allocator *allocator;
  ek_status *st;
  bool no_memory; /* for something of a size that is worth folding */
} fold_run;

static void *fold_output(void *run, ek_value *out, size_t bytes) {
  fold_run *r = run;
  const ptrdiff_t i = out - r->out;
  int64_t n = (int64_t)(bytes / ek_dtype_size(out->dtype));
  if (bytes > FOLD_BYTES) return NULL;
  r->late[i] = ek_tensor_new(out->dtype, ek_shape_of(&n, 1), r->allocator, r->st);
  if (r->late[i] == NULL) return r->no_memory = true, NULL;
  return r->late[i]->data;
}

static bool never_cancelled(void *run) {
  (void)run;
  return false;
}

/* Runs a pure op on constants. An op that fails is left to fail when it really runs, if ever; want of memory is an
 * error at once. */
static ek_code fold_by_running(ek__ir *ir, const ek__pnode *n, bool *done) {
  enum { MOST = 16 };
  ek_value in[MOST], out[MOST], *pin[MOST], *pout[MOST];
  static const ek_run_services services = {.output = fold_output, .cancelled = never_cancelled};
  ek_status local = EK_STATUS_INIT;
  *done = false;
  if (n->n_in > MOST || n->n_out > MOST || n->n_out == 0 || n->def->run == NULL) return EK_OK;
  fold_run r = {.out = out, .allocator = ir->env->allocator, .st = &local};
  for (int i = 0; i < n->n_in; i++) {
    ek_tensor *t = ir->values[n->in[i]].constant;
    if (t == NULL) return EK_OK;
    in[i] = (ek_value){.dtype = t->dtype, .shape = t->shape, .n = ek_tensor_num_elements(t), .data = t->data};
    pin[i] = &in[i];
  }
  ek_code rc = EK_OK;
  for (int i = 0; i < n->n_out && rc == EK_OK; i++) {
    const ek__pvalue *v = &ir->values[n->first_out + i];
    size_t bytes = 0;
    out[i] = (ek_value){.dtype = v->dtype, .shape = v->shape, .n = ek_shape_num_elements(v->shape)};
    pout[i] = &out[i];
    if (ek_dtype_size(v->dtype) == 0 || v->is_ref) rc = EK_UNIMPLEMENTED;
    if (rc != EK_OK || out[i].n < 0) continue;
    rc = ek__tensor_bytes(v->dtype, v->shape, &bytes, &local);
    if (rc == EK_OK && bytes > FOLD_BYTES) rc = EK_OUT_OF_RANGE;
    if (rc == EK_OK && (r.late[i] = ek_tensor_new(v->dtype, v->shape, r.allocator, &local)) == NULL) {
      rc = local.code;
      r.no_memory = true;
    }
    out[i].data = r.late[i] != NULL ? r.late[i]->data : NULL;
  }
  ek_prepare_context prepare = {.node = n->node,
                                .in = (const ek_value *const *)pin,
                                .out = (const ek_value *const *)pout,
                                .n_in = n->n_in,
                                .n_out = n->n_out,
                                .threads = 1,
                                .allocator = r.allocator,
                                .st = &local};
  if (rc == EK_OK && n->def->prepare != NULL) {
    rc = n->def->prepare(&prepare);
    r.no_memory = rc == EK_RESOURCE_EXHAUSTED;
  }
  void *scratch = rc == EK_OK && prepare.scratch_bytes > 0 ? ek__alloc(r.allocator, prepare.scratch_bytes) : NULL;
  if (rc == EK_OK && prepare.scratch_bytes > 0 && scratch == NULL) {
    rc = EK_RESOURCE_EXHAUSTED;
    r.no_memory = true;
  }
  ek_run_context c = {.node = n->node,
                      .in = pin,
                      .out = pout,
                      .n_in = n->n_in,
                      .n_out = n->n_out,
                      .state = prepare.state,
                      .scratch = scratch,
                      .threads = 1,
                      .allocator = r.allocator,
                      .services = &services,
                      .run = &r,
                      .st = &local};
  if (rc == EK_OK) rc = n->def->run(&c);
  if (prepare.state != NULL && n->def->release != NULL) n->def->release(prepare.state);
  ek__free(r.allocator, scratch, prepare.scratch_bytes);
  *done = rc == EK_OK;
  if (r.no_memory)
    (void)ek_status_set(ir->st, EK_RESOURCE_EXHAUSTED, "out of memory: computing the constant of %s '%s'",
                        n->node->type, n->node->name);
  for (int i = 0; i < n->n_out; i++) {
    ek_tensor *t = r.late[i];
    if (t == NULL) continue;
    if (!*done || ir->st->code != EK_OK) {
      ek_tensor_free(t);
      continue;
    }
    t->shape = out[i].shape;           /* the same elements under the shape that the op gave */
    if (own(ir, t) != EK_OK) continue; /* freed; the loop goes on to free the rest */
    ir->values[n->first_out + i].shape = t->shape;
    ir->values[n->first_out + i].constant = t;
  }
  return ir->st->code;
}

/* An alias of a constant is the constant under another shape. */
static ek_code fold_alias(ek__ir *ir, const ek__pnode *n) {
  ek_tensor *from = ir->values[n->in[0]].constant;
  ek__pvalue *v = &ir->values[n->first_out];
  if (from == NULL || !ek_shape_is_known(v->shape) || from->dtype != v->dtype) return EK_OK;
  if (ek_shape_equal(from->shape, v->shape)) return v->constant = from, EK_OK;
  if (from->dtype == EK_STRING) return EK_OK;
  ek_tensor *t = ek_tensor_new(v->dtype, v->shape, ir->env->allocator, ir->st);
  if (t == NULL) return ir->st->code;
  if (t->size_bytes > 0) memcpy(t->data, from->data, t->size_bytes);
  v->constant = t;
  return own(ir, t);
}

/* Whatever the shape rule says: memory that is shared has as many elements here as there. */
static ek_code check_alias(const ek__ir *ir, const ek__pnode *n, ek_status *st) {
  if ((n->def->flags & EK_OP_ALIAS) == 0 || n->n_in == 0 || n->n_out == 0) return EK_OK;
  const int64_t from = ek_shape_num_elements(ir->values[n->in[0]].shape);
  const int64_t to = ek_shape_num_elements(ir->values[n->first_out].shape);
  EK_REQUIRE(from < 0 || to < 0 || from == to, st, EK_INVALID_ARGUMENT,
             "%s '%s': %" PRId64 " elements cannot become %" PRId64, n->node->type, n->node->name, from, to);
  return EK_OK;
}

static ek_code infer_shapes(ek__ir *ir, const ek__pnode *n, ek_infer_context *c) {
  if (n->def->infer != NULL) EK_TRY(n->def->infer(c));
  for (int i = 0; i < n->n_out; i++) {
    ek__pvalue *v = &ir->values[n->first_out + i];
    EK_TRY(ek__infer_merge(c, c->out[i].shape, v->shape, &v->shape));
  }
  return check_alias(ir, n, c->st);
}

static ek_code infer(ek__ir *ir, ek__pnode *n) {
  ek__type *in = ek__ir_alloc(ir, (size_t)n->n_in, sizeof *in), *out = ek__ir_alloc(ir, (size_t)n->n_out, sizeof *out);
  env e = {0};
  if (in == NULL || out == NULL) return ir->st->code;
  ek_infer_context c = planned_context(ir, &e, n, in, out);
  ek_status why = EK_STATUS_INIT;
  c.st = n->guard == 0 ? ir->st : &why;
  const ek_code code = infer_shapes(ir, n, &c);
  if (code != EK_OK && n->guard != 0 && code != EK_RESOURCE_EXHAUSTED) return n->late = true, EK_OK;
  if (code != EK_OK) return ek_status_set(ir->st, code, "%s", why.msg);
  c.st = ir->st;
  bool done = false;
  if ((ir->env->without_passes & EK_PASS_FOLD) != 0 || !ek__is_pure(n)) return EK_OK;
  if ((n->def->flags & EK_OP_ALIAS) != 0) return fold_alias(ir, n);
  EK_TRY(fold_partial(ir, n, &c, &done));
  return done ? EK_OK : fold_by_running(ir, n, &done);
}

ek_code ek__ir_fold(ek__ir *ir) {
  for (int i = 0; i < ir->n_nodes; i++) {
    ek__pnode *n = &ir->nodes[i];
    if (n->kind == EK__P_LOOP) EK_TRY(ek__fold_loop(ir, n));
    if (n->kind != EK__P_OP) continue;
    if (n->def == &ek_op_const) {
      ek__pvalue *v = &ir->values[n->first_out];
      v->constant = ek__attr_find(n->node, "value")->v.tensor;
      v->shape = v->constant->shape;
      EK_REQUIRE(v->dtype != EK_RESOURCE, ir->st, EK_INVALID_ARGUMENT, "Const '%s': no constant is a resource",
                 n->node->name);
      continue;
    }
    EK_TRY(infer(ir, n));
    if ((n->def->flags & EK_OP_ALIAS_WITHOUT_AXES) != 0 && (ir->env->without_passes & EK_PASS_FOLD) == 0) {
      const ek_tensor *axes = ir->values[n->in[1]].constant;
      n->alias = axes != NULL && ek_tensor_num_elements(axes) == 0;
    }
    if ((n->def->flags & EK_OP_HANDLES) != 0 && n->n_out > 0) EK_TRY(ek__fold_handle(ir, n));
    if (ek__reads_resource(n)) ir->values[n->first_out].view_of = ir->values[n->in[0]].slot;
    for (int k = 0; k < n->n_out; k++) { /* a view of a view; Merge too, for the order of reads and writes */
      ek__pvalue *v = &ir->values[n->first_out + k];
      const bool passes = ek__is_alias(n) || ek__is_merge(n);
      for (int j = 0; passes && j < n->n_in && v->view_of == NULL; j++)
        if (j == 0 || ek__is_merge(n)) v->view_of = ir->values[n->in[j]].view_of;
      if (passes && n->n_in > 0) v->made = ir->values[n->in[0]].made;
      for (int j = 1; ek__is_merge(n) && j < n->n_in; j++)
        if (ir->values[n->in[j]].made != v->made) v->made = NULL;
    }
  }
  return EK_OK;
}
