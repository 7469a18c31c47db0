/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints as ops: SaveV2, RestoreV2, MergeV2Checkpoints, ShardedFilename. */
#include "io/bundle_reader.h"
#include "io/bundle_slices.h"
#include "io/bundle_writer.h"
#include "ops/index.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FLAGS (EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE)

static const char *text_at(const ek_value *v, int64_t k) {
  const ek__bytes *b = ((ek__bytes *const *)v->data)[k];
  return b != NULL ? b->data : "";
}

/* Inputs 0, 1 and 2: a prefix, and a name and a slice for each of n tensors. */
static ek_code check_names(ek_run_context *c, int64_t n) {
  EK_RUN_REQUIRE(c, c->in[0]->n == 1, "Input prefix should be a single string, got %" PRId64, c->in[0]->n);
  EK_RUN_REQUIRE(c, c->in[1]->n == n && c->in[2]->n == n,
                 "%" PRId64 " tensors, but %" PRId64 " tensor_names and %" PRId64 " shape_and_slices", n, c->in[1]->n,
                 c->in[2]->n);
  return EK_OK;
}

/* What shape_and_slices says of tensor i; false: that it is whole, or (with an error) nonsense. */
typedef struct part {
  ek_shape whole, shape;
  ek__bundle_slice slice;
} part;

static ek_code part_of(ek_run_context *c, int64_t i, part *p, bool *is_part) {
  const char *text = text_at(c->in[2], i);
  ek_status why = EK_STATUS_INIT;
  *is_part = *text != '\0';
  if (*is_part && ek__bundle_slice_parse(text, &p->whole, &p->slice, &p->shape, &why) != EK_OK)
    return ek__run_fail(c, why.code, "tensor_name = %s; %s", text_at(c->in[1], i), why.msg);
  return EK_OK;
}

/* ---- SaveV2 */

static ek_code save_one(ek_run_context *c, ek__bundle_writer *w, int64_t i, const ek_value *v) {
  part p;
  bool is_part = false;
  const char *name = text_at(c->in[1], i);
  char have[EK_SHAPE_TEXT], want[EK_SHAPE_TEXT];
  EK_TRY(part_of(c, i, &p, &is_part));
  if (!is_part) return ek__bundle_writer_add(w, name, v->dtype, v->shape, v->data, c->st);
  EK_RUN_REQUIRE(
      c, ek_shape_equal(p.shape, v->shape),
      "Slice in shape_and_slice specification does not match the shape of the tensor to save: %s, tensor: %s",
      ek_shape_format(p.shape, want, sizeof want), ek_shape_format(v->shape, have, sizeof have));
  return ek__bundle_writer_add_slice(w, name, p.whole, &p.slice, v->dtype, v->shape, v->data, c->st);
}

static ek_code run_save(ek_run_context *c) {
  enum { FIRST = 3 };
  ek__bundle_writer *w = NULL;
  EK_TRY(check_names(c, c->n_in - FIRST));
  ek_code rc = ek__bundle_writer_new(text_at(c->in[0], 0), c->allocator, &w, c->st);
  for (int i = FIRST; rc == EK_OK && i < c->n_in; i++) rc = save_one(c, w, i - FIRST, c->in[i]);
  if (rc == EK_OK) rc = ek__bundle_writer_finish(w, c->st);
  ek__bundle_writer_free(w);
  return rc;
}

const ek_op_def ek_op_save_v2 = {.name = "SaveV2",
                                 .doc = "writes tensors under their names to a checkpoint in TensorFlow's V2 form",
                                 .in = "prefix: string, tensor_names: string, shape_and_slices: string, tensors: "
                                       "dtypes",
                                 .attrs = "dtypes: list(type) >= 1",
                                 .flags = FLAGS,
                                 .run = run_save};

/* ---- RestoreV2 */

static ek_code infer_restore(ek_infer_context *c) {
  const ek_tensor *specs = c->constant(c, 2);
  for (int i = 0; i < c->n_out; i++) {
    ek_shape whole;
    ek__bundle_slice slice;
    ek_shape *shape = &c->out[i].shape;
    const bool given = specs != NULL && i < ek_tensor_num_elements(specs) && *ek_tensor_string(specs, i, NULL) != '\0';
    if (!given || ek__bundle_slice_parse(ek_tensor_string(specs, i, NULL), &whole, &slice, shape, NULL) != EK_OK)
      *shape = ek_shape_unknown();
  }
  return EK_OK;
}

static ek_code restore_one(ek_run_context *c, const ek__bundle_reader *r, int i) {
  const ek__bundle_entry *e = NULL;
  const char *name = text_at(c->in[1], i);
  EK_TRY(ek__bundle_reader_lookup(r, name, &e, c->st));
  EK_RUN_REQUIRE(c, e->dtype == c->out[i]->dtype,
                 "tensor_name = %s; expected dtype %s does not equal original dtype %s", name,
                 ek_dtype_name(c->out[i]->dtype), ek_dtype_name(e->dtype));
  part p;
  bool is_part = false;
  EK_TRY(part_of(c, i, &p, &is_part));
  EK_TRY(ek__bundle_reader_check(r, e, c->st));
  if (!is_part) {
    EK_TRY(ek__run_output(c, i, e->shape));
    return ek__bundle_reader_read(r, e, c->out[i]->data, c->st);
  }
  char have[EK_SHAPE_TEXT], want[EK_SHAPE_TEXT];
  EK_RUN_REQUIRE(c, ek_shape_equal(p.whole, e->shape),
                 "tensor_name = %s; shape in shape_and_slice spec %s does not match the shape stored in checkpoint: %s",
                 name, ek_shape_format(p.whole, want, sizeof want), ek_shape_format(e->shape, have, sizeof have));
  EK_TRY(ek__run_output(c, i, p.shape));
  return ek__bundle_read_slice(r, e, &p.slice, c->out[i]->data, c->st);
}

static ek_code run_restore(ek_run_context *c) {
  ek__bundle_reader *r = NULL;
  EK_TRY(check_names(c, c->n_out));
  ek_code rc = ek__bundle_reader_new(text_at(c->in[0], 0), c->allocator, &r, c->st);
  for (int i = 0; rc == EK_OK && i < c->n_out; i++) rc = restore_one(c, r, i);
  ek__bundle_reader_free(r);
  return rc;
}

const ek_op_def ek_op_restore_v2 = {.name = "RestoreV2",
                                    .doc = "reads tensors by name from a checkpoint",
                                    .in = "prefix: string, tensor_names: string, shape_and_slices: string",
                                    .out = "tensors: dtypes",
                                    .attrs = "dtypes: list(type) >= 1",
                                    .flags = FLAGS,
                                    .infer = infer_restore,
                                    .run = run_restore};

/* ---- MergeV2Checkpoints */

static ek_code run_merge(ek_run_context *c) {
  const int64_t n = c->in[0]->n;
  EK_RUN_REQUIRE(c, c->in[1]->n == 1, "destination_prefix must be a single string");
  const char **prefixes = ek__alloc_array(c->allocator, (size_t)n, sizeof *prefixes);
  if (prefixes == NULL) return ek__no_memory(c->st, c->node->name, (size_t)n * sizeof *prefixes);
  for (int64_t i = 0; i < n; i++) prefixes[i] = text_at(c->in[0], i);
  const ek_code rc = ek__bundle_merge(prefixes, (int)n, text_at(c->in[1], 0), ek__attr_bool(c->node, "delete_old_dirs"),
                                      c->allocator, c->st);
  ek__free(c->allocator, prefixes, (size_t)n * sizeof *prefixes);
  return rc;
}

const ek_op_def ek_op_merge_v2_checkpoints = {.name = "MergeV2Checkpoints",
                                              .doc = "one checkpoint of several, which are removed",
                                              .in = "checkpoint_prefixes: string, destination_prefix: string",
                                              .attrs = "delete_old_dirs: bool = true",
                                              .flags = FLAGS,
                                              .run = run_merge};

/* ---- ShardedFilename */

static ek_code run_sharded(ek_run_context *c) {
  char tail[32];
  EK_RUN_REQUIRE(c, c->in[0]->n == 1 && c->in[1]->n == 1 && c->in[2]->n == 1,
                 "basename, shard and num_shards must be scalars");
  const char *base = text_at(c->in[0], 0);
  const size_t size = strlen(base);
  const int n = snprintf(tail, sizeof tail, "-%05" PRId64 "-of-%05" PRId64, ek__value_int(c->in[1], 0),
                         ek__value_int(c->in[2], 0));
  char *name = ek__alloc(c->allocator, size + sizeof tail);
  if (name == NULL) return ek__no_memory(c->st, c->node->name, size + sizeof tail);
  memcpy(name, base, size);
  memcpy(name + size, tail, (size_t)n + 1);
  ek_code rc = ek__run_output(c, 0, ek_shape_scalar());
  if (rc == EK_OK) rc = ek__run_set_string(c, 0, 0, name, size + (size_t)n);
  ek__free(c->allocator, name, size + sizeof tail);
  return rc;
}

const ek_op_def ek_op_sharded_filename = {.name = "ShardedFilename",
                                          .doc = "basename-00003-of-00010",
                                          .in = "basename: string, shard: int32, num_shards: int32",
                                          .out = "filename: string",
                                          .flags = EK_OP_NOT_DIFFERENTIABLE,
                                          .infer = ek__infer_scalar,
                                          .run = run_sharded};
