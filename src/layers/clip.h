/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EK_LAYERS_CLIP_H
#define EK_LAYERS_CLIP_H

#include "evenkeel/graph.h"

/* ek_clip_by_norm with axes as an output or literal; none: all. */
ek_out ek__clip_by_norm(ek_graph *g, ek_out t, ek_out clip_norm, ek_out axes);

#endif
