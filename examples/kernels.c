/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels alone, without a graph: four rows of three channels are normalised, moving averages follow, and a
 * gradient goes back. All memory is the caller's; every function returns what it thinks of its arguments. */
#include <evenkeel/kernels.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 4, CHANNELS = 3, VALUES = ROWS * CHANNELS };

static void show(const char *name, const float *v, int n) {
  for (int i = 0; i < n; i += CHANNELS)
    printf("%s %.4f %.4f %.4f\n", name, (double)v[i], (double)v[i + 1], (double)v[i + 2]);
}

int main(void) {
  const ek_kernels_batch_norm_shape shape = {EK_KERNELS_F32, .outer = ROWS, .channels = CHANNELS, .inner = 1};
  const float x[VALUES] = {1, 10, -3, 2, 20, 5, 4, 40, 8, 9, 50, 7}, scale[] = {1, 2, 0.5f}, offset[] = {0.5f, 1, -1};
  const float dy[VALUES] = {0.1f, -0.5f, 1, 0.4f, 0.3f, 2, -0.2f, 0.6f, -1, 0.8f, 0.2f, 0.5f};
  float y[VALUES], mean[CHANNELS], variance[CHANNELS], moving_mean[] = {0, 0, 0}, moving_variance[] = {1, 1, 1};
  float dx[VALUES], dscale[CHANNELS], doffset[CHANNELS];

  ek_kernels_batch_norm_train_args f = {.shape = shape, .epsilon = 1e-3, .x = x, .scale = scale, .offset = offset};
  f.y = y, f.mean = mean, f.variance = variance;
  f.moving_mean = moving_mean, f.moving_variance = moving_variance, f.decay = 0.1, f.correct = 1;
  ek_kernels_batch_norm_grad_args b = {.shape = shape, .epsilon = 1e-3, .x = x, .dy = dy, .scale = scale};
  b.mean = mean, b.variance = variance, b.dx = dx, b.dscale = dscale, b.doffset = doffset;

  ek_kernels_code code = ek_kernels_batch_norm_train_workspace(&shape, &f.workspace_bytes);
  if (code == EK_KERNELS_OK) code = ek_kernels_batch_norm_grad_workspace(&shape, &b.workspace_bytes);
  f.workspace = malloc(f.workspace_bytes), b.workspace = malloc(b.workspace_bytes);
  if (code == EK_KERNELS_OK) code = ek_kernels_batch_norm_train(NULL, &f);
  if (code == EK_KERNELS_OK) code = ek_kernels_batch_norm_grad(NULL, &b);
  free(f.workspace), free(b.workspace);
  if (code != EK_KERNELS_OK) return fprintf(stderr, "%s\n", ek_kernels_code_name(code)), 1;

  show("y", y, VALUES), show("moving mean", moving_mean, CHANNELS), show("moving variance", moving_variance, CHANNELS);
  show("dx", dx, VALUES), show("dscale", dscale, CHANNELS), show("doffset", doffset, CHANNELS);
  return 0;
}
