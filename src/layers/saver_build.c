/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes of a saver (BulkSaverBuilder). */
#include "layers/saver.h"

#include "layers/build.h"

#include <stdlib.h>
#include <string.h>

/* A 1-D Const of n strings; strings NULL: all empty. */
static ek_out strings(ek_graph *g, const char *const *values, int n) {
  ek_status st = EK_STATUS_INIT;
  ek_graph *plain = ek_named(g, NULL);
  ek_tensor *t = values != NULL ? ek_tensor_from_strings(ek_shape(n), values, NULL, &st)
                                : ek_tensor_new(EK_STRING, ek_shape(n), NULL, &st);
  ek_out out = {0, 0};
  if (t != NULL)
    out = ek_constant(g, t);
  else
    ek_graph_fail(plain, st.code, "%s", st.msg);
  ek_tensor_free(t);
  return out;
}

static ek_out with_default(ek_graph *g, ek_out value) {
  return ek_op_output(
      ek_build(g, "PlaceholderWithDefault", EK_OUTS(value), EK_ATTRS(EK_SHAPE_ATTR("shape", ek_shape_scalar()))), 0);
}

/* io_ops.save_v2, and after it the prefix it has written. */
static ek_out save(ek_graph *g, ek_out prefix, ek_named_variables pairs, const char *const *names) {
  ek_out *in = ek_graph_alloc(g, ((size_t)pairs.n + 3) * sizeof *in);
  if (in == NULL) return (ek_out){0, 0};
  in[0] = prefix;
  in[1] = strings(ek_named(g, "SaveV2/tensor_names"), names, pairs.n);
  in[2] = strings(ek_named(g, "SaveV2/shape_and_slices"), NULL, pairs.n);
  for (int i = 0; i < pairs.n; i++) { /* by handle: the read that was made with the variable */
    const ek_variable v = pairs.at[i].variable;
    in[3 + i] = ek_variable_is_resource(g, v) ? ek_variable_snapshot(g, v) : ek_variable_handle(g, v);
  }
  const ek_op op = ek_build(g, "SaveV2", (ek_outs){in, pairs.n + 3}, EK_NO_ATTRS);
  return ek_with_dependencies(g, EK_OPS(op), prefix);
}

/* _AddShardedSaveOpsForV2 for one shard: written beside the checkpoint, then merged into it. */
static ek_out save_sharded(ek_graph *g, ek_out prefix, ek_named_variables pairs, const char *const *names) {
  const ek_attr pattern = EK_STRING_ATTR("pattern", "^s3://.*");
  const ek_out remote = ek_op_output(ek_build(g, "StaticRegexFullMatch", EK_OUTS(prefix), &pattern, 1), 0);
  const ek_out part = ek_constant_string(g, ".part"), temp = ek_constant_string(g, "_temp/part");
  const ek_out suffix = ek_op_output(ek_build(g, "Select", EK_OUTS(remote, part, temp), EK_NO_ATTRS), 0);
  const ek_out base = ek_op_output(ek_build(g, "StringJoin", EK_OUTS(prefix, suffix), EK_NO_ATTRS), 0);
  const ek_out shards = ek_constant_int32(ek_named(g, "num_shards"), 1);
  const ek_out shard = ek_constant_int32(ek_named(g, "ShardedFilename/shard"), 0);
  const ek_out file = ek_op_output(ek_build(g, "ShardedFilename", EK_OUTS(base, shard, shards), EK_NO_ATTRS), 0);
  const ek_out saved = save(g, file, pairs, names);
  ek_out out = {0, 0};
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(saved))) {
    const ek_out files = ek__op1(ek_named(g, "MergeV2Checkpoints/checkpoint_prefixes"), "Pack", file);
    const ek_op merge = ek_build(g, "MergeV2Checkpoints", EK_OUTS(files, prefix), EK_NO_ATTRS);
    EK_CONTROL_DEPENDENCIES (g, EK_OPS(merge)) {
      out = ek__op1(g, "Identity", prefix);
    }
  }
  return out;
}

/* The op that gives v its value of the checkpoint. */
static ek_op assign(ek_graph *g, ek_variable v, ek_out value) {
  const ek_out handle = ek_variable_handle(g, v);
  if (!ek_variable_is_resource(g, v))
    return ek_build(g, "Assign", EK_OUTS(handle, value),
                    EK_ATTRS(EK_BOOL_ATTR("use_locking", true),
                             EK_BOOL_ATTR("validate_shape", ek_shape_is_known(ek_variable_shape(g, v)))));
  return ek_build(g, "AssignVariableOp", EK_OUTS(handle, ek__op1(g, "Identity", value)), EK_NO_ATTRS);
}

static ek_op restore(ek_graph *g, ek_out prefix, ek_named_variables pairs, const char *const *names,
                     const char *group) {
  const size_t n = (size_t)pairs.n;
  ek_dtype *dtypes = ek_graph_alloc(g, n * sizeof *dtypes);
  ek_op *ops = ek_graph_alloc(g, n * sizeof *ops);
  if (dtypes == NULL || ops == NULL) return (ek_op){0};
  for (int i = 0; i < pairs.n; i++) dtypes[i] = ek_variable_dtype(g, pairs.at[i].variable);
  const ek_out keys = strings(ek_named(g, "RestoreV2/tensor_names"), names, pairs.n);
  const ek_out slices = strings(ek_named(g, "RestoreV2/shape_and_slices"), NULL, pairs.n);
  const ek_attr attr = EK_TYPES_ATTR("dtypes", dtypes, pairs.n);
  const ek_op read = ek_build(g, "RestoreV2", EK_OUTS(prefix, keys, slices), &attr, 1);
  for (int i = 0; i < pairs.n; i++) ops[i] = assign(g, pairs.at[i].variable, ek_op_output(read, i));
  return ek_group(ek_named(g, group), (ek_ops){ops, pairs.n});
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const ek_named_variable *)a)->name, ((const ek_named_variable *)b)->name);
}

/* Each name once, each variable once. */
static bool check(ek_graph *g, ek_named_variables pairs) {
  for (int i = 0; i < pairs.n; i++) {
    if (ek_variable_op(g, pairs.at[i].variable).id == 0 || pairs.at[i].name == NULL) {
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "Saver: item %d is no variable of this graph with a name", i);
      return false;
    }
  }
  return true;
}

static bool check_sorted(ek_graph *g, ek_named_variables pairs) {
  for (int i = 0; i + 1 < pairs.n; i++) {
    if (strcmp(pairs.at[i].name, pairs.at[i + 1].name) == 0) {
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "Saver: at least two variables have the same name: %s", pairs.at[i].name);
      return false;
    }
  }
  unsigned char *seen = NULL;
  int32_t max = 0;
  for (int i = 0; i < pairs.n; i++)
    if (pairs.at[i].variable.id > max) max = pairs.at[i].variable.id;
  seen = ek_graph_alloc(g, (size_t)max + 1);
  for (int i = 0; seen != NULL && i < pairs.n; i++) {
    if (seen[pairs.at[i].variable.id]++ == 0) continue;
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "Saver: the same variable will be restored with two names: %s",
                  pairs.at[i].name);
    return false;
  }
  return seen != NULL;
}

bool ek__saver_build(ek_saver *s, ek_graph *g, ek_named_variables pairs, const char *name) {
  const size_t n = (size_t)pairs.n;
  ek_named_variable *sorted = ek_graph_alloc(g, n * sizeof *sorted);
  const char **names = ek_graph_alloc(g, n * sizeof *names);
  if (sorted == NULL || names == NULL || !check(g, pairs)) return false;
  memcpy(sorted, pairs.at, n * sizeof *sorted);
  qsort(sorted, n, sizeof *sorted, by_name);
  pairs.at = sorted;
  if (!check_sorted(g, pairs)) return false;
  for (size_t i = 0; i < n; i++) names[i] = sorted[i].name;
  (void)ek_name_scope_begin(g, name != NULL && *name != '\0' ? name : "save");
  s->filename = with_default(ek_named(g, "filename"), ek_constant_string(ek_named(g, "filename/input"), "model"));
  s->filename = with_default(ek_named(g, "Const"), s->filename);
  if (s->def.sharded) {
    s->save = save_sharded(g, s->filename, pairs, names);
    s->restore = restore(g, s->filename, pairs, names, "restore_shard");
    s->restore = ek_group(ek_named(g, "restore_all"), EK_OPS(s->restore));
  } else {
    s->save = save(g, s->filename, pairs, names);
    s->restore = restore(g, s->filename, pairs, names, "restore_all");
  }
  ek_name_scope_end(g);
  return ek_graph_status(g, NULL) == EK_OK;
}
