/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.rnn_cell.MultiRNNCell: cells one above the other. */
#include "layers/layer.h"
#include "layers/rnn.h"

typedef struct multi_cell {
  ek_rnn_cell cell;
  ek__layer layer;
  ek_variable_scope around; /* where it was called first */
} multi_cell;

static ek_rnn_step call_multi(ek_graph *g, ek_rnn_cell *cell, ek_out input, const ek_rnn_state *state) {
  multi_cell *m = cell->ctx;
  ek_rnn_step step = {.output = input, .state = {.n = cell->n_state}};
  int n = 0;
  if (m->around.id == 0) m->around = ek_get_variable_scope(g);
  (void)ek_variable_scope_begin(g, NULL, EK_SCOPE(.scope = m->around));
  ek__layer_begin(&m->layer);
  for (int i = 0; i < cell->n_cells && ek_graph_status(g, NULL) == EK_OK; i++) {
    ek_rnn_cell *part = cell->cells[i];
    ek_rnn_state own = {.n = part->n_state};
    for (int k = 0; k < own.n; k++) own.at[k] = state->at[n + k];
    (void)ek_variable_scope_begin(g, ek_graph_text(g, "cell_%d", i), NULL);
    const ek_rnn_step made = part->call(g, part, step.output, &own);
    ek_variable_scope_end(g);
    step.output = made.output;
    for (int k = 0; k < own.n; k++) step.state.at[n + k] = made.state.at[k];
    n += own.n;
  }
  m->layer.built = true;
  ek__layer_end(&m->layer);
  ek_variable_scope_end(g);
  return step;
}

ek_rnn_cell *ek_nn_multi_rnn_cell(ek_graph *g, ek_rnn_cell *const *cells, int n) {
  g = ek_named(g, NULL);
  multi_cell *m = ek_graph_alloc(g, sizeof *m);
  ek_rnn_cell **parts = ek_graph_alloc(g, (size_t)(n > 0 ? n : 1) * sizeof *parts);
  if (m == NULL || parts == NULL) return NULL;
  *m = (multi_cell){.cell = {.call = call_multi, .ctx = m, .class_name = "MultiRNNCell", .cells = parts}};
  if (n < 1) ek_graph_fail(g, EK_INVALID_ARGUMENT, "MultiRNNCell: Must specify at least one cell");
  for (int i = 0; i < n && ek_graph_status(g, NULL) == EK_OK; i++) {
    if (!ek__rnn_check_cell(g, "MultiRNNCell", cells[i], NULL)) break;
    if (m->cell.n_state + cells[i]->n_state > EK_RNN_MAX_STATE) {
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "MultiRNNCell: cell %d makes it more than %d state tensors", i,
                    EK_RNN_MAX_STATE);
      break;
    }
    parts[m->cell.n_cells++] = cells[i];
    m->cell.output_size = cells[i]->output_size;
    for (int k = 0; k < cells[i]->n_state; k++) m->cell.state_size[m->cell.n_state++] = cells[i]->state_size[k];
  }
  ek__layer_init(&m->layer, g, "multi_rnn_cell", NULL, false, (ek_variable_scope){0}, EK_REUSE_INHERIT, true);
  return &m->cell;
}
