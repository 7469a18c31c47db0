/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/diagonals.h"

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t above(int64_t k) { return k > 0 ? k : 0; }
static int64_t below(int64_t k) { return k < 0 ? -k : 0; }

int64_t ek__band_longest(const ek__band *b, int64_t rows, int64_t cols) {
  const int64_t n = least(rows - below(b->upper), cols - above(b->lower));
  return n > 0 ? n : 0;
}

void ek__band_copy(ek_dtype dtype, const ek__band *b, ek_shape matrices, void *to, const void *from, bool into) {
  const int64_t rows = matrices.dim[matrices.rank - 2], cols = matrices.dim[matrices.rank - 1], size = rows * cols;
  const int64_t longest = ek__band_longest(b, rows, cols), band = (b->upper - b->lower + 1) * longest;
  const int64_t batch = size > 0 ? ek_shape_num_elements(matrices) / size : 0;
  for (int64_t k = b->upper; longest > 0 && batch > 0 && k >= b->lower; k--) {
    const int64_t n = least(rows - below(k), cols - above(k)), first = below(k) * cols + above(k);
    const bool right = k > 0 ? b->right_above : k < 0 && b->right_below;
    const int64_t at = (b->upper - k) * longest + (right ? longest - n : 0);
    if (n <= 0) continue;
    ek__copy box = {0};
    ek__copy_axis(&box, batch, into ? size : band, into ? band : size);
    ek__copy_axis(&box, n, into ? cols + 1 : 1, into ? 1 : cols + 1);
    ek__copy_box(dtype, ek__at(dtype, to, into ? first : at), ek__at(dtype, from, into ? at : first), &box);
  }
}
