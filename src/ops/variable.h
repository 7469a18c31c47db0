/* SPDX-License-Identifier: Apache-2.0 */
/* What ops on resource variables share. */
#ifndef EK_OPS_VARIABLE_H
#define EK_OPS_VARIABLE_H

#include "ops/run.h"

/* What the VarHandleOp behind resource input i says of its variable, found through Identity, Enter and Switch. False:
 * it comes from elsewhere. */
bool ek__handle_type(const ek_infer_context *c, int i, ek_dtype *dtype, ek_shape *shape);
/* Requires that dtype is what the variable behind input i holds. */
ek_code ek__infer_handle(ek_infer_context *c, int i, ek_dtype dtype, ek_shape *shape);

#endif
