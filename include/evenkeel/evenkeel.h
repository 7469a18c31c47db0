/* SPDX-License-Identifier: Apache-2.0 */
/* All of Evenkeel's public API but kernels.h, which stands alone: batch normalization on pointers, without graphs. */
#ifndef EVENKEEL_EVENKEEL_H
#define EVENKEEL_EVENKEEL_H

#include "bn.h"
#include "bn_rnn.h"
#include "common.h"
#include "cond.h"
#include "contrib.h"
#include "contrib_layers.h"
#include "formats.h"
#include "functional.h"
#include "gradients.h"
#include "graph.h"
#include "graph_util.h"
#include "initializers.h"
#include "io.h"
#include "layers.h"
#include "layers_conv.h"
#include "losses.h"
#include "metrics.h"
#include "nn.h"
#include "ops.h"
#include "random.h"
#include "reduce.h"
#include "rnn.h"
#include "saved_model.h"
#include "saver.h"
#include "session.h"
#include "status.h"
#include "tensor.h"
#include "tensor_array.h"
#include "train.h"
#include "variable_scope.h"
#include "variables.h"
#include "while_loop.h"

#endif
