/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes in a loop: its body is gone over as if all shapes stayed what they begin as; where one does not, what changes
 * becomes unknown, and the body is gone over again. */
#include "plan/loop.h"

#include <string.h>

enum { MOST_FOLDS = 16 }; /* of one loop; then nothing that it carries is taken to keep its shape */

/* What a and b agree on. */
static ek_shape common(ek_shape a, ek_shape b) {
  if (a.rank < 0 || a.rank != b.rank) return ek_shape_unknown();
  for (int i = 0; i < a.rank; i++)
    if (a.dim[i] != b.dim[i]) a.dim[i] = -1;
  return a;
}

static void begin(const ek__ir *ir, ek__ploop *loop, const ek_shape *shapes) {
  ek__ir *body = &loop->body;
  const bool fold = (ir->env->without_passes & EK_PASS_FOLD) == 0;
  for (int i = 0; i < loop->n_enters; i++) {
    const ek__pvalue *from = &ir->values[loop->enters[i].from];
    if (loop->enters[i].value < 0) continue;
    ek__pvalue *v = &body->values[loop->enters[i].value];
    v->shape = from->shape;
    v->view_of = from->view_of;
    v->made = from->made;
    v->constant = fold && !from->is_ref ? from->constant : NULL;
  }
  for (int i = 0; i < loop->n_carries; i++) {
    const ek__pcarry *c = &loop->carries[i];
    body->values[c->now].shape = shapes[i];
    body->values[c->now].made = ir->values[loop->enters[c->in].from].made;
  }
}

/* Does every carry keep its shape? Those that do not get a weaker one for the next time. */
static bool settled(ek__ploop *loop, ek_shape *shapes) {
  bool all = true;
  for (int i = 0; i < loop->n_carries; i++) {
    const ek_shape weaker = common(shapes[i], loop->body.values[loop->carries[i].next].shape);
    all = all && ek_shape_equal(shapes[i], weaker);
    shapes[i] = weaker;
  }
  for (int i = 0; !all && loop->folds >= MOST_FOLDS && i < loop->n_carries; i++) shapes[i] = ek_shape_unknown();
  return all;
}

/* The body as it was built; kept on the first call. */
static ek_code restore(ek__ploop *loop) {
  ek__ir *body = &loop->body;
  const size_t n_nodes = (size_t)body->n_nodes, n_values = (size_t)body->n_values;
  if (loop->folds == 0) {
    loop->nodes = ek__ir_alloc(body, n_nodes, sizeof *loop->nodes);
    loop->values = ek__ir_alloc(body, n_values, sizeof *loop->values);
    if (loop->nodes == NULL || loop->values == NULL) return body->st->code;
    memcpy(loop->nodes, body->nodes, n_nodes * sizeof *loop->nodes);
    memcpy(loop->values, body->values, n_values * sizeof *loop->values);
  } else {
    memcpy(body->nodes, loop->nodes, n_nodes * sizeof *loop->nodes);
    memcpy(body->values, loop->values, n_values * sizeof *loop->values);
  }
  return EK_OK;
}

ek_code ek__fold_loop(ek__ir *ir, const ek__pnode *n) {
  ek__ploop *loop = n->loop;
  ek_shape *shapes = ek__ir_alloc(ir, (size_t)loop->n_carries, sizeof *shapes);
  if (shapes == NULL) return ir->st->code;
  for (int i = 0; i < loop->n_carries; i++)
    shapes[i] =
        loop->folds < MOST_FOLDS ? ir->values[loop->enters[loop->carries[i].in].from].shape : ek_shape_unknown();
  do {
    EK_TRY(restore(loop));
    begin(ir, loop, shapes);
    loop->folds++;
    EK_TRY(ek__ir_fold(&loop->body));
  } while (!settled(loop, shapes));
  for (int k = 0; k < n->n_out; k++) {
    ir->values[n->first_out + k].shape = loop->body.values[loop->exits[k]].shape;
    ir->values[n->first_out + k].made = loop->body.values[loop->exits[k]].made;
  }
  return EK_OK;
}
