/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EK_OPS_REDUCTION_GRAD_H
#define EK_OPS_REDUCTION_GRAD_H

#include "graph/grad.h"

ek_code ek__grad_reduce_sum(ek_grad_context *c);
ek_code ek__grad_reduce_mean(ek_grad_context *c);
ek_code ek__grad_reduce_prod(ek_grad_context *c);
ek_code ek__grad_reduce_extremum(ek_grad_context *c); /* Max, Min */

#endif
