/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix products of a training step, alone: what the rest of the step can be held against. */
#include "bench_net.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PRODUCTS = 64 };

typedef struct product_list {                        /* while the second graph is built */
  ek_op products[MAX_PRODUCTS], again[MAX_PRODUCTS]; /* in the model, and in the second graph */
  ek_out of[2 * MAX_PRODUCTS];                       /* their factors, each once */
  ek_out placeholder[2 * MAX_PRODUCTS];
  int n_factors, n;
} product_list;

/* The matrix products that a step computes: not all in the graph are. What a step waits for but takes no value from,
 * such as the gradient of the images, no plan computes. Inputs come before the ops that use them, so one pass backwards
 * finds what is needed. */
static void find_products(const bench_net *net, product_list *list) {
  enum { WAITED_FOR = 1, USED = 2 };
  const ek_graph *g = net->graph;
  const int n = ek_graph_num_ops(g);
  int32_t last = 0;
  for (int i = 0; i < n; i++) last = ek_graph_op(g, i).id > last ? ek_graph_op(g, i).id : last;
  char *needed = need_memory((size_t)last + 1, 1);
  needed[net->step.id] = WAITED_FOR;
  for (int i = n - 1; i >= 0; i--) {
    const ek_op op = ek_graph_op(g, i);
    if (needed[op.id] == 0) continue;
    for (int k = 0; k < ek_op_num_inputs(g, op); k++) needed[ek_op_input(g, op, k).op] |= USED;
    for (int k = 0; k < ek_op_num_control_inputs(g, op); k++) needed[ek_op_control_input(g, op, k).id] |= WAITED_FOR;
    if ((needed[op.id] & USED) != 0 && strcmp(ek_op_type(g, op), "MatMul") == 0 && list->n < MAX_PRODUCTS)
      list->products[list->n++] = op;
  }
  free(needed);
}

static int factor(product_list *list, ek_out out) {
  for (int i = 0; i < list->n_factors; i++)
    if (list->of[i].op == out.op && list->of[i].index == out.index) return i;
  list->of[list->n_factors] = out;
  return list->n_factors++;
}

static bool flag(const ek_graph *g, ek_op op, const char *name) {
  const ek_attr *attr = ek_op_attr(g, op, name);
  return attr != NULL && attr->v.b;
}

/* Runs the model once for the factors of all its products: their values, and so their shapes. */
static bool fetch_factors(bench_products *p, const bench_net *net, product_list *list, ek_status *st) {
  ek_fetch fetches[2 * MAX_PRODUCTS];
  for (int i = 0; i < list->n; i++)
    for (int k = 0; k < 2; k++) (void)factor(list, ek_op_input(net->graph, list->products[i], k));
  for (int i = 0; i < list->n_factors; i++) fetches[i] = EK_FETCH(list->of[i]);
  const ek_feed feeds[] = {EK_FEED(net->images, net->batches[0][0]), EK_FEED(net->labels, net->batches[0][1])};
  p->factors = need_memory((size_t)list->n_factors, sizeof *p->factors);
  p->n_factors = list->n_factors;
  p->n = list->n;
  return ek_session_run(net->session, feeds, 2, fetches, list->n_factors, p->factors, NULL, 0, NULL, st) == EK_OK;
}

static void build_products(bench_products *p, const bench_net *net, product_list *list) {
  for (int i = 0; i < list->n_factors; i++)
    list->placeholder[i] = ek_placeholder(p->graph, EK_FLOAT32, ek_tensor_shape(p->factors[i]), NULL);
  for (int i = 0; i < list->n; i++) {
    const ek_op op = list->products[i];
    const ek_out a = list->placeholder[factor(list, ek_op_input(net->graph, op, 0))];
    const ek_out b = list->placeholder[factor(list, ek_op_input(net->graph, op, 1))];
    list->again[i] = ek_out_op(ek_matmul(p->graph, a, b,
                                         EK_MATMUL(.transpose_a = flag(net->graph, op, "transpose_a"),
                                                   .transpose_b = flag(net->graph, op, "transpose_b"))));
  }
}

bool bench_products_init(bench_products *p, const bench_net *net, int threads) {
  ek_status st = EK_STATUS_INIT;
  product_list list = {.n = 0};
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.threads = threads;
  *p = (bench_products){.graph = ek_graph_new(NULL)};
  if (p->graph == NULL) return fail("out of memory", NULL, ""), false;
  find_products(net, &list);
  if (fetch_factors(p, net, &list, &st)) {
    build_products(p, net, &list);
    p->session = ek_session_new(p->graph, &opts, &st);
  }
  if (p->session != NULL)
    p->run = ek_session_make_callable(p->session, list.placeholder, list.n_factors, NULL, 0, list.again, list.n, &st);
  if (p->run != NULL) return true;
  (void)fail_status("bench", "matrix products", &st);
  bench_products_free(p);
  return false;
}

void bench_products_free(bench_products *p) {
  ek_callable_free(p->run);
  ek_session_free(p->session);
  ek_graph_free(p->graph);
  for (int i = 0; p->factors != NULL && i < p->n_factors; i++) ek_tensor_free(p->factors[i]);
  free(p->factors);
  *p = (bench_products){0};
}

bool bench_products_step(void *context) {
  bench_products *p = context;
  ek_status st = EK_STATUS_INIT;
  return ek_callable_run(p->run, p->factors, NULL, &st) == EK_OK ||
         (fail_status("bench", "matrix products", &st), false);
}
