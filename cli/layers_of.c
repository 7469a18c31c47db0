/* SPDX-License-Identifier: Apache-2.0 */
#include "layers_of.h"

#include <stdlib.h>
#include <string.h>

/* ---- who reads what */

/* The ops that read each op, as one array: readers of op number i are at[from[i]] to at[from[i + 1] - 1]. */
typedef struct readers {
  int *from, *at;
  int n;
} readers;

static int number(ek_op op) { return op.id; } /* ids count from 1 */

static void readers_make(readers *r, ek_graph *g) {
  const int n = ek_graph_num_ops(g);
  r->n = n;
  r->from = need_memory((size_t)n + 3, sizeof *r->from);
  for (int i = 0; i < n; i++) {
    const ek_op op = ek_graph_op(g, i);
    for (int k = 0; k < ek_op_num_inputs(g, op); k++) r->from[number(ek_out_op(ek_op_input(g, op, k))) + 2]++;
  }
  for (int i = 1; i < n + 3; i++) r->from[i] += r->from[i - 1];
  r->at = need_memory((size_t)r->from[n + 2], sizeof *r->at);
  for (int i = 0; i < n; i++) {
    const ek_op op = ek_graph_op(g, i);
    for (int k = 0; k < ek_op_num_inputs(g, op); k++)
      r->at[r->from[number(ek_out_op(ek_op_input(g, op, k))) + 1]++] = number(op);
  }
}

static void readers_free(readers *r) { free(r->from), free(r->at); }

static bool starts_with(const char *text, const char *begin) { return strncmp(text, begin, strlen(begin)) == 0; }

/* Breadth first from the variable's op through what reads it, without gradients, until wanted says yes. */
typedef bool (*wanted_fn)(ek_graph *g, ek_op op, const void *ctx);
static ek_op search(ek_graph *g, const readers *r, ek_op start, wanted_fn wanted, const void *ctx) {
  bool *seen = need_memory((size_t)r->n + 2, sizeof *seen);
  int *queue = need_memory((size_t)r->n + 2, sizeof *queue);
  int head = 0, tail = 0;
  ek_op found = {0};
  queue[tail++] = number(start);
  seen[number(start)] = true;
  while (head < tail && found.id == 0) {
    const int at = queue[head++];
    for (int i = r->from[at]; i < r->from[at + 1] && found.id == 0; i++) {
      const ek_op op = {r->at[i]};
      if (seen[op.id] || starts_with(ek_op_name(g, op), "gradients/") || is_in_scope(g, op, "save")) continue;
      seen[op.id] = true;
      queue[tail++] = op.id;
      if (wanted(g, op, ctx)) found = op;
    }
  }
  free(seen), free(queue);
  return found;
}

/* ---- variables to layers */

static const char *last_part(const char *name) {
  const char *slash = strrchr(name, '/');
  return slash != NULL ? slash + 1 : name;
}

/* The variable that v is named after: "w" of "w/Adam", and of "training/Adam/w/m". None: after no other. */
static ek_variable named_after(const ek_graph *g, ek_variables all, ek_variable v) {
  for (const char *name = ek_variable_name(g, v); name != NULL; name = strchr(name, '/')) {
    name += *name == '/';
    for (int i = 0; i < all.n; i++) {
      const char *of = ek_variable_name(g, all.at[i]);
      const size_t n = strlen(of);
      if (all.at[i].id != v.id && strncmp(name, of, n) == 0 && name[n] == '/') return all.at[i];
    }
  }
  return (ek_variable){0};
}

/* Sums that a moving average without bias is computed from belong to the layer as its average does. */
static bool is_unbiasing(const char *name) {
  return strcmp(last_part(name), "biased") == 0 || strcmp(last_part(name), "local_step") == 0;
}

/* What an optimizer keeps: beside a variable, or of its own, as Adam's powers, and Keras' rates and counts. */
static bool is_slot(const ek_graph *g, ek_variables all, ek_variable v) {
  const char *name = ek_variable_name(g, v);
  if (ek_variable_trainable(g, v) || is_unbiasing(name)) return false;
  if (starts_with(last_part(name), "beta1_power") || starts_with(last_part(name), "beta2_power")) return true;
  return starts_with(name, "training/") || named_after(g, all, v).id != 0;
}

static bool is_word(const char *word, const char *a, const char *b) {
  return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

static void add_variable(layer *l, ek_graph *g, ek_variable v) {
  const char *role = last_part(ek_variable_name(g, v));
  const ek_shape shape = ek_variable_shape(g, v);
  const int64_t n = ek_shape_num_elements(shape);
  if (ek_variable_trainable(g, v))
    l->trained += n > 0 ? n : 0;
  else
    l->kept += n > 0 ? n : 0;
  if (is_word(role, "gamma", "gamma")) l->gamma = v, l->kind = LAYER_BATCH_NORM;
  if (is_word(role, "beta", "beta")) l->beta = v, l->kind = LAYER_BATCH_NORM;
  if (is_word(role, "moving_mean", "moving_mean")) l->moving_mean = v, l->kind = LAYER_BATCH_NORM;
  if (is_word(role, "moving_variance", "moving_variance")) l->moving_variance = v, l->kind = LAYER_BATCH_NORM;
  if (is_word(role, "kernel", "weights")) l->kind = shape.rank > 2 ? LAYER_CONVOLUTION : LAYER_DENSE;
  if (is_word(role, "depthwise_kernel", "depthwise_weights")) l->kind = LAYER_CONVOLUTION;
  if (is_word(role, "pointwise_kernel", "pointwise_weights")) l->kind = LAYER_CONVOLUTION;
}

static bool is_product(ek_graph *g, ek_op op, const void *ctx) {
  const char *type = ek_op_type(g, op);
  (void)ctx;
  return strcmp(type, "MatMul") == 0 || starts_with(type, "Conv") || starts_with(type, "DepthwiseConv");
}

static bool is_normalized(ek_graph *g, ek_op op, const void *ctx) {
  const int64_t channels = *(const int64_t *)ctx;
  const char *type = ek_op_type(g, op);
  if (starts_with(type, "FusedBatchNorm")) return strstr(type, "Grad") == NULL;
  if (strcmp(type, "Add") != 0 && strcmp(type, "AddV2") != 0 && strcmp(type, "Mul") != 0) return false;
  const ek_shape shape = ek_out_shape(g, ek_op_output(op, 0));
  return shape.rank > 0 && ek_shape_num_elements(shape) != channels;
}

static bool is_type(const ek_graph *g, ek_op op, const char *a, const char *b) {
  return is_word(ek_op_type(g, op), a, b);
}

/* Its one input, or a choice or copy of it, goes on as it is: a reference, or a handle. */
static bool passes_on(const ek_graph *g, ek_op op) {
  return is_type(g, op, "Switch", "RefSwitch") || is_type(g, op, "Enter", "RefEnter") ||
         is_type(g, op, "Identity", "RefIdentity");
}

/* Assigns, other than the one that initializes. */
static bool is_update(const ek_graph *g, ek_op op, ek_variable v) {
  return is_type(g, op, "AssignSub", "AssignAdd") || is_type(g, op, "AssignSubVariableOp", "AssignAddVariableOp") ||
         (is_type(g, op, "Assign", "AssignVariableOp") && op.id != ek_variable_initializer(g, v).id);
}

/* The last op that changes v, among those that `from` leads to as a reference. */
static ek_op find_writer(ek_graph *g, const readers *r, ek_op from, ek_variable v, int depth) {
  ek_op found = {0};
  for (int i = r->from[from.id]; i < r->from[from.id + 1]; i++) {
    const ek_op op = {r->at[i]};
    if (ek_out_op(ek_op_input(g, op, 0)).id != from.id || is_in_scope(g, op, "save")) continue;
    if (is_update(g, op, v)) found = op;
    if (depth > 0 && passes_on(g, op)) {
      const ek_op inner = find_writer(g, r, op, v, depth - 1);
      if (inner.id != 0) found = inner;
    }
  }
  return found;
}

static bool is_same(ek_graph *g, ek_op op, const void *ctx) {
  (void)g;
  return op.id == ((const ek_op *)ctx)->id;
}

/* The op that changes v, and whether it (or what stands for it) is in update_ops. */
static void find_update(layer *l, int which, ek_graph *g, const readers *r, ek_variable v) {
  l->updates[which] = find_writer(g, r, ek_variable_op(g, v), v, 6);
  /* A cond's update is collected by its Merge. */
  const ek_ops listed = ek_get_collection_ops(g, EK_UPDATE_OPS, NULL);
  for (int i = 0; i < listed.n && l->updates[which].id != 0 && !l->collected[which]; i++) {
    if (listed.at[i].id == l->updates[which].id)
      l->collected[which] = true;
    else if (search(g, r, l->updates[which], is_same, &listed.at[i]).id != 0)
      l->updates[which] = listed.at[i], l->collected[which] = true;
  }
}

/* What a value depends on, back to the first Switch of a cond: the flag that chooses. */
static ek_out find_flag(ek_graph *g, ek_op from, int depth) {
  const bool is_switch = is_type(g, from, "Switch", "RefSwitch");
  if (is_switch && strcmp(ek_op_type(g, ek_out_op(ek_op_input(g, from, 1))), "LoopCond") != 0) {
    ek_out flag = ek_op_input(g, from, 1);
    for (int i = 0; i < 10 && strcmp(ek_op_type(g, ek_out_op(flag)), "Identity") == 0; i++)
      flag = ek_op_input(g, ek_out_op(flag), 0);
    return flag;
  }
  for (int i = 0; i < ek_op_num_inputs(g, from) && depth > 0; i++) {
    const ek_out flag = find_flag(g, ek_out_op(ek_op_input(g, from, i)), depth - 1);
    if (flag.op != 0) return flag;
  }
  return (ek_out){0, 0};
}

static double number_of(ek_graph *g, ek_op op) {
  ek_tensor *t = op.id != 0 ? ek_constant_value(g, ek_op_output(op, 0)) : NULL;
  const double value = t != NULL ? ek_tensor_number(t, 0) : 0.0;
  ek_tensor_free(t);
  return value;
}

/* The same numbers in another shape. */
static bool is_shaping(const ek_graph *g, ek_op op) {
  return is_type(g, op, "Reshape", "ExpandDims") || is_type(g, op, "Squeeze", "Cast");
}

/* The unfused form: x * scale + shift, where scale comes from Rsqrt(variance + epsilon). */
static void look_at_plain(layer *l, ek_graph *g, ek_op add) {
  char *scope = textf("%s", ek_op_name(g, add));
  char *slash = strrchr(scope, '/');
  if (slash != NULL) *slash = '\0';
  char *epsilon = textf("%s/add/y", scope), *sum = textf("%s/add", scope);
  l->epsilon = number_of(g, ek_graph_find_op(g, epsilon));
  const ek_op variance = ek_graph_find_op(g, sum);
  if (variance.id != 0 && ek_op_num_inputs(g, variance) > 0) {
    ek_op source = ek_out_op(ek_op_input(g, variance, 0));
    for (int i = 0; i < 4 && is_shaping(g, source); i++) source = ek_out_op(ek_op_input(g, source, 0));
    const char *type = ek_op_type(g, source);
    if (strcmp(type, "Merge") == 0) {
      l->training = TRAINING_FED;
      l->flag = find_flag(g, source, 6);
    } else {
      const bool moving = l->moving_variance.id != 0 && (source.id == ek_variable_op(g, l->moving_variance).id ||
                                                         strstr(ek_op_name(g, source), "moving_variance") != NULL ||
                                                         strcmp(type, "ReadVariableOp") == 0);
      l->training = moving ? TRAINING_NEVER : TRAINING_ALWAYS;
    }
  }
  free(scope), free(epsilon), free(sum);
}

static void look_at_fused(layer *l, ek_graph *g, ek_op op) {
  const ek_attr *epsilon = ek_op_attr(g, op, "epsilon"), *training = ek_op_attr(g, op, "is_training");
  l->fused = true;
  if (epsilon != NULL) l->epsilon = (double)epsilon->v.f;
  l->flag = find_flag(g, op, 3);
  if (l->flag.op != 0)
    l->training = TRAINING_FED;
  else if (training != NULL)
    l->training = training->v.b ? TRAINING_ALWAYS : TRAINING_NEVER;
}

static void look_at(layer *l, ek_graph *g, const readers *r, ek_variable any) {
  if (l->kind == LAYER_DENSE || l->kind == LAYER_CONVOLUTION) {
    const ek_op op = search(g, r, ek_variable_op(g, any), is_product, NULL);
    if (op.id != 0) l->output = ek_op_output(op, 0);
    return;
  }
  if (l->kind != LAYER_BATCH_NORM) return;
  const ek_variable start = l->beta.id != 0 ? l->beta : l->moving_mean.id != 0 ? l->moving_mean : l->gamma;
  const int64_t channels = ek_shape_num_elements(ek_variable_shape(g, start));
  const ek_op op = search(g, r, ek_variable_op(g, start), is_normalized, &channels);
  if (l->moving_mean.id != 0) find_update(l, 0, g, r, l->moving_mean);
  if (l->moving_variance.id != 0) find_update(l, 1, g, r, l->moving_variance);
  if (op.id == 0) return;
  l->output = ek_op_output(op, 0);
  if (starts_with(ek_op_type(g, op), "FusedBatchNorm"))
    look_at_fused(l, g, op);
  else
    look_at_plain(l, g, op);
  for (int i = r->from[op.id]; i < r->from[op.id + 1];
       i++) { /* a cond holds one op a branch; their Merge is the output */
    const ek_op merge = {r->at[i]};
    if (strcmp(ek_op_type(g, merge), "Merge") != 0) continue;
    for (int k = 0; k < ek_op_num_inputs(g, merge); k++)
      if (ek_op_input(g, merge, k).op == op.id && ek_op_input(g, merge, k).index == 0)
        l->output = ek_op_output(merge, 0);
  }
}

/* ---- what a train op needs */

static void mark_reached(layers *l, ek_graph *g) {
  const int n = ek_graph_num_ops(g);
  int *stack = need_memory((size_t)n + 2, sizeof *stack), depth = 0;
  l->reached = need_memory((size_t)n + 2, sizeof *l->reached);
  for (int i = 0; i < l->n_train_ops; i++)
    if (!l->reached[l->train_ops[i].id]) l->reached[l->train_ops[i].id] = true, stack[depth++] = l->train_ops[i].id;
  while (depth > 0) {
    const ek_op op = {stack[--depth]};
    const int data = ek_op_num_inputs(g, op), control = ek_op_num_control_inputs(g, op);
    for (int i = 0; i < data + control; i++) {
      const ek_op need = i < data ? ek_out_op(ek_op_input(g, op, i)) : ek_op_control_input(g, op, i - data);
      if (need.id == 0 || l->reached[need.id]) continue;
      l->reached[need.id] = true;
      stack[depth++] = need.id;
    }
  }
  free(stack);
}

bool layers_train_reaches(const layers *l, ek_op op) { return op.id != 0 && l->reached[op.id]; }

void layers_find(layers *l, ek_graph *g) {
  const ek_variables all = ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  const ek_ops train = ek_get_collection_ops(g, EK_TRAIN_OP, NULL);
  const ek_op named = ek_graph_find_op(g, "train");
  readers r;
  *l = (layers){0};
  readers_make(&r, g);
  l->at = need_memory((size_t)all.n, sizeof *l->at);
  ek_variable *firsts = need_memory((size_t)all.n, sizeof *firsts);
  for (int i = 0; i < all.n; i++) {
    const char *name = ek_variable_name(g, all.at[i]);
    const int64_t size = ek_shape_num_elements(ek_variable_shape(g, all.at[i]));
    if (is_slot(g, all, all.at[i])) {
      l->slots += size > 0 ? size : 0;
      continue;
    }
    if (is_unbiasing(name) && named_after(g, all, all.at[i]).id != 0)
      name = ek_variable_name(g, named_after(g, all, all.at[i]));
    const size_t n = last_part(name) > name ? (size_t)(last_part(name) - name - 1) : strlen(name);
    int at = 0;
    while (at < l->n && (strlen(l->at[at].name) != n || strncmp(l->at[at].name, name, n) != 0)) at++;
    if (at == l->n) {
      l->at[l->n++] = (layer){.name = textf("%.*s", (int)n, name), .kind = LAYER_OTHER};
      firsts[at] = all.at[i];
    }
    add_variable(&l->at[at], g, all.at[i]);
  }
  for (int i = 0; i < l->n; i++) look_at(&l->at[i], g, &r, firsts[i]);
  l->train_ops = need_memory((size_t)train.n + 1, sizeof *l->train_ops);
  for (int i = 0; i < train.n; i++) l->train_ops[l->n_train_ops++] = train.at[i];
  if (train.n == 0 && named.id != 0) l->train_ops[l->n_train_ops++] = named;
  mark_reached(l, g);
  free(firsts);
  readers_free(&r);
}

void layers_free(layers *l) {
  for (int i = 0; i < l->n; i++) free(l->at[i].name);
  free(l->at), free(l->train_ops), free(l->reached);
  *l = (layers){0};
}
