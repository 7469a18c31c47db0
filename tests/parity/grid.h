/* SPDX-License-Identifier: Apache-2.0 */
/* The networks of grid.txt, as grid.py builds them. */
#ifndef EK_TESTS_PARITY_GRID_H
#define EK_TESTS_PARITY_GRID_H

#include "evenkeel/evenkeel.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRID_MAX_CASES = 64, GRID_MAX_NETWORKS = 128 };

typedef struct grid_network {
  char name[64];
  uint32_t crc; /* of TensorFlow's graph, as text */
  char *cases[GRID_MAX_CASES];
  int n;
} grid_network;
typedef struct grid {
  grid_network at[GRID_MAX_NETWORKS];
  int n;
} grid;

static inline void grid_read(grid *g) {
  char *line = NULL, common[64] = "";
  size_t capacity = 0;
  FILE *f = fopen(EK_SOURCE_DIR "/tests/parity/grid.txt", "r");
  assert_non_null(f);
  g->n = 0;
  while (getline(&line, &capacity, f) > 0) {
    line[strcspn(line, "\n")] = '\0';
    if (*line == '#' || *line == '\0') continue;
    if (strncmp(line, "network ", 8) == 0) {
      assert_in_range(g->n, 0, GRID_MAX_NETWORKS - 1);
      grid_network *n = &g->at[g->n++];
      n->n = 0;
      assert_int_equal(sscanf(line, "network %63s %x %63[^\n]", n->name, &n->crc, common), 3);
      continue;
    }
    grid_network *n = &g->at[g->n - 1];
    assert_in_range(n->n, 0, GRID_MAX_CASES - 1);
    const size_t size = strlen(common) + strlen(line) + 2;
    char *whole = malloc(size);
    assert_non_null(whole);
    (void)snprintf(whole, size, "%s %s", common, line);
    n->cases[n->n++] = whole;
  }
  free(line);
  (void)fclose(f);
}

static inline void grid_free(grid *g) {
  for (int i = 0; i < g->n; i++)
    for (int k = 0; k < g->at[i].n; k++) free(g->at[i].cases[k]);
}

/* ---- words of a case */

/* The value of a key: up to the next space; false if the case does not say. */
static inline bool grid_text(const char *line, const char *key, char *value, size_t size) {
  const size_t n = strlen(key);
  for (const char *at = line; at != NULL; at = strchr(at, ' ') != NULL ? strchr(at, ' ') + 1 : NULL)
    if (strncmp(at, key, n) == 0 && at[n] == '=') {
      (void)snprintf(value, size, "%.*s", (int)strcspn(at + n + 1, " "), at + n + 1);
      return true;
    }
  return false;
}
static inline bool grid_is(const char *line, const char *key, const char *value) {
  char word[32];
  return grid_text(line, key, word, sizeof word) && strcmp(word, value) == 0;
}
static inline bool grid_flag(const char *line, const char *key, bool otherwise) {
  char word[32];
  return grid_text(line, key, word, sizeof word) ? strcmp(word, "1") == 0 : otherwise;
}
static inline int grid_ints(const char *line, const char *key, int64_t *at) {
  char word[32], *next = word;
  int n = 0;
  if (!grid_text(line, key, word, sizeof word)) return 0;
  do at[n++] = strtol(next, &next, 10);
  while (*next++ == ',');
  return n;
}
static inline ek_bound grid_bound(const char *line, const char *key) {
  char word[32];
  return grid_text(line, key, word, sizeof word) ? ek_bound_of(strtod(word, NULL)) : (ek_bound){false, 0.0, {0, 0}};
}

/* ---- the normalizations */

typedef struct grid_inputs {
  ek_out images, labels;
  ek_flag fed, variable;
} grid_inputs;

static inline ek_flag grid_training(const char *line, const grid_inputs *in) {
  return grid_is(line, "training", "fed")        ? in->fed
         : grid_is(line, "training", "variable") ? in->variable
                                                 : ek_flag_of_bool(!grid_is(line, "training", "infer"));
}

static inline ek_adjustment grid_adjust(ek_graph *g, ek_out shape, void *ctx) {
  ek_adjustment a;
  (void)shape;
  (void)ctx;
  a.scale = ek_constant_float32(g, 1.25f);
  a.bias = ek_constant_float32(g, 0.5f);
  return a;
}

static inline ek_renorm_clipping grid_clipping(const char *line) {
  return (ek_renorm_clipping){grid_bound(line, "rmin"), grid_bound(line, "rmax"), grid_bound(line, "dmax")};
}

static inline ek_out grid_layers(ek_graph *g, const char *line, ek_out h, const grid_inputs *in) {
  ek_layers_batch_normalization_opts o = EK_LAYERS_BATCH_NORMALIZATION_OPTS_INIT;
  int64_t axes[EK_MAX_RANK], size = 0;
  const int n = grid_ints(line, "axis", axes);
  for (int i = 0; i < n; i++) o.axes[i] = (int)axes[i];
  o.axis = o.axes[0];
  o.n_axes = n > 1 ? n : 0;
  o.momentum = 0.9;
  o.epsilon = 0.01;
  o.center = grid_flag(line, "center", true);
  o.scale = grid_flag(line, "scale", true);
  o.training = grid_training(line, in);
  o.trainable = grid_flag(line, "trainable", true);
  o.name = "bn";
  o.fused = grid_flag(line, "fused", true);
  if (grid_flag(line, "adjust", false)) o.adjustment = grid_adjust;
  if (grid_ints(line, "virtual", &size) == 1) o.virtual_batch_size = size;
  o.renorm = grid_flag(line, "renorm", false);
  o.renorm_clipping = grid_clipping(line);
  o.renorm_momentum = 0.9;
  return ek_layers_batch_normalization(g, h, &o);
}

static inline ek_out grid_slim(ek_graph *g, const char *line, ek_out h, const grid_inputs *in) {
  ek_contrib_batch_norm_opts o = EK_CONTRIB_BATCH_NORM_OPTS_INIT;
  o.decay = 0.9;
  o.epsilon = 0.01;
  o.center = grid_flag(line, "center", true);
  o.scale = grid_flag(line, "scale", false);
  o.is_training = grid_training(line, in);
  o.trainable = grid_flag(line, "trainable", true);
  o.fused = grid_flag(line, "fused", true);
  o.data_format = grid_is(line, "format", "NCHW") ? "NCHW" : "NHWC";
  if (grid_is(line, "updates", "own")) o.updates_collections[0] = "mine";
  if (grid_is(line, "updates", "in_place")) o.updates_collections[0] = NULL;
  o.scope = "bn";
  o.zero_debias_moving_mean = grid_flag(line, "debias", false);
  if (grid_flag(line, "weights", false)) o.batch_weights = ek_cast(g, in->labels, EK_FLOAT32, NULL);
  if (grid_flag(line, "adjust", false)) o.adjustment = grid_adjust;
  o.renorm = grid_flag(line, "renorm", false);
  o.renorm_clipping = grid_clipping(line);
  o.renorm_decay = 0.9;
  return ek_contrib_batch_norm(g, h, &o);
}

static inline ek_out grid_each(ek_graph *g, const char *line, ek_out h) {
  const bool center = grid_flag(line, "center", true), scale = grid_flag(line, "scale", true);
  int64_t n = 0;
  if (grid_is(line, "api", "layer_norm")) {
    (void)grid_ints(line, "begin", &n);
    return ek_contrib_layer_norm(
        g, h, EK_CONTRIB_LAYER_NORM(.center = center, .scale = scale, .scope = "norm", .begin_norm_axis = (int)n));
  }
  if (grid_is(line, "api", "instance_norm")) {
    const char *format = grid_is(line, "format", "NCHW") ? "NCHW" : "NHWC";
    return ek_contrib_instance_norm(
        g, h, EK_CONTRIB_INSTANCE_NORM(.center = center, .scale = scale, .scope = "norm", .data_format = format));
  }
  ek_contrib_group_norm_opts o = EK_CONTRIB_GROUP_NORM_OPTS_INIT;
  const int rank = ek_out_shape(g, h).rank;
  (void)grid_ints(line, "axis", &n);
  o.channels_axis = (int)n;
  o.n_reduction_axes = 0;
  for (int i = 1; i < rank; i++)
    if (i != (n < 0 ? n + rank : n)) o.reduction_axes[o.n_reduction_axes++] = i;
  (void)grid_ints(line, "groups", &n);
  o.groups = (int)n;
  o.center = center;
  o.scale = scale;
  o.scope = "norm";
  o.mean_close_to_zero = grid_flag(line, "one_pass", false);
  return ek_contrib_group_norm(g, h, &o);
}

static inline ek_out grid_filled(ek_graph *g, int64_t n, double value) {
  float at[64];
  for (int i = 0; i < n; i++) at[i] = (float)value;
  ek_tensor *t = ek_tensor_from(EK_FLOAT32, ek_shape(n), at, NULL);
  const ek_out out = ek_constant(g, t);
  ek_tensor_free(t);
  return out;
}

static inline ek_out grid_fused(ek_graph *g, const char *line, ek_out h) {
  static const char *const formats[] = {"NHWC", "NCHW", "NDHWC", "NCDHW"};
  ek_nn_fused_batch_norm_opts o = EK_NN_FUSED_BATCH_NORM_OPTS_INIT;
  for (int i = 0; i < 4; i++)
    if (grid_is(line, "format", formats[i])) o.data_format = formats[i];
  const ek_shape s = ek_out_shape(g, h);
  const int64_t c = s.dim[o.data_format[1] == 'C' ? 1 : s.rank - 1];
  const ek_variable scale =
      ek_get_variable(g, "scale", ek_shape(c), EK_GET_VARIABLE(.initializer = ek_ones_initializer()));
  const ek_variable offset =
      ek_get_variable(g, "offset", ek_shape(c), EK_GET_VARIABLE(.initializer = ek_zeros_initializer()));
  o.epsilon = 0.01;
  o.is_training = !grid_is(line, "training", "infer");
  if (!o.is_training) {
    o.mean = grid_filled(g, c, 0.25);
    o.variance = grid_filled(g, c, 2.0);
  }
  const ek_out s_operand = ek_variable_operand(g, scale), o_operand = ek_variable_operand(g, offset);
  return ek_nn_fused_batch_norm(g, h, s_operand, o_operand, &o).y;
}

/* ---- a network */

static inline ek_out grid_loss(ek_graph *g, int i, const char *line, const grid_inputs *in) {
  int64_t dims[EK_MAX_RANK] = {-1};
  const int rank = 1 + grid_ints(line, "dims", dims + 1);
  char scope[16], dtype[16];
  ek_out y, out, loss = {0, 0};
  (void)snprintf(scope, sizeof scope, "c%d", i);
  (void)grid_text(line, "dtype", dtype, sizeof dtype);
  const ek_choice resource = grid_flag(line, "resource", false) ? EK_YES : EK_NO;
  EK_VARIABLE_SCOPE (g, scope, EK_SCOPE(.use_resource = resource)) {
    const ek_variable w = ek_get_variable(g, "w", ek_shape(64), EK_GET_VARIABLE(.initializer = ek_ones_initializer()));
    const ek_out x = ek_op_output(
        ek_build(ek_named(g, "mul"), "Mul", EK_OUTS(in->images, ek_variable_operand(g, w)), EK_NO_ATTRS), 0);
    ek_out h = ek_reshape(g, x, ek_integers(g, dims, rank));
    const ek_dtype type = ek_dtype_from_name(dtype);
    if (type != EK_FLOAT32) h = ek_cast(g, h, type, NULL);
    y = grid_is(line, "api", "layers")  ? grid_layers(g, line, h, in)
        : grid_is(line, "api", "slim")  ? grid_slim(g, line, h, in)
        : grid_is(line, "api", "fused") ? grid_fused(g, line, h)
                                        : grid_each(g, line, h);
    if (type != EK_FLOAT32) y = ek_cast(g, y, EK_FLOAT32, NULL);
    out = ek_sigmoid(g, y);
    const ek_out want = ek_reshape(g, in->images, ek_integers(g, dims, rank));
    loss = ek_reduce_mean_all(g, ek_squared_difference(g, out, want));
  }
  return loss;
}

static inline void grid_build(ek_graph *g, const grid_network *n) {
  grid_inputs in;
  ek_out losses[GRID_MAX_CASES];
  ek_op after[4 * GRID_MAX_CASES];
  in.images = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 64), "images");
  in.labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  in.fed = ek_flag_of(ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training"));
  in.variable = ek_flag_of_variable(ek_get_variable(
      g, "flag", ek_shape_scalar(),
      EK_GET_VARIABLE(.dtype = EK_BOOL, .initializer = ek_constant_initializer(1), .trainable = false)));
  for (int i = 0; i < n->n; i++) losses[i] = grid_loss(g, i, n->cases[i], &in);
  const ek_out loss = ek_add_n(ek_named(g, "loss"), (ek_outs){losses, n->n});
  const ek_ops usual = ek_get_collection_ops(g, EK_UPDATE_OPS, NULL), own = ek_get_collection_ops(g, "mine", NULL);
  int n_after = 0;
  for (int i = 0; i < usual.n && n_after < 4 * GRID_MAX_CASES; i++) after[n_after++] = usual.at[i];
  for (int i = 0; i < own.n && n_after < 4 * GRID_MAX_CASES; i++) after[n_after++] = own.at[i];
  EK_CONTROL_DEPENDENCIES (g, ((ek_ops){after, n_after}))
    (void)ek_train_minimize(ek_train_gradient_descent(g, 0.5), loss, EK_TRAIN_MINIMIZE(.name = "train"));
}

#endif
