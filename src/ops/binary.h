/* SPDX-License-Identifier: Apache-2.0 */
/* What the families of binary ops share. */
#ifndef EK_OPS_BINARY_H
#define EK_OPS_BINARY_H

#include "ops/elementwise.h"
#include "ops/grad_util.h"

#define EK_BINARY_OP(id_, name_, doc_, types_, flags_, lo_, hi_)                                                       \
  EK_BINARY_OP_OF_SHAPES(id_, name_, doc_, types_, flags_, lo_, hi_, NULL)
/* One that shapes are computed with. */
#define EK_BINARY_OP_OF_SHAPES(id_, name_, doc_, types_, flags_, lo_, hi_, partial_)                                   \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "x: T, y: T",                                                                   \
                                 .out = "z: T",                                                                        \
                                 .attrs = "T: {" types_ "}",                                                           \
                                 .flags = EK_OP_INPLACE_0 | EK_OP_INPLACE_1 | (flags_),                                \
                                 .infer = ek__infer_broadcast,                                                         \
                                 .partial_value = (partial_),                                                          \
                                 .run = run_##id_,                                                                     \
                                 .grad = grad_##id_,                                                                   \
                                 .check_lo = (lo_),                                                                    \
                                 .check_hi = (hi_)}

#endif
