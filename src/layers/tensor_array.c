/* SPDX-License-Identifier: Apache-2.0 */
/* tf.TensorArray, as its Python class writes it: the scopes that it opens, what it colocates, the shapes it learns. */
#include "evenkeel/tensor_array.h"

#include "evenkeel/session.h"
#include "layers/build.h"
#include "layers/layer.h"

#include <string.h>

struct ek__tensor_array {
  ek_dtype dtype;
  bool infer_shape, dynamic_size, colocates;
  ek_out size;             /* as it was given; none: not known */
  ek_out first;            /* the value that was written first */
  ek_shape *element_shape; /* shared with the arrays of gradients */
};

static const ek_tensor_array no_array;

/* ---- making one */

/* As Python does when it makes the object anew: a name that is handed out, and no op. */
static void open_and_close(ek_graph *g) {
  (void)ek_name_scope_begin(g, "TensorArray");
  ek_name_scope_end(g);
}

static struct ek__tensor_array *new_state(ek_graph *g, struct ek__tensor_array made, ek_shape *element_shape) {
  struct ek__tensor_array *s = ek_graph_alloc(g, sizeof *s);
  if (s == NULL || element_shape == NULL) return NULL;
  *s = made;
  s->element_shape = element_shape;
  return s;
}

ek_tensor_array ek_tensor_array_new(ek_graph *g, ek_dtype dtype, ek_out size, const ek_tensor_array_opts *options) {
  static const ek_tensor_array_opts defaults = EK_TENSOR_ARRAY_OPTS_INIT;
  const ek_tensor_array_opts *o = options != NULL ? options : &defaults;
  ek_tensor_array array = no_array;
  g = ek_composite_begin(g, "TensorArray");
  if (ek__options_ok(g, "TensorArray", o->version) && ek__given(g, "size", size)) {
    ek_shape *shape = ek_graph_alloc(g, sizeof *shape);
    array.state = new_state(g,
                            (struct ek__tensor_array){.dtype = dtype,
                                                      .infer_shape = o->infer_shape,
                                                      .dynamic_size = o->dynamic_size,
                                                      .colocates = o->colocate_with_first_write_call,
                                                      .size = size},
                            shape);
    if (array.state != NULL) {
      *shape = o->element_shape;
      if (o->colocate_with_first_write_call) ek_colocate_with_begin(g, (ek_op){0}, true);
      const ek_op op = ek_build(
          ek_named_scope(g), "TensorArrayV3", EK_OUTS(size),
          EK_ATTRS(EK_TYPE_ATTR("dtype", dtype), EK_SHAPE_ATTR("element_shape", o->element_shape),
                   EK_BOOL_ATTR("dynamic_size", o->dynamic_size), EK_BOOL_ATTR("clear_after_read", o->clear_after_read),
                   EK_BOOL_ATTR("identical_element_shapes", o->infer_shape),
                   EK_STRING_ATTR("tensor_array_name", o->tensor_array_name != NULL ? o->tensor_array_name : "")));
      if (o->colocate_with_first_write_call) ek_colocate_with_end(g);
      array.handle = ek_op_output(op, 0);
      array.flow = ek_op_output(op, 1);
    }
  }
  ek_name_scope_end(g);
  return array;
}

/* False, with an error on the graph, if there is no array. */
static bool usable(ek_graph *g, ek_tensor_array array) {
  if (ek_graph_status(ek_named(g, NULL), NULL) != EK_OK) return false;
  if (array.state != NULL && array.handle.op > 0 && array.flow.op > 0) return true;
  ek_graph_fail(ek_named(g, NULL), EK_INVALID_ARGUMENT, "TensorArray '%s': no array, or none that has a flow",
                ek_current_name_scope(ek_named(g, NULL)));
  return false;
}

ek_tensor_array ek_tensor_array_at(ek_graph *g, ek_tensor_array array, ek_out flow) {
  g = ek_named(g, NULL);
  array.flow = flow;
  if (!usable(g, array)) return no_array;
  open_and_close(g);
  return array;
}

ek_tensor_array ek_tensor_array_identity(ek_graph *g, ek_tensor_array array) {
  if (!usable(g, array)) return no_array;
  const ek_out flow = ek__op1(g, "Identity", array.flow);
  return ek_tensor_array_at(g, array, flow);
}

/* ---- shapes */

ek_shape ek_tensor_array_element_shape(ek_tensor_array array) {
  return array.state != NULL ? *array.state->element_shape : ek_shape_unknown();
}

ek_dtype ek_tensor_array_dtype(ek_tensor_array array) {
  return array.state != NULL ? array.state->dtype : EK_INVALID_DTYPE;
}

static ek_shape without_first(ek_shape s) {
  if (s.rank < 1) return ek_shape_unknown();
  return ek_shape_of(s.dim + 1, s.rank - 1);
}

static ek_shape behind(int64_t n, ek_shape s) {
  int64_t dim[EK_MAX_RANK] = {n};
  if (s.rank < 0 || s.rank >= EK_MAX_RANK) return ek_shape_unknown();
  memcpy(dim + 1, s.dim, (size_t)s.rank * sizeof *dim);
  return ek_shape_of(dim, s.rank + 1);
}

static void check_element(ek_graph *g, ek_tensor_array array, ek_shape seen) {
  char saw[EK_SHAPE_TEXT], want[EK_SHAPE_TEXT];
  ek_shape *known = array.state->element_shape;
  if (ek_graph_status(g, NULL) != EK_OK) return;
  if (!ek_shape_compatible(seen, *known)) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "TensorArray '%s': Inconsistent shapes: saw %s but expected %s",
                  ek_op_name(g, ek_out_op(array.handle)), ek_shape_format(seen, saw, sizeof saw),
                  ek_shape_format(*known, want, sizeof want));
    return;
  }
  if (!array.state->infer_shape) return;
  if (known->rank < 0) *known = seen;
  for (int i = 0; i < known->rank && seen.rank >= 0; i++)
    if (known->dim[i] < 0) known->dim[i] = seen.dim[i];
}

/* The value, if it is of the array's dtype. */
static ek_out value_of(ek_graph *g, ek_tensor_array array, ek_out value) {
  if (!ek__given(g, "value", value)) return ek__no_out;
  const ek_out x = ek_convert(g, value, value.op < 0 ? array.state->dtype : EK_INVALID_DTYPE, "value");
  if (ek_graph_status(g, NULL) != EK_OK || ek_out_dtype(g, x) == array.state->dtype) return x;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "TensorArray '%s': value is %s, the elements are %s",
                ek_op_name(g, ek_out_op(array.handle)), ek_dtype_name(ek_out_dtype(g, x)),
                ek_dtype_name(array.state->dtype));
  return ek__no_out;
}

/* ---- writing */

static void colocate_begin(ek_graph *g, ek_tensor_array array, ek_out value) {
  if (!array.state->colocates) return;
  if (array.state->first.op == 0) array.state->first = value;
  ek_colocate_with_begin(g, ek_out_op(array.state->first), false);
}

/* The op that is the result, by the name of its scope if there was one given. */
static ek_graph *same(ek_graph *g, const char *name) { return name != NULL ? ek_named(g, name) : g; }

/* Ends what colocate_begin began with the op that writes; the array behind it. The op has the name given, else its
 * type's. */
static ek_tensor_array written(ek_graph *g, const char *name, const char *type, ek_tensor_array array, ek_out a,
                               ek_out b) {
  const ek_op op = ek_build(same(g, name), type, EK_OUTS(array.handle, a, b, array.flow), EK_NO_ATTRS);
  if (array.state->colocates) ek_colocate_with_end(g);
  return ek_tensor_array_at(g, array, ek_op_output(op, 0));
}

ek_tensor_array ek_tensor_array_write(ek_graph *g, ek_tensor_array array, ek_out index, ek_out value) {
  const char *name = ek_given_name(g);
  if (!usable(g, array)) return no_array;
  g = ek_composite_begin(g, "TensorArrayWrite");
  const ek_out x = value_of(g, array, value);
  if (ek__given(g, "index", index)) {
    check_element(g, array, ek_out_shape(g, x));
    colocate_begin(g, array, x);
    array = written(g, name, "TensorArrayWriteV3", array, index, x);
  }
  ek_name_scope_end(g);
  return array;
}

ek_tensor_array ek_tensor_array_scatter(ek_graph *g, ek_tensor_array array, ek_out indices, ek_out value) {
  const char *name = ek_given_name(g);
  if (!usable(g, array)) return no_array;
  g = ek_composite_begin(g, "TensorArrayScatter");
  const ek_out x = value_of(g, array, value);
  if (ek__given(g, "indices", indices)) {
    check_element(g, array, without_first(ek_out_shape(g, x)));
    colocate_begin(g, array, x);
    array = written(g, name, "TensorArrayScatterV3", array, indices, x);
  }
  ek_name_scope_end(g);
  return array;
}

ek_tensor_array ek_tensor_array_unstack(ek_graph *g, ek_tensor_array array, ek_out value) {
  const char *name = ek_given_name(g);
  if (!usable(g, array)) return no_array;
  g = ek_composite_begin(g, "TensorArrayUnstack");
  const ek_out x = value.op < 0 ? value_of(g, array, value) : value;
  const ek_out n = ek__py_element(g, ek__py_shape(g, x), 0);
  const ek_out indices = ek__py_range(g, ek_integer(g, 0), n);
  array = ek_tensor_array_scatter(same(g, name), array, indices, x);
  ek_name_scope_end(g);
  return array;
}

/* lengths as int64: Python first makes a tensor of int32 of a list. */
static ek_out lengths_of(ek_graph *g, ek_out lengths) {
  if (lengths.op > 0) return ek__py_cast(g, lengths, EK_INT64);
  (void)ek_name_scope_begin(g, "Cast");
  const ek_out x = ek_convert(g, lengths, EK_INT32, "x");
  const ek_out y =
      ek_op_output(ek_build(ek_named_scope(g), "Cast", EK_OUTS(x), EK_ATTRS(EK_TYPE_ATTR("DstT", EK_INT64))), 0);
  ek_name_scope_end(g);
  return y;
}

/* Equal lengths that are known say what an element is. */
static void check_pieces(ek_graph *g, ek_tensor_array array, ek_shape whole, ek_out lengths) {
  ek_tensor *known = ek_graph_status(g, NULL) == EK_OK ? ek_constant_value(g, lengths) : NULL;
  const int64_t n = known != NULL && ek_tensor_shape(known).rank > 0 ? ek_tensor_num_elements(known) : 0;
  bool equal = n > 0 && whole.rank >= 1;
  for (int64_t i = 1; i < n && equal; i++) equal = ek_tensor_number(known, i) == ek_tensor_number(known, 0);
  if (equal) check_element(g, array, behind((int64_t)ek_tensor_number(known, 0), without_first(whole)));
  ek_tensor_free(known);
}

ek_tensor_array ek_tensor_array_split(ek_graph *g, ek_tensor_array array, ek_out value, ek_out lengths) {
  const char *name = ek_given_name(g);
  if (!usable(g, array)) return no_array;
  g = ek_composite_begin(g, "TensorArraySplit");
  const ek_out x = value_of(g, array, value);
  if (ek__given(g, "lengths", lengths)) {
    colocate_begin(g, array, x);
    const ek_out pieces = lengths_of(g, lengths);
    check_pieces(g, array, ek_out_shape(g, x), pieces);
    array = written(g, name, "TensorArraySplitV3", array, x, pieces);
  }
  ek_name_scope_end(g);
  return array;
}

/* ---- reading */

static void say_shape(ek_graph *g, ek_out out, ek_shape shape) {
  if (out.op > 0 && ek_graph_status(g, NULL) == EK_OK) ek_out_set_shape(g, out, shape);
}

ek_out ek_tensor_array_read(ek_graph *g, ek_tensor_array array, ek_out index) {
  if (!usable(g, array)) return ek__no_out;
  const ek_op op = ek_build(g, "TensorArrayReadV3", EK_OUTS(array.handle, index, array.flow),
                            EK_ATTRS(EK_TYPE_ATTR("dtype", array.state->dtype)));
  say_shape(ek_named(g, NULL), ek_op_output(op, 0), *array.state->element_shape);
  return ek_op_output(op, 0);
}

ek_out ek_tensor_array_gather(ek_graph *g, ek_tensor_array array, ek_out indices) {
  if (!usable(g, array)) return ek__no_out;
  const ek_shape element = *array.state->element_shape;
  const ek_op op =
      ek_build(g, "TensorArrayGatherV3", EK_OUTS(array.handle, indices, array.flow),
               EK_ATTRS(EK_TYPE_ATTR("dtype", array.state->dtype), EK_SHAPE_ATTR("element_shape", element)));
  say_shape(ek_named(g, NULL), ek_op_output(op, 0), behind(-1, element));
  return ek_op_output(op, 0);
}

/* The size as it is known while building; -1: not. */
static int64_t known_size(ek_graph *g, ek_out size) {
  if (ek_graph_status(g, NULL) != EK_OK || strcmp(ek_op_type(g, ek_out_op(size)), "Const") != 0) return -1;
  ek_tensor *value = ek_constant_value(g, size);
  const int64_t n = value != NULL ? (int64_t)ek_tensor_number(value, 0) : -1;
  ek_tensor_free(value);
  return n;
}

ek_out ek_tensor_array_size(ek_graph *g, ek_tensor_array array) {
  if (!usable(g, array)) return ek__no_out;
  if (!array.state->dynamic_size && array.state->size.op != 0)
    return ek_convert(ek_named(g, NULL), array.state->size, EK_INT32, NULL);
  return ek__op2(g, "TensorArraySizeV3", array.handle, array.flow);
}

ek_out ek_tensor_array_stack(ek_graph *g, ek_tensor_array array) {
  const char *name = ek_given_name(g);
  if (!usable(g, array)) return ek__no_out;
  ek_colocate_with_begin(ek_named(g, NULL), ek_out_op(array.handle), false);
  g = ek_composite_begin(g, "TensorArrayStack");
  const ek_out size = ek_tensor_array_size(g, array);
  const ek_out all = ek_tensor_array_gather(same(g, name), array, ek__py_range(g, ek_integer(g, 0), size));
  if (!array.state->dynamic_size && array.state->size.op != 0)
    say_shape(g, all, behind(known_size(g, size), *array.state->element_shape));
  ek_name_scope_end(g);
  ek_colocate_with_end(g);
  return all;
}

ek_out ek_tensor_array_concat(ek_graph *g, ek_tensor_array array) {
  if (!usable(g, array)) return ek__no_out;
  const ek_shape rest = without_first(*array.state->element_shape);
  const ek_op op =
      ek_build(g, "TensorArrayConcatV3", EK_OUTS(array.handle, array.flow),
               EK_ATTRS(EK_TYPE_ATTR("dtype", array.state->dtype), EK_SHAPE_ATTR("element_shape_except0", rest)));
  say_shape(ek_named(g, NULL), ek_op_output(op, 0), behind(-1, rest));
  return ek_op_output(op, 0);
}

/* ---- gradients, end */

ek_tensor_array ek_tensor_array_grad(ek_graph *g, ek_tensor_array array, const char *source, ek_out flow) {
  const char *name = ek_given_name(g);
  if (!usable(g, array)) return no_array;
  if (flow.op == 0) flow = array.flow;
  g = ek_composite_begin(g, "TensorArrayGrad");
  ek_colocate_with_begin(g, ek_out_op(array.handle), false);
  const ek_op made = ek_build(same(g, name), "TensorArrayGradV3", EK_OUTS(array.handle, flow),
                              EK_ATTRS(EK_STRING_ATTR("source", source)));
  ek_control_dependencies_begin(g, EK_OPS(made));
  ek_tensor_array gradient = {.handle = ek_op_output(made, 0)};
  gradient.flow = ek__op1(ek_named(g, "gradient_flow"), "Identity", flow);
  ek_control_dependencies_end(g);
  gradient.state =
      new_state(g, (struct ek__tensor_array){.dtype = array.state->dtype, .infer_shape = array.state->infer_shape},
                array.state->element_shape);
  open_and_close(g);
  ek_colocate_with_end(g);
  ek_name_scope_end(g);
  return gradient;
}

ek_op ek_tensor_array_close(ek_graph *g, ek_tensor_array array) {
  if (!usable(g, array)) return (ek_op){0};
  return ek_build(g, "TensorArrayCloseV3", EK_OUTS(array.handle), EK_NO_ATTRS);
}
