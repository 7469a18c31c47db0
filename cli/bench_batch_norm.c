/* SPDX-License-Identifier: Apache-2.0 */
/* One batch norm with its tensors: called as an application calls it, and compared with plain sums before it is timed.
 */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double epsilon = 1e-3;

bool batch_norm_is_backward(bench_kernel kernel) { return kernel == BACKWARD_TRAIN || kernel == BACKWARD_FROZEN; }

static bool has_mask(const batch_norm *b) { return b->fuse == FUSE_RELU_MASK || b->fuse == FUSE_ADD_RELU_MASK; }
static bool adds(const batch_norm *b) { return b->fuse == FUSE_ADD_RELU || b->fuse == FUSE_ADD_RELU_MASK; }

int batch_norm_reads(const batch_norm *b) {
  const bool reads_y = b->fuse != FUSE_NONE && !has_mask(b);
  return batch_norm_is_backward(b->kernel) ? 2 + reads_y : 1 + adds(b);
}

int batch_norm_writes(const batch_norm *b) { return 1 + (batch_norm_is_backward(b->kernel) && adds(b)); }

int64_t batch_norm_moved(const batch_norm *b) {
  return b->bytes * (batch_norm_reads(b) + batch_norm_writes(b)) + b->mask_bytes;
}

static ek_kernels_activation activation(const batch_norm *b) {
  return b->fuse == FUSE_NONE ? EK_KERNELS_NO_ACTIVATION : EK_KERNELS_RELU;
}

static void *need_pages(int64_t bytes) {
  const size_t size = ((size_t)bytes + 4095) / 4096 * 4096;
  void *p = aligned_alloc(4096, size);
  if (p == NULL) exit(fail("out of memory", NULL, ""));
  memset(p, 0, size);
  return p;
}

static void *need_parameters(const batch_norm *b, uint64_t seed, double floor) {
  const bool wide = b->shape.type == EK_KERNELS_F64;
  void *p = need_memory((size_t)b->shape.channels, wide ? sizeof(double) : sizeof(float));
  const ek_kernels_type type = wide ? EK_KERNELS_F64 : EK_KERNELS_F32;
  number_fill(type, p, b->shape.channels, seed);
  for (int64_t c = 0; c < b->shape.channels; c++) { /* a variance is above its floor */
    const double value = number_get(type, p, c);
    const double kept = value > floor ? value : floor - value;
    if (wide) ((double *)p)[c] = kept;
    if (!wide) ((float *)p)[c] = (float)kept;
  }
  return p;
}

static size_t workspace_size(const batch_norm *b) {
  size_t bytes = 0;
  switch (b->kernel) {
  case FORWARD_TRAIN: (void)ek_kernels_batch_norm_train_workspace(&b->shape, &bytes); break;
  case FORWARD_INFER: (void)ek_kernels_batch_norm_infer_workspace(&b->shape, &bytes); break;
  case BACKWARD_TRAIN:
  case BACKWARD_FROZEN: (void)ek_kernels_batch_norm_grad_workspace(&b->shape, &bytes); break;
  }
  return bytes;
}

static ek_kernels_code train(const batch_norm *b, const data_set *set) {
  return ek_kernels_batch_norm_train(NULL, &(ek_kernels_batch_norm_train_args){.shape = b->shape,
                                                                               .epsilon = epsilon,
                                                                               .x = set->x,
                                                                               .scale = b->scale,
                                                                               .offset = b->offset,
                                                                               .y = set->out,
                                                                               .mean = b->mean,
                                                                               .variance = b->variance,
                                                                               .add = set->other,
                                                                               .activation = activation(b),
                                                                               .mask = set->mask,
                                                                               .workspace = b->workspace,
                                                                               .workspace_bytes = b->workspace_bytes,
                                                                               .threads = b->threads});
}

static ek_kernels_code infer(const batch_norm *b, const data_set *set) {
  return ek_kernels_batch_norm_infer(NULL, &(ek_kernels_batch_norm_infer_args){.shape = b->shape,
                                                                               .epsilon = epsilon,
                                                                               .x = set->x,
                                                                               .scale = b->scale,
                                                                               .offset = b->offset,
                                                                               .mean = b->mean,
                                                                               .variance = b->variance,
                                                                               .y = set->out,
                                                                               .add = set->other,
                                                                               .activation = activation(b),
                                                                               .mask = set->mask,
                                                                               .workspace = b->workspace,
                                                                               .workspace_bytes = b->workspace_bytes,
                                                                               .threads = b->threads});
}

static ek_kernels_code backward(const batch_norm *b, const data_set *set) {
  return ek_kernels_batch_norm_grad(NULL, &(ek_kernels_batch_norm_grad_args){.shape = b->shape,
                                                                             .epsilon = epsilon,
                                                                             .frozen = b->kernel == BACKWARD_FROZEN,
                                                                             .x = set->x,
                                                                             .dy = set->dy,
                                                                             .scale = b->scale,
                                                                             .mean = b->mean,
                                                                             .variance = b->variance,
                                                                             .dx = set->out,
                                                                             .dscale = b->dscale,
                                                                             .doffset = b->doffset,
                                                                             .activation = activation(b),
                                                                             .y = set->other,
                                                                             .mask = set->mask,
                                                                             .dadd = set->other_out,
                                                                             .workspace = b->workspace,
                                                                             .workspace_bytes = b->workspace_bytes,
                                                                             .threads = b->threads});
}

bool batch_norm_call(void *context) {
  batch_norm *b = context;
  const data_set *set = &b->sets[b->next];
  b->next = b->next + 1 < b->n_sets ? b->next + 1 : 0;
  const ek_kernels_code code = batch_norm_is_backward(b->kernel) ? backward(b, set)
                               : b->kernel == FORWARD_TRAIN      ? train(b, set)
                                                                 : infer(b, set);
  if (code != EK_KERNELS_OK) (void)fail("bench", "kernels", ek_kernels_code_name(code));
  return code == EK_KERNELS_OK;
}

/* A tensor of the call's shape; what fills a block of channels up is 0. */
static void *need_data(const batch_norm *b, uint64_t seed) {
  const int64_t block = b->shape.block, inner = b->shape.inner;
  char *p = need_pages(b->bytes);
  number_fill(b->shape.type, p, b->values, seed);
  if (block == 0 || b->shape.channels % block == 0) return p;
  const int64_t stored = b->values / (b->shape.outer * inner), size = b->bytes / b->values;
  for (int64_t i = 0; i < b->values; i++)
    if (i / (block * inner) % (stored / block) * block + i % block >= b->shape.channels)
      memset(p + i * size, 0, (size_t)size);
  return p;
}

/* Bits as they come. */
static unsigned char *need_mask(const batch_norm *b) {
  unsigned char *mask = need_pages(b->mask_bytes);
  uint64_t bits = 9;
  for (int64_t i = 0; i < b->mask_bytes; i++) {
    bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    mask[i] = (unsigned char)(bits >> 56);
  }
  return mask;
}

void batch_norm_init(batch_norm *b, bench_kernel kernel, bench_fuse fuse, ek_kernels_batch_norm_shape shape,
                     int threads, bool cold) {
  *b = (batch_norm){.kernel = kernel, .fuse = fuse, .shape = shape, .threads = threads, .n_sets = 1};
  const int64_t stored =
      shape.block == 0 ? shape.channels : (shape.channels + shape.block - 1) / shape.block * shape.block;
  b->values = shape.outer * stored * shape.inner;
  b->bytes = b->values * (int64_t)number_size(shape.type);
  size_t mask_bytes = 0;
  if (has_mask(b)) (void)ek_kernels_batch_norm_mask_bytes(&shape, &mask_bytes);
  b->mask_bytes = (int64_t)mask_bytes;
  const int64_t set_bytes = batch_norm_moved(b) + 4096 * (batch_norm_reads(b) + batch_norm_writes(b));
  if (cold) b->n_sets = (int)(4 * bench_cache_bytes(3) / set_bytes + 2);
  b->sets = need_memory((size_t)b->n_sets, sizeof *b->sets);
  for (int i = 0; i < b->n_sets; i++) {
    data_set *set = &b->sets[i];
    const bool backward = batch_norm_is_backward(kernel);
    *set = (data_set){.x = need_data(b, 1), .out = need_pages(b->bytes)};
    if (backward) set->dy = need_data(b, 2);
    if (batch_norm_reads(b) > (backward ? 2 : 1)) set->other = need_data(b, 9);
    if (batch_norm_writes(b) > 1) set->other_out = need_pages(b->bytes);
    if (has_mask(b)) set->mask = need_mask(b);
  }
  b->scale = need_parameters(b, 3, 0.0);
  b->offset = need_parameters(b, 4, 0.0);
  b->mean = need_parameters(b, 5, 0.0);
  b->variance = need_parameters(b, 6, 0.25);
  b->dscale = need_parameters(b, 7, 0.0);
  b->doffset = need_parameters(b, 8, 0.0);
  b->workspace_bytes = workspace_size(b);
  b->workspace = need_pages((int64_t)b->workspace_bytes + 1);
}

void batch_norm_free(batch_norm *b) {
  for (int i = 0; b->sets != NULL && i < b->n_sets; i++) {
    data_set *set = &b->sets[i];
    free(set->x), free(set->dy), free(set->out), free(set->other), free(set->other_out), free(set->mask);
  }
  free(b->sets), free(b->workspace);
  free(b->scale), free(b->offset), free(b->mean), free(b->variance), free(b->dscale), free(b->doffset);
  *b = (batch_norm){0};
}

/* ---- the comparison */

static int64_t at(const batch_norm *b, int64_t i, int64_t c) { /* the i-th value of channel c */
  const int64_t block = b->shape.block, inner = b->shape.inner;
  if (block != 0) {
    const int64_t blocks = b->values / (b->shape.outer * inner * block);
    return ((i / inner * blocks + c / block) * inner + i % inner) * block + c % block;
  }
  return (i / b->shape.inner * b->shape.channels + c) * b->shape.inner + i % b->shape.inner;
}

/* Whether y was above zero, which backward is told by the mask or by y. */
static bool was_above(const batch_norm *b, int64_t i) {
  const data_set *set = &b->sets[0];
  return set->mask != NULL ? (set->mask[i / 8] >> i % 8 & 1) != 0 : number_get(b->shape.type, set->other, i) > 0.0;
}

/* A value of dy, behind the activation; of any other array as it is. */
static double value_of(const batch_norm *b, const void *p, int64_t i) {
  const bool masked = p == b->sets[0].dy && b->fuse != FUSE_NONE && !was_above(b, i);
  return masked ? 0.0 : number_get(b->shape.type, p, i);
}

/* The mean of a channel of p, less shift, times the same of q (NULL: once). */
static double mean_of(const batch_norm *b, int64_t c, const void *p, double shift, const void *q, double q_shift) {
  const int64_t n = b->shape.outer * b->shape.inner;
  double sum = 0.0;
  for (int64_t i = 0; i < n; i++) {
    const double value = value_of(b, p, at(b, i, c)) - shift;
    sum += q == NULL ? value : value * (number_get(b->shape.type, q, at(b, i, c)) - q_shift);
  }
  return sum / (double)n;
}

static bool channel_is_right(const batch_norm *b, int64_t c) {
  const ek_kernels_type type = b->shape.type;
  const ek_kernels_type parameters = type == EK_KERNELS_F64 ? EK_KERNELS_F64 : EK_KERNELS_F32;
  const data_set *set = &b->sets[0];
  const double scale = number_get(parameters, b->scale, c), offset = number_get(parameters, b->offset, c);
  double mean = number_get(parameters, b->mean, c), variance = number_get(parameters, b->variance, c);
  double mean_dy = 0.0, mean_dy_xc = 0.0;
  if (b->kernel == FORWARD_TRAIN) {
    mean = mean_of(b, c, set->x, 0.0, NULL, 0.0);
    variance = mean_of(b, c, set->x, mean, set->x, mean);
  }
  if (b->kernel == BACKWARD_TRAIN) {
    mean_dy = mean_of(b, c, set->dy, 0.0, NULL, 0.0);
    mean_dy_xc = mean_of(b, c, set->dy, 0.0, set->x, mean);
  }
  const double k = 1.0 / sqrt(variance + epsilon);
  for (int64_t i = 0; i < b->shape.outer * b->shape.inner; i++) {
    const double xc = number_get(type, set->x, at(b, i, c)) - mean;
    double want = xc * k * scale + offset;
    if (!batch_norm_is_backward(b->kernel) && set->other != NULL) want += number_get(type, set->other, at(b, i, c));
    if (!batch_norm_is_backward(b->kernel) && b->fuse != FUSE_NONE) want = fmax(want, 0.0);
    if (batch_norm_is_backward(b->kernel))
      want = scale * k * (value_of(b, set->dy, at(b, i, c)) - mean_dy - xc * k * k * mean_dy_xc);
    if (!(fabs(number_get(type, set->out, at(b, i, c)) - want) <= number_tolerance(type) * fmax(1.0, fabs(want))))
      return false;
    if (!batch_norm_is_backward(b->kernel) && set->mask != NULL &&
        was_above(b, at(b, i, c)) != (number_get(type, set->out, at(b, i, c)) > 0.0))
      return false;
  }
  return true;
}

const char *batch_norm_check(batch_norm *b) {
  b->next = 0;
  if (!batch_norm_call(b)) return "it was refused";
  const int64_t n = b->shape.channels;
  for (int64_t k = 0; k < 4; k++)
    if (!channel_is_right(b, (n - 1) * k / 3)) return "the result is wrong";
  return NULL;
}
