/* SPDX-License-Identifier: Apache-2.0 */
#ifdef EK_ONEDNN

#include "ops/onednn_api.h"

enum { LINE = 64 };

/* ---- What differs between the versions */

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t ek__dnnl_layout_new(ek__dnnl_layout *l, int rank, const dnnl_dims_t dims, const dnnl_dims_t steps) {
  return steps != NULL ? dnnl_memory_desc_create_with_strides(l, rank, dims, dnnl_f32, steps)
                       : dnnl_memory_desc_create_with_tag(l, rank, dims, dnnl_f32, dnnl_format_tag_any);
}
void ek__dnnl_layout_free(ek__dnnl_layout *l) {
  if (*l != NULL) (void)dnnl_memory_desc_destroy(*l);
  *l = NULL;
}
ek__dnnl_view ek__dnnl_view_of(const ek__dnnl_layout *l) { return *l; }

dnnl_status_t ek__dnnl_matmul_new(dnnl_primitive_desc_t *pd, const ek__dnnl_layout l[3], dnnl_primitive_attr_t attr,
                                  dnnl_engine_t engine) {
  return dnnl_matmul_primitive_desc_create(pd, engine, l[0], l[1], NULL, l[2], attr);
}

dnnl_status_t ek__dnnl_conv_new(dnnl_primitive_desc_t *pd, const ek__dnnl_conv *c, dnnl_primitive_attr_t attr,
                                dnnl_engine_t engine) {
  const bool forward = c->kind == dnnl_forward_inference;
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t rc = dnnl_convolution_forward_primitive_desc_create(
      forward ? pd : &hint, engine, forward ? c->kind : dnnl_forward_training, dnnl_convolution_direct, *c->l[0],
      *c->l[1], NULL, *c->l[2], c->strides, c->dilates, c->before, c->after, forward ? attr : NULL);
  if (rc != dnnl_success || forward) return rc;
  if (c->kind == dnnl_backward_data)
    rc = dnnl_convolution_backward_data_primitive_desc_create(pd, engine, dnnl_convolution_direct, *c->l[0], *c->l[1],
                                                              *c->l[2], c->strides, c->dilates, c->before, c->after,
                                                              hint, attr);
  else
    rc = dnnl_convolution_backward_weights_primitive_desc_create(pd, engine, dnnl_convolution_direct, *c->l[0],
                                                                 *c->l[1], NULL, *c->l[2], c->strides, c->dilates,
                                                                 c->before, c->after, hint, attr);
  (void)dnnl_primitive_desc_destroy(hint);
  return rc;
}

#else

dnnl_status_t ek__dnnl_layout_new(ek__dnnl_layout *l, int rank, const dnnl_dims_t dims, const dnnl_dims_t steps) {
  return steps != NULL ? dnnl_memory_desc_init_by_strides(l, rank, dims, dnnl_f32, steps)
                       : dnnl_memory_desc_init_by_tag(l, rank, dims, dnnl_f32, dnnl_format_tag_any);
}
void ek__dnnl_layout_free(ek__dnnl_layout *l) { (void)l; }
ek__dnnl_view ek__dnnl_view_of(const ek__dnnl_layout *l) { return l; }

dnnl_status_t ek__dnnl_matmul_new(dnnl_primitive_desc_t *pd, const ek__dnnl_layout l[3], dnnl_primitive_attr_t attr,
                                  dnnl_engine_t engine) {
  dnnl_matmul_desc_t desc;
  const dnnl_status_t rc = dnnl_matmul_desc_init(&desc, &l[0], &l[1], NULL, &l[2]);
  return rc == dnnl_success ? dnnl_primitive_desc_create(pd, &desc, attr, engine, NULL) : rc;
}

dnnl_status_t ek__dnnl_conv_new(dnnl_primitive_desc_t *pd, const ek__dnnl_conv *c, dnnl_primitive_attr_t attr,
                                dnnl_engine_t engine) {
  const bool forward = c->kind == dnnl_forward_inference;
  dnnl_convolution_desc_t desc;
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t rc = dnnl_dilated_convolution_forward_desc_init(&desc, forward ? c->kind : dnnl_forward_training,
                                                                dnnl_convolution_direct, c->l[0], c->l[1], NULL,
                                                                c->l[2], c->strides, c->dilates, c->before, c->after);
  if (rc == dnnl_success)
    rc = dnnl_primitive_desc_create(forward ? pd : &hint, &desc, forward ? attr : NULL, engine, NULL);
  if (rc != dnnl_success || forward) return rc;
  if (c->kind == dnnl_backward_data)
    rc = dnnl_dilated_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, c->l[0], c->l[1], c->l[2],
                                                          c->strides, c->dilates, c->before, c->after);
  else
    rc = dnnl_dilated_convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, c->l[0], c->l[1], NULL,
                                                             c->l[2], c->strides, c->dilates, c->before, c->after);
  if (rc == dnnl_success) rc = dnnl_primitive_desc_create(pd, &desc, attr, engine, hint);
  (void)dnnl_primitive_desc_destroy(hint);
  return rc;
}

#endif

/* ---- What does not */

ek__dnnl_view ek__dnnl_wants(const_dnnl_primitive_desc_t pd, dnnl_query_t what) {
  return dnnl_primitive_desc_query_md(pd, what, 0);
}

size_t ek__dnnl_bytes(ek__dnnl_view v) {
  return v != NULL ? (dnnl_memory_desc_get_size(v) + LINE - 1) / LINE * LINE : 0;
}

bool ek__dnnl_same(ek__dnnl_view a, ek__dnnl_view b) { return dnnl_memory_desc_equal(a, b) != 0; }

dnnl_status_t ek__dnnl_memory_new(dnnl_memory_t *m, ek__dnnl_view v, dnnl_engine_t engine) {
  return dnnl_memory_create(m, v, engine, DNNL_MEMORY_NONE);
}

dnnl_status_t ek__dnnl_reorder_new(dnnl_primitive_t *p, ek__dnnl_view from, ek__dnnl_view to, dnnl_engine_t engine) {
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t rc = dnnl_reorder_primitive_desc_create(&pd, from, engine, to, engine, NULL);
  if (rc != dnnl_success) return rc;
  rc = dnnl_primitive_create(p, pd);
  (void)dnnl_primitive_desc_destroy(pd);
  return rc;
}

#else

typedef int ek__dnnl_unused; /* a translation unit must not be empty */

#endif
