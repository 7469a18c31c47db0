/* SPDX-License-Identifier: Apache-2.0 */
/* DynamicPartition: the parts of data that carry the same number, one tensor for each number. */
#include "ops/grad_util.h"
#include "ops/index.h"

#include <inttypes.h>

static bool starts_with(ek_shape data, ek_shape partitions) {
  if (data.rank < 0 || partitions.rank < 0) return true;
  if (data.rank < partitions.rank) return false;
  for (int i = 0; i < partitions.rank; i++)
    if (data.dim[i] >= 0 && partitions.dim[i] >= 0 && data.dim[i] != partitions.dim[i]) return false;
  return true;
}

/* [n] + the dimensions of data behind those of partitions */
static ek_shape part_shape(ek_shape data, int skipped, int64_t n) {
  ek_shape s = {.rank = 1, .dim = {n}};
  for (int i = skipped; i < data.rank; i++) s.dim[s.rank++] = data.dim[i];
  return s;
}

static ek_code infer(ek_infer_context *c) {
  const ek_shape data = c->in[0].shape, partitions = c->in[1].shape;
  EK_INFER_REQUIRE(c, starts_with(data, partitions), "data must begin with the shape of partitions");
  const bool known = data.rank >= 0 && partitions.rank >= 0 && data.rank - partitions.rank < EK_MAX_RANK;
  for (int i = 0; i < c->n_out; i++)
    c->out[i].shape = known ? part_shape(data, partitions.rank, -1) : ek_shape_unknown();
  return EK_OK;
}

static ek_code run(ek_run_context *c) {
  const ek_value *data = c->in[0], *partitions = c->in[1];
  EK_RUN_REQUIRE(c,
                 starts_with(data->shape, partitions->shape) && data->shape.rank - partitions->shape.rank < EK_MAX_RANK,
                 "data.shape must start with partitions.shape");
  for (int p = 0; p < c->n_out; p++) {
    int64_t n = 0;
    for (int64_t k = 0; k < partitions->n; k++) {
      const int64_t which = ek__value_int(partitions, k);
      EK_RUN_REQUIRE(c, which >= 0 && which < c->n_out, "partitions[%" PRId64 "] = %" PRId64 " is not in [0, %d)", k,
                     which, c->n_out);
      n += which == p;
    }
    const ek_shape s = part_shape(data->shape, partitions->shape.rank, n);
    EK_TRY(ek__run_output(c, p, s));
    const int64_t size = ek__inner(s, 0);
    for (int64_t k = 0, to = 0; k < partitions->n; k++) {
      if (ek__value_int(partitions, k) != p) continue;
      ek__copy_elements(data->dtype, ek__at(data->dtype, c->out[p]->data, to++ * size),
                        ek__at(data->dtype, data->data, k * size), size);
    }
  }
  return EK_OK;
}

/* Where each part came from is partitioned like the data, and stitches the gradients together again. */
static ek_code grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  enum { MAX_PARTS = 1024 };
  const ek_out partitions = ek__grad_in(c, 1);
  const int n = c->n_dy;
  if (n > MAX_PARTS) {
    ek_graph_fail(g, EK_UNIMPLEMENTED, "DynamicPartition '%s': no gradient of %d parts; at most %d", c->node->name, n,
                  (int)MAX_PARTS);
    return EK_UNIMPLEMENTED;
  }
  const ek_out prefix = ek__op1(g, "Shape", partitions);
  const ek_out count = ek__op2(g, "Prod", prefix, ek_ints(g, 0));
  const ek_out all = ek__op3(ek_named(g, "range"), "Range", ek_integer(g, 0), count, ek_integer(g, 1));
  const ek_out original = ek__op2(g, "Reshape", all, prefix);
  const ek_op parts =
      ek_build(g, "DynamicPartition", EK_OUTS(original, partitions), EK_ATTRS(EK_INT_ATTR("num_partitions", n)));
  ek_out in[2 * MAX_PARTS];
  for (int i = 0; i < n; i++) {
    in[i] = ek_op_output(parts, i);
    in[n + i] = c->dy[i].op != 0 ? c->dy[i] : ek__grad_zeros_like(g, ek__grad_out(c, i));
  }
  const ek_out stitched = ek_op_output(ek_build(g, "ParallelDynamicStitch", (ek_outs){in, 2 * n}, EK_NO_ATTRS), 0);
  const ek_out shape = ek__op1(g, "Shape", ek__grad_in(c, 0));
  c->dx[0] = ek__op2(g, "Reshape", stitched, shape);
  return EK_OK;
}

const ek_op_def ek_op_dynamic_partition = {.name = "DynamicPartition",
                                           .doc = "outputs[i] holds the parts of data whose number in partitions is i",
                                           .in = "data: T, partitions: int32",
                                           .out = "outputs: num_partitions * T",
                                           .attrs = "num_partitions: int >= 1; T: type",
                                           .infer = infer,
                                           .grad = grad,
                                           .run = run};
