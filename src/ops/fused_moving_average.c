/* SPDX-License-Identifier: Apache-2.0 */
/* A moving average's step in one. */
#include "ops/fused.h"

enum { VAR, VALUE, STATISTIC, DECAY };

#define MOVE(T, name)                                                                                                  \
  static void name(int64_t n, const T *value, const T *statistic, T decay, T *var) {                                   \
    for (int64_t i = 0; i < n; i++) var[i] -= (value[i] - statistic[i]) * decay;                                       \
  }
MOVE(float, move_f32)
MOVE(double, move_f64)

static ek_code run_moving_average(ek_run_context *c) {
  const ek_value *value = c->in[VALUE], *statistic = c->in[STATISTIC], *decay = c->in[DECAY];
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  ek_tensor *var = NULL;
  EK_TRY(ek__run_variable(c, VAR, &var));
  EK_RUN_REQUIRE(c, ek_shape_equal(var->shape, statistic->shape) && ek_shape_equal(var->shape, value->shape),
                 "the variable has shape %s, the statistic %s", ek_shape_format(var->shape, a, sizeof a),
                 ek_shape_format(statistic->shape, b, sizeof b));
  if (value->dtype == EK_FLOAT64)
    move_f64(value->n, value->data, statistic->data, *(const double *)decay->data, var->data);
  else
    move_f32(value->n, value->data, statistic->data, *(const float *)decay->data, var->data);
  if (c->n_out > 0) c->out[0]->slot = c->in[VAR]->slot;
  return EK_OK;
}

const ek_op_def ek__fused_moving_average = {
    .name = "moving average", .flags = EK_OP_WRITES_REF, .run = run_moving_average};
