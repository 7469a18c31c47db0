/* SPDX-License-Identifier: Apache-2.0 */
/* tf.reduce_mean(x) and its like without an axis: over all axes, to a scalar. TensorFlow writes the axes down as a
 * Const where the rank is known, else as the Range of it. With axes: ek_reduce_mean of ops.h. */
#ifndef EVENKEEL_REDUCE_H
#define EVENKEEL_REDUCE_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

EK_API ek_out ek_reduce_mean_all(ek_graph *g, ek_out x);
EK_API ek_out ek_reduce_sum_all(ek_graph *g, ek_out x);
EK_API ek_out ek_reduce_prod_all(ek_graph *g, ek_out x);
EK_API ek_out ek_reduce_max_all(ek_graph *g, ek_out x);
EK_API ek_out ek_reduce_min_all(ek_graph *g, ek_out x);

#ifdef __cplusplus
}
#endif
#endif
