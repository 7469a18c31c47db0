/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/reduce.h"

#include "layers/build.h"

ek_out ek_reduce_mean_all(ek_graph *g, ek_out x) { return ek__py_reduce_all(g, "Mean", x); }

ek_out ek_reduce_sum_all(ek_graph *g, ek_out x) { return ek__py_reduce_all(g, "Sum", x); }

ek_out ek_reduce_prod_all(ek_graph *g, ek_out x) { return ek__py_reduce_all(g, "Prod", x); }

ek_out ek_reduce_max_all(ek_graph *g, ek_out x) { return ek__py_reduce_all(g, "Max", x); }

ek_out ek_reduce_min_all(ek_graph *g, ek_out x) { return ek__py_reduce_all(g, "Min", x); }
