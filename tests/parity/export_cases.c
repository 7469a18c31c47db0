/* SPDX-License-Identifier: Apache-2.0 */
/* Builds and trains the networks of nets.h, and leaves for run.py what README.md says, in the folder that is given. */
#include "parity/export.h"
#include "parity/nets.h"

#include <sys/stat.h>

static void export_case(void **state) {
  const net *n = *state;
  ek_graph *g = ek_graph_new(NULL);
  n->build(g, n);
  export_graph(n->name, g, n->steps > 0 ? n->steps : STEPS, 10.0); /* labels are noise */
}

/* The MLP in its eight forms, and trained for longer. */
#define MLP(optimizer_, form_, ...)                                                                                    \
  { .name = #optimizer_ form_, .build = mlp, .optimizer = optimizer_, __VA_ARGS__ }
#define MLPS(o_)                                                                                                       \
  MLP(o_, "_plain_fed", .fused = false), MLP(o_, "_plain_static", .is_static = true),                                  \
      MLP(o_, "_fused_fed", .fused = true), MLP(o_, "_fused_static", .fused = true, .is_static = true),                \
      MLP(o_, "_plain_fed_resource", .resource = true),                                                                \
      MLP(o_, "_plain_static_resource", .is_static = true, .resource = true),                                          \
      MLP(o_, "_fused_fed_resource", .fused = true, .resource = true),                                                 \
      MLP(o_, "_fused_static_resource", .fused = true, .is_static = true, .resource = true),                           \
      MLP(o_, "_hundred_steps", .steps = 100)

#define EMBEDDED(o_)                                                                                                   \
  {.name = "embedded_" #o_, .build = embedded, .optimizer = o_}, {                                                     \
    .name = "embedded_" #o_ "_resource", .build = embedded, .optimizer = o_, .resource = true                          \
  }

static net nets[] = {
    MLPS(sgd),
    MLPS(momentum),
    MLPS(nesterov),
    MLPS(adam),
    MLPS(rmsprop),
    MLPS(rmsprop_centered),
    MLPS(adagrad),
    {.name = "slim", .build = slim_mlp, .optimizer = momentum, .fused = true},
    {.name = "slim_plain", .build = slim_mlp, .optimizer = momentum},
    {.name = "slim_in_place", .build = slim_mlp, .optimizer = momentum, .fused = true, .in_place = true},
    {.name = "slim_in_place_plain", .build = slim_mlp, .optimizer = momentum, .in_place = true},
    {.name = "slim_branches", .build = slim_branches, .optimizer = sgd, .fused = true},
    {.name = "slim_branches_plain", .build = slim_branches, .optimizer = sgd},
    {.name = "schedule", .build = schedule},
    {.name = "dropout", .build = dropout, .optimizer = momentum},
    {.name = "axes_fused", .build = axes, .optimizer = slow_sgd, .fused = true},
    {.name = "axes_plain", .build = axes, .optimizer = slow_sgd},
    {.name = "cnn_fused", .build = cnn, .optimizer = slow_sgd, .fused = true},
    {.name = "cnn_plain", .build = cnn, .optimizer = slow_sgd},
    {.name = "mobile", .build = mobile, .optimizer = adam},
    {.name = "slim_resnet", .build = slim_resnet, .optimizer = slow_momentum},
    {.name = "float64", .build = float64, .optimizer = adam},
    {.name = "float16_fused", .build = half, .optimizer = slow_sgd, .fused = true, .dtype = EK_FLOAT16},
    {.name = "float16_plain", .build = half, .optimizer = slow_sgd, .dtype = EK_FLOAT16},
    {.name = "bfloat16_plain", .build = half, .optimizer = slow_sgd, .dtype = EK_BFLOAT16},
    EMBEDDED(sgd),
    EMBEDDED(momentum),
    EMBEDDED(nesterov),
    EMBEDDED(adam),
    EMBEDDED(rmsprop),
    EMBEDDED(rmsprop_centered),
    EMBEDDED(adagrad),
    {.name = "embedded_in_loop", .build = embedded_in_loop, .optimizer = momentum},
    {.name = "embedded_in_loop_resource", .build = embedded_in_loop, .optimizer = momentum, .resource = true},
    {.name = "embedded_twice", .build = embedded_twice, .optimizer = momentum},
    {.name = "embedded_and_whole", .build = embedded_twice, .optimizer = momentum, .in_place = true},
    {.name = "loop_norm", .build = loop_norm, .optimizer = momentum},
    {.name = "static_lstm", .build = static_lstm, .optimizer = momentum},
    {.name = "dynamic_lstm", .build = dynamic_rnn, .optimizer = adam},
    {.name = "dynamic_lstm_lengths", .build = dynamic_rnn, .optimizer = adam},
    {.name = "dynamic_gru", .build = dynamic_rnn, .optimizer = adam},
    {.name = "dynamic_gru_lengths", .build = dynamic_rnn, .optimizer = adam},
    {.name = "dynamic_bn_lstm", .build = dynamic_rnn, .optimizer = adam},
    {.name = "dynamic_bn_gru_lengths", .build = dynamic_rnn, .optimizer = adam},
};

int main(void) {
  enum { N = sizeof nets / sizeof nets[0] };
  static struct CMUnitTest tests[N];
  for (int i = 0; i < N; i++)
    tests[i] = (struct CMUnitTest){.name = nets[i].name, .test_func = export_case, .initial_state = &nets[i]};
  (void)mkdir(export_folder, 0777);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
