/* SPDX-License-Identifier: Apache-2.0 */
/* tf.map_fn, tf.scan, tf.foldl, tf.foldr: a loop that reads from TensorArrays, and writes to others. */
#include "evenkeel/functional.h"

#include "evenkeel/tensor_array.h"
#include "evenkeel/while_loop.h"
#include "layers/build.h"
#include "layers/layer.h"

#include <string.h>

/* One loop under construction. What is accumulated has n_kept parts, what is written n_arrays. */
typedef struct work {
  ek_graph *g;
  ek_out n; /* how many elements: a literal, or an output */
  int n_elems, n_kept, n_arrays;
  ek_out *elems, *vars, *kept, *read, *next;
  ek_tensor_array *inputs, *outputs;
} work;

static bool begin(work *w, const char *what, ek_graph *g, ek_outs elems, int n_kept, int n_arrays, uint32_t version) {
  char text[EK_SHAPE_TEXT];
  g = ek_composite_begin(g, what);
  *w = (work){.g = g, .n_elems = elems.n, .n_kept = n_kept, .n_arrays = n_arrays};
  (void)ek_variable_scope_begin(
      g, NULL, EK_SCOPE(.scope = ek_get_variable_scope(g), .auxiliary_name_scope = false, .cached = true));
  if (!ek__options_ok(g, what, version)) return false;
  const size_t most = (size_t)elems.n + (size_t)n_kept + (size_t)n_arrays + 1;
  w->elems = ek_graph_alloc(g, most * sizeof *w->elems);
  w->vars = ek_graph_alloc(g, most * sizeof *w->vars);
  w->kept = ek_graph_alloc(g, most * sizeof *w->kept);
  w->read = ek_graph_alloc(g, most * sizeof *w->read);
  w->next = ek_graph_alloc(g, most * sizeof *w->next);
  w->inputs = ek_graph_alloc(g, most * sizeof *w->inputs);
  w->outputs = ek_graph_alloc(g, most * sizeof *w->outputs);
  if (ek_graph_status(g, NULL) != EK_OK) return false;
  int64_t all = -1; /* the first dimension of those so far; -1: not known */
  if (elems.n < 1) ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': no elems", what, ek_current_name_scope(g));
  for (int i = 0; i < elems.n && ek__given(g, "elems", elems.at[i]); i++) {
    w->elems[i] = ek_convert(g, elems.at[i], EK_INVALID_DTYPE, "elem");
    const ek_shape s = ek_out_shape(g, w->elems[i]);
    const int64_t length = s.rank > 0 ? s.dim[0] : -1;
    if (s.rank < 1 || (length >= 0 && all >= 0 && length != all))
      ek_graph_fail(g, EK_INVALID_ARGUMENT,
                    "%s '%s': elem %d has shape %s; allowed: one dimension at least, the first as the others have it",
                    what, ek_current_name_scope(g), i, ek_shape_format(s, text, sizeof text));
    if (all < 0) all = length;
  }
  return ek_graph_status(g, NULL) == EK_OK;
}

static void end(work *w) {
  ek_variable_scope_end(w->g);
  ek_name_scope_end(w->g);
}

/* n, which TensorFlow asks the first of elems for; empty: 0 counts as not known. */
static void find_n(work *w, bool empty) {
  const int64_t length = ek_out_shape(w->g, w->elems[0]).dim[0];
  w->n = length > 0 || (length == 0 && !empty) ? ek_integer(w->g, length)
                                               : ek__py_element(w->g, ek__py_shape(w->g, w->elems[0]), 0);
}

/* n - 1 */
static ek_out last(const work *w) {
  if (w->n.op < 0) return ek_integer(w->g, ek_out_shape(w->g, w->elems[0]).dim[0] - 1);
  return ek__op2(ek_named(w->g, "sub"), "Sub", w->n, ek_integer(w->g, 1));
}

static void take_apart(work *w, int i, bool element_shape) {
  ek_tensor_array_opts o = EK_TENSOR_ARRAY_OPTS_INIT;
  const ek_shape s = ek_out_shape(w->g, w->elems[i]);
  if (element_shape) o.element_shape = ek_shape_of(s.dim + 1, s.rank - 1);
  w->inputs[i] = ek_tensor_array_new(w->g, ek_out_dtype(w->g, w->elems[i]), w->n, &o);
}

static void unstack(work *w, int i) { w->inputs[i] = ek_tensor_array_unstack(w->g, w->inputs[i], w->elems[i]); }

static void read_at(work *w, ek_out index) {
  for (int i = 0; i < w->n_elems; i++) w->read[i] = ek_tensor_array_read(w->g, w->inputs[i], index);
}

static ek_out add_one(ek_graph *g, ek_out i) { return ek__op2(ek_named(g, "add"), "AddV2", i, ek_integer(g, 1)); }
static ek_out less_one(ek_graph *g, ek_out i) { return ek__op2(ek_named(g, "sub"), "Sub", i, ek_integer(g, 1)); }

/* ---- the loop */

/* The loop variables behind the index: what is accumulated, then the flows. */
static ek_outs all_vars(work *w, ek_out index) {
  int n = 0;
  w->vars[n++] = index;
  for (int i = 0; i < w->n_kept; i++) w->vars[n++] = w->kept[i];
  for (int i = 0; i < w->n_arrays; i++) w->vars[n++] = w->outputs[i].flow;
  return (ek_outs){w->vars, n};
}

/* The arrays where the loop is: by its variables in the condition and in the body, by its results behind it. */
static void arrays_at(work *w, const ek_while_block *loop, ek_out (*var)(const ek_while_block *, int)) {
  for (int i = 0; i < w->n_arrays; i++)
    w->outputs[i] = ek_tensor_array_at(w->g, w->outputs[i], var(loop, 1 + w->n_kept + i));
}

/* Writes what a call gave; after an error there is nothing to write. */
static void write_next(work *w, ek_out index) {
  for (int i = 0; i < w->n_arrays && ek_graph_status(w->g, NULL) == EK_OK; i++)
    w->outputs[i] = ek_tensor_array_write(w->g, w->outputs[i], index, w->next[i]);
}

static void go_on(work *w, ek_while_block *loop, ek_out index) {
  ek_while_next(loop, index);
  for (int i = 0; i < w->n_kept; i++) ek_while_next(loop, w->next[i]);
  for (int i = 0; i < w->n_arrays; i++) ek_while_next(loop, w->outputs[i].flow);
}

static void stack_all(work *w, ek_out *results) {
  for (int i = 0; i < w->n_arrays; i++) results[i] = ek_tensor_array_stack(w->g, w->outputs[i]);
  for (int i = 0; i < w->n_arrays && results[i].op > 0; i++) {
    ek_shape s = ek_out_shape(w->g, results[i]);
    if (s.rank < 1) continue;
    s.dim[0] = ek_out_shape(w->g, w->elems[0]).dim[0];
    ek_out_set_shape(w->g, results[i], s);
  }
}

static void none(ek_out *results, int n) {
  for (int i = 0; i < n; i++) results[i] = ek__no_out;
}

/* ---- map_fn */

void ek_map_fn(ek_graph *g, ek_map_body body, ek_outs elems, void *ctx, const ek_map_fn_opts *options,
               ek_out *results) {
  static const ek_map_fn_opts defaults = EK_MAP_FN_OPTS_INIT;
  const ek_map_fn_opts *o = options != NULL ? options : &defaults;
  const int n = o->dtypes != NULL ? o->n_dtypes : elems.n;
  work w;
  none(results, n);
  if (begin(&w, "map", g, elems, 0, n, o->version)) {
    g = w.g;
    find_n(&w, true);
    for (int i = 0; i < w.n_elems; i++) take_apart(&w, i, false);
    for (int i = 0; i < w.n_elems; i++) unstack(&w, i);
    const ek_out first = ek_constant_int32(g, 0);
    for (int i = 0; i < n; i++)
      w.outputs[i] = ek_tensor_array_new(g, o->dtypes != NULL ? o->dtypes[i] : ek_out_dtype(g, w.elems[i]), w.n,
                                         EK_TENSOR_ARRAY(.infer_shape = o->infer_shape));
    ek_while_block loop;
    EK_WHILE(g, all_vars(&w, first),
             EK_WHILE_LOOP(.parallel_iterations = o->parallel_iterations, .back_prop = o->back_prop,
                           .swap_memory = o->swap_memory, .maximum_iterations = w.n),
             loop) {
      EK_WHILE_COND(loop) {
        arrays_at(&w, &loop, ek_while_var);
        ek_while_test(&loop, ek__op2(g, "Less", ek_while_var(&loop, 0), w.n));
      }
      EK_WHILE_BODY(loop) {
        const ek_out i = ek_while_var(&loop, 0);
        arrays_at(&w, &loop, ek_while_var);
        read_at(&w, i);
        body(g, (ek_outs){w.read, w.n_elems}, w.next, ctx);
        write_next(&w, i);
        go_on(&w, &loop, add_one(g, i));
      }
      arrays_at(&w, &loop, ek_while_result);
    }
    stack_all(&w, results);
  }
  end(&w);
}

/* ---- scan */

static void begin_with(work *w, ek_outs initializer) {
  for (int i = 0; i < initializer.n; i++) w->kept[i] = ek_convert(w->g, initializer.at[i], EK_INVALID_DTYPE, NULL);
}

/* Without an initializer: the element at the end where the loop begins, for each of elems. */
static void begin_with_element(work *w, bool reverse) {
  for (int i = 0; i < w->n_elems; i++)
    w->kept[i] = ek_tensor_array_read(w->g, w->inputs[i], reverse ? last(w) : ek_integer(w->g, 0));
}

static void new_results(work *w, bool infer_shape) {
  for (int i = 0; i < w->n_arrays; i++) {
    ek_tensor_array_opts o = EK_TENSOR_ARRAY_OPTS_INIT;
    o.infer_shape = infer_shape;
    if (infer_shape) o.element_shape = ek_out_shape(w->g, w->kept[i]);
    w->outputs[i] = ek_tensor_array_new(w->g, ek_out_dtype(w->g, w->kept[i]), w->n, &o);
  }
}

static ek_out first_index(const work *w, bool reverse, int64_t done) {
  if (!reverse) return ek_integer(w->g, done);
  if (w->n.op < 0) return ek_integer(w->g, ek_out_shape(w->g, w->elems[0]).dim[0] - 1 - done);
  return ek__op2(ek_named(w->g, "sub"), "Sub", last(w), ek_integer(w->g, done));
}

void ek_scan(ek_graph *g, ek_scan_body body, ek_outs elems, void *ctx, const ek_scan_opts *options, ek_out *results) {
  static const ek_scan_opts defaults = EK_SCAN_OPTS_INIT;
  const ek_scan_opts *o = options != NULL ? options : &defaults;
  const bool given = o->initializer.n > 0;
  const int n = given ? o->initializer.n : elems.n;
  work w;
  none(results, n);
  if (begin(&w, "scan", g, elems, n, n, o->version)) {
    g = w.g;
    find_n(&w, false);
    for (int i = 0; i < w.n_elems; i++) take_apart(&w, i, true);
    for (int i = 0; i < w.n_elems; i++) unstack(&w, i);
    if (given)
      begin_with(&w, o->initializer);
    else
      begin_with_element(&w, o->reverse);
    new_results(&w, o->infer_shape);
    for (int i = 0; i < n && !given; i++)
      w.outputs[i] = ek_tensor_array_write(g, w.outputs[i], o->reverse ? last(&w) : ek_integer(g, 0), w.kept[i]);
    const ek_out first = first_index(&w, o->reverse, given ? 0 : 1);
    ek_while_block loop;
    EK_WHILE(g, all_vars(&w, first),
             EK_WHILE_LOOP(.parallel_iterations = o->parallel_iterations, .back_prop = o->back_prop,
                           .swap_memory = o->swap_memory, .maximum_iterations = w.n),
             loop) {
      EK_WHILE_COND(loop) {
        arrays_at(&w, &loop, ek_while_var);
        const ek_out i = ek_while_var(&loop, 0);
        ek_while_test(&loop, o->reverse ? ek__op2(g, "GreaterEqual", i, ek_integer(g, 0)) : ek__op2(g, "Less", i, w.n));
      }
      EK_WHILE_BODY(loop) {
        const ek_out i = ek_while_var(&loop, 0);
        arrays_at(&w, &loop, ek_while_var);
        for (int k = 0; k < n; k++) w.kept[k] = ek_while_var(&loop, 1 + k);
        read_at(&w, i);
        body(g, (ek_outs){w.kept, n}, (ek_outs){w.read, w.n_elems}, w.next, ctx);
        write_next(&w, i);
        go_on(&w, &loop, o->reverse ? less_one(g, i) : add_one(g, i));
      }
      arrays_at(&w, &loop, ek_while_result);
    }
    stack_all(&w, results);
  }
  end(&w);
}

/* ---- foldl, foldr */

static void fold(ek_graph *g, bool left, ek_scan_body body, ek_outs elems, void *ctx, const ek_scan_opts *options,
                 ek_out *results) {
  static const ek_scan_opts defaults = EK_SCAN_OPTS_INIT;
  const ek_scan_opts *o = options != NULL ? options : &defaults;
  const bool given = o->initializer.n > 0;
  const int n = given ? o->initializer.n : elems.n;
  work w;
  none(results, n);
  if (begin(&w, left ? "foldl" : "foldr", g, elems, n, 0, o->version)) {
    g = w.g;
    find_n(&w, true);
    for (int i = 0; i < w.n_elems; i++) {
      take_apart(&w, i, false);
      unstack(&w, i);
    }
    ek_out first = left ? ek__no_out : given ? w.n : last(&w);
    if (given)
      memcpy(w.kept, o->initializer.at, (size_t)n * sizeof *w.kept);
    else
      for (int i = 0; i < n; i++) w.kept[i] = ek_tensor_array_read(g, w.inputs[i], left ? ek_integer(g, 0) : first);
    if (left) first = ek_constant_int32(g, given ? 0 : 1);
    ek_while_block loop;
    EK_WHILE(g, all_vars(&w, first),
             EK_WHILE_LOOP(.parallel_iterations = o->parallel_iterations, .back_prop = o->back_prop,
                           .swap_memory = o->swap_memory, .maximum_iterations = w.n),
             loop) {
      EK_WHILE_COND(loop) {
        const ek_out i = ek_while_var(&loop, 0);
        ek_while_test(&loop, left ? ek__op2(g, "Less", i, w.n) : ek__op2(g, "Greater", i, ek_integer(g, 0)));
      }
      EK_WHILE_BODY(loop) {
        const ek_out now = ek_while_var(&loop, 0), i = left ? now : less_one(g, now);
        for (int k = 0; k < n; k++) w.kept[k] = ek_while_var(&loop, 1 + k);
        read_at(&w, i);
        body(g, (ek_outs){w.kept, n}, (ek_outs){w.read, w.n_elems}, w.next, ctx);
        go_on(&w, &loop, left ? add_one(g, i) : i);
      }
    }
    for (int k = 0; k < n; k++) results[k] = ek_while_result(&loop, 1 + k);
  }
  end(&w);
}

void ek_foldl(ek_graph *g, ek_scan_body body, ek_outs elems, void *ctx, const ek_scan_opts *options, ek_out *results) {
  fold(g, true, body, elems, ctx, options, results);
}

void ek_foldr(ek_graph *g, ek_scan_body body, ek_outs elems, void *ctx, const ek_scan_opts *options, ek_out *results) {
  fold(g, false, body, elems, ctx, options, results);
}
