/* SPDX-License-Identifier: Apache-2.0 */
#include "offers.h"

#include "model.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 20 }; /* of outputs and of targets; the last ones, which are what the rest is for */

typedef struct list {
  ek_out *at;
  int n;
} list;

static bool is_type(const ek_graph *g, ek_op op, const char *type) { return strcmp(ek_op_type(g, op), type) == 0; }

static bool has_type(const ek_graph *g, ek_op op, const char *begin) {
  return strncmp(ek_op_type(g, op), begin, strlen(begin)) == 0;
}

static bool is_machinery(const ek_graph *g, ek_op op) {
  return is_in_scope(g, op, "gradients") || is_in_scope(g, op, "save") ||
         is_in_scope(g, op, "report_uninitialized_variables");
}

/* lacking: the type of an op that cannot run here, whose output this is; or NULL. */
static void print_one(ek_graph *g, ek_out out, const char *lacking) {
  char shape[EK_SHAPE_TEXT];
  char *name = textf(lacking != NULL ? "%s:%d" : "%s", ek_op_name(g, ek_out_op(out)), out.index);
  (void)printf("  %-32s %-8s %s%s%s\n", name, ek_dtype_name(ek_out_dtype(g, out)),
               ek_shape_format(ek_out_shape(g, out), shape, sizeof shape),
               lacking != NULL ? "  in place of what is not here: " : "", lacking != NULL ? lacking : "");
  free(name);
}

/* ---- inputs */

static bool is_placeholder(const ek_graph *g, ek_op op) {
  return is_type(g, op, "Placeholder") || is_type(g, op, "PlaceholderV2") || is_type(g, op, "PlaceholderWithDefault");
}

static bool can_run(ek_graph *g, ek_op op) {
  ek_status st = EK_STATUS_INIT;
  return ek_op_can_run(g, op, &st) == EK_OK;
}

/* What ops that can run read of ops that cannot. */
static void find_borders(ek_graph *g, list *borders) {
  for (int i = 0; i < ek_graph_num_ops(g); i++) {
    const ek_op op = ek_graph_op(g, i);
    for (int k = 0; k < ek_op_num_inputs(g, op); k++) {
      const ek_out in = ek_op_input(g, op, k);
      if (can_run(g, ek_out_op(in)) || !can_run(g, op)) continue;
      bool known = false;
      for (int b = 0; b < borders->n && !known; b++)
        known = borders->at[b].op == in.op && borders->at[b].index == in.index;
      if (known || borders->n == SHOWN) continue;
      borders->at[borders->n++] = in;
    }
  }
}

void print_inputs(ek_graph *g) {
  ek_out found[SHOWN];
  list borders = {found, 0};
  bool any = false;
  for (int i = 0; i < ek_graph_num_ops(g); i++) {
    const ek_op op = ek_graph_op(g, i);
    if (!is_placeholder(g, op) || is_machinery(g, op)) continue;
    if (!any) (void)printf("\ninputs\n");
    any = true;
    print_one(g, ek_op_output(op, 0), NULL);
  }
  find_borders(g, &borders);
  for (int i = 0; i < borders.n; i++) {
    if (!any) (void)printf("\ninputs\n");
    any = true;
    print_one(g, borders.at[i], ek_op_type(g, ek_out_op(borders.at[i])));
  }
}

/* ---- outputs and targets */

/* By op number: whether anything but gradients and savers reads it, or waits for it. */
static bool *find_used(ek_graph *g) {
  const int n = ek_graph_num_ops(g);
  bool *used = need_memory((size_t)n + 2, sizeof *used);
  for (int i = 0; i < n; i++) {
    const ek_op op = ek_graph_op(g, i);
    if (is_machinery(g, op)) continue;
    for (int k = 0; k < ek_op_num_inputs(g, op); k++) used[ek_out_op(ek_op_input(g, op, k)).id] = true;
    for (int k = 0; k < ek_op_num_control_inputs(g, op); k++) used[ek_op_control_input(g, op, k).id] = true;
  }
  return used;
}

static bool is_source(const ek_graph *g, ek_op op) {
  return is_placeholder(g, op) || is_type(g, op, "Const") || has_type(g, op, "Variable") ||
         is_type(g, op, "VarHandleOp");
}

static bool is_among(const ek_graph *g, ek_op op, const char *const *types) {
  for (; *types != NULL; types++)
    if (is_type(g, op, *types)) return true;
  return false;
}

/* What a layer leaves behind beside its result: shapes, the pivots of conds, a variable's own ops. */
static bool is_byproduct(const ek_graph *g, ek_op op) {
  static const char *const of_shapes[] = {"Shape", "ShapeN", "Size",  "Rank",  "Slice", "StridedSlice",
                                          "Pack",  "Prod",   "Const", "Range", NULL};
  static const char *const of_variables[] = {"VarIsInitializedOp", "ReadVariableOp", "Assign", "AssignVariableOp",
                                             NULL};
  if (is_source(g, op) || is_among(g, op, of_variables)) return true;
  if (ek_op_num_outputs(g, op) == 0) return false;
  const ek_dtype dtype = ek_out_dtype(g, ek_op_output(op, 0));
  if (dtype == EK_INT32 || dtype == EK_INT64) return is_among(g, op, of_shapes);
  if (!is_type(g, op, "Identity") || ek_op_num_inputs(g, op) == 0) return false;
  const ek_op from = ek_out_op(ek_op_input(g, op, 0));
  return is_source(g, from) || (dtype == EK_BOOL && is_type(g, from, "Switch"));
}

/* It is run for what it does: it has no outputs, or only the variable that it changes. */
static bool is_action(const ek_graph *g, ek_op op) {
  return ek_op_num_outputs(g, op) == 0 || has_type(g, op, "Assign") || has_type(g, op, "Apply");
}

static void print_ends(ek_graph *g, const char *title, bool outputs) {
  const int n = ek_graph_num_ops(g);
  bool *used = find_used(g);
  int ends = 0;
  for (int pass = 0, seen = 0; pass < 2; pass++) {
    if (pass == 1 && ends > 0) (void)printf("\n%s\n", title);
    if (pass == 1 && ends > SHOWN) (void)printf("  ... %d more\n", ends - SHOWN);
    for (int i = 0; i < n; i++) {
      const ek_op op = ek_graph_op(g, i);
      if (used[op.id] || is_machinery(g, op) || is_byproduct(g, op) || !can_run(g, op)) continue;
      if (is_action(g, op) == outputs) continue;
      if (pass == 0)
        ends++;
      else if (seen++ >= ends - SHOWN && outputs)
        print_one(g, ek_op_output(op, 0), NULL);
      else if (seen > ends - SHOWN)
        (void)printf("  %s\n", ek_op_name(g, op));
    }
  }
  free(used);
}

void print_outputs(ek_graph *g) { print_ends(g, "outputs", true); }
void print_targets(ek_graph *g) { print_ends(g, "targets", false); }
