/* SPDX-License-Identifier: Apache-2.0 */
/* oneDNN's C API as this library uses it: onednn_api.c alone knows how versions 2 and 3 differ. */
#ifndef EK_OPS_ONEDNN_API_H
#define EK_OPS_ONEDNN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oneapi/dnnl/dnnl.h>

typedef dnnl_memory_desc_t ek__dnnl_layout; /* owned: a struct in version 2, a handle in version 3 */
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t ek__dnnl_view; /* borrowed */
#else
typedef const dnnl_memory_desc_t *ek__dnnl_view;
#endif

/* A float32 tensor; steps[i]: how far apart neighbours along dimension i lie, NULL: whatever oneDNN likes best. */
dnnl_status_t ek__dnnl_layout_new(ek__dnnl_layout *l, int rank, const dnnl_dims_t dims, const dnnl_dims_t steps);
void ek__dnnl_layout_free(ek__dnnl_layout *l); /* zeroed, it is free already */
ek__dnnl_view ek__dnnl_view_of(const ek__dnnl_layout *l);

/* c = a * b, of the layouts a, b, c. */
dnnl_status_t ek__dnnl_matmul_new(dnnl_primitive_desc_t *pd, const ek__dnnl_layout l[3], dnnl_primitive_attr_t attr,
                                  dnnl_engine_t engine);

typedef struct ek__dnnl_conv {
  dnnl_prop_kind_t kind;       /* forward_inference, backward_data or backward_weights */
  const ek__dnnl_layout *l[3]; /* input, filter, output; or their gradients */
  dnnl_dims_t strides, dilates, before, after;
} ek__dnnl_conv;
dnnl_status_t ek__dnnl_conv_new(dnnl_primitive_desc_t *pd, const ek__dnnl_conv *c, dnnl_primitive_attr_t attr,
                                dnnl_engine_t engine);

/* The layout that a primitive wants for an argument, borrowed from pd; and the bytes of a tensor in it. */
ek__dnnl_view ek__dnnl_wants(const_dnnl_primitive_desc_t pd, dnnl_query_t what);
size_t ek__dnnl_bytes(ek__dnnl_view v); /* a multiple of 64 */
bool ek__dnnl_same(ek__dnnl_view a, ek__dnnl_view b);
/* Memory without bytes: a handle is set before each use. */
dnnl_status_t ek__dnnl_memory_new(dnnl_memory_t *m, ek__dnnl_view v, dnnl_engine_t engine);
/* A primitive that copies from one layout to another. */
dnnl_status_t ek__dnnl_reorder_new(dnnl_primitive_t *p, ek__dnnl_view from, ek__dnnl_view to, dnnl_engine_t engine);

#endif
