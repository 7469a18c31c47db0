/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of space moved into the batch or into the channels, and back: SpaceToBatchND, SpaceToBatch, SpaceToDepth and
 * their opposites. Each is a handful of box copies. */
#include "graph/grad.h"
#include "ops/grad_util.h"
#include "ops/index.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_BLOCKS = EK_MAX_RANK - 1, MAX_PADS = 2 * MAX_BLOCKS };

static bool to_batch(const ek__node *node) { return node->type[0] == 'S'; }
static bool is_nd(const ek__node *node) { return strstr(node->type, "ND") != NULL; }

/* ---- The batch */

/* What is cut into blocks: the dimensions 1 to n of a tensor with a border (added, or to be cropped) around them. */
typedef struct blocks {
  int n;
  int64_t size[MAX_BLOCKS], before[MAX_BLOCKS], after[MAX_BLOCKS];
} blocks;

/* values: those of block_shape (n of them) and of the paddings (2 n). */
static ek_code blocks_init(const ek__node *node, const int64_t *size, int n, const int64_t *pads, ek_status *st,
                           blocks *b) {
  *b = (blocks){.n = n};
  for (int i = 0; i < n; i++) {
    b->size[i] = size[i];
    b->before[i] = pads[2 * i];
    b->after[i] = pads[2 * i + 1];
    EK_REQUIRE(size[i] >= 1 && pads[2 * i] >= 0 && pads[2 * i + 1] >= 0, st, EK_INVALID_ARGUMENT,
               "%s '%s': block %" PRId64 " must be positive, its borders %" PRId64 " and %" PRId64 " not negative",
               node->type, node->name, size[i], pads[2 * i], pads[2 * i + 1]);
  }
  return EK_OK;
}

/* The other tensor's shape. */
static ek_code shape_after(const ek__node *node, const blocks *b, ek_shape s, ek_status *st, ek_shape *out) {
  char text[EK_SHAPE_TEXT];
  EK_REQUIRE(s.rank < 0 || s.rank > b->n, st, EK_INVALID_ARGUMENT, "%s '%s': input rank should be >= %d instead of %d",
             node->type, node->name, b->n + 1, s.rank);
  *out = s;
  for (int i = 0; i < b->n && s.rank > 0; i++) {
    int64_t *batch = &out->dim[0], *dim = &out->dim[1 + i];
    if (to_batch(node)) {
      int64_t padded = -1;
      if (*dim >= 0) {
        EK_REQUIRE(!__builtin_add_overflow(*dim, b->before[i], &padded) &&
                       !__builtin_add_overflow(padded, b->after[i], &padded) && padded % b->size[i] == 0,
                   st, EK_INVALID_ARGUMENT,
                   "%s '%s': padded_shape[%d]=%" PRId64 " is not divisible by block_shape[%d]=%" PRId64, node->type,
                   node->name, i, padded, i, b->size[i]);
        *dim = padded / b->size[i];
      }
      if (*batch >= 0)
        EK_REQUIRE(!__builtin_mul_overflow(*batch, b->size[i], batch), st, EK_INVALID_ARGUMENT,
                   "%s '%s': the batch is too large", node->type, node->name);
    } else {
      int64_t whole = -1;
      if (*dim >= 0) {
        EK_REQUIRE(!__builtin_mul_overflow(*dim, b->size[i], &whole) && whole >= b->before[i] &&
                       whole - b->before[i] >= b->after[i],
                   st, EK_INVALID_ARGUMENT, "%s '%s': crops %" PRId64 " and %" PRId64 " do not fit into %" PRId64,
                   node->type, node->name, b->before[i], b->after[i], whole);
        *dim = whole - b->before[i] - b->after[i];
      }
      EK_REQUIRE(*batch < 0 || *batch % b->size[i] == 0, st, EK_INVALID_ARGUMENT,
                 "%s '%s': the batch of %s is not divisible by the product of the blocks", node->type, node->name,
                 ek_shape_format(s, text, sizeof text));
      if (*batch >= 0) *batch /= b->size[i];
    }
  }
  return EK_OK;
}

static ek_code infer_batch(ek_infer_context *c) {
  int64_t size[MAX_BLOCKS], pads[MAX_PADS];
  int n = 2, m = 0;
  blocks b;
  const int at = is_nd(c->node) ? 2 : 1;
  c->out[0].shape = (ek_shape){.rank = c->in[0].shape.rank};
  for (int i = 0; i < c->out[0].shape.rank; i++) c->out[0].shape.dim[i] = -1;
  if (is_nd(c->node)) {
    EK_TRY(ek__infer_rank(c, 1, 1));
    if (!ek__infer_ints(c, 1, MAX_BLOCKS, size, &n)) return EK_OK;
  } else {
    size[0] = size[1] = ek__attr_int(c->node, "block_size");
  }
  EK_TRY(ek__infer_rank(c, at, 2));
  if (!ek__infer_ints(c, at, MAX_PADS, pads, &m)) return EK_OK;
  EK_INFER_REQUIRE(c, m == 2 * n, "block_shape has %d elements, but the borders have %d", n, m);
  EK_TRY(blocks_init(c->node, size, n, pads, c->st, &b));
  return shape_after(c->node, &b, c->in[0].shape, c->st, &c->out[0].shape);
}

/* Copies the elements that lie at `offset` inside their blocks. space: the tensor before, batch: after SpaceToBatch. */
static void copy_blocks(ek_dtype dtype, const blocks *b, bool into_batch, ek_shape space, ek_shape batch,
                        const int64_t *offset, int64_t index, void *out, const void *in) {
  int64_t space_stride[EK_MAX_RANK], batch_stride[EK_MAX_RANK];
  ek__copy box = {0};
  ek__row_major(space, space_stride);
  ek__row_major(batch, batch_stride);
  int64_t space_at = 0, batch_at = index * space.dim[0] * batch_stride[0];
  ek__copy_axis(&box, space.dim[0], into_batch ? batch_stride[0] : space_stride[0],
                into_batch ? space_stride[0] : batch_stride[0]);
  for (int i = 1; i < space.rank; i++) {
    const int k = i - 1;
    int64_t first = 0, end = space.dim[i], step = 1;
    if (k < b->n) { /* place j of the batch holds position j * size + offset - before of space */
      step = b->size[k];
      const int64_t lack = b->before[k] - offset[k], room = space.dim[i] + lack;
      first = lack > 0 ? (lack + step - 1) / step : 0;
      end = room > 0 ? (room + step - 1) / step : 0;
      space_at += (first * step - lack) * space_stride[i];
      batch_at += first * batch_stride[i];
    }
    if (end <= first) return;
    ek__copy_axis(&box, end - first, into_batch ? batch_stride[i] : step * space_stride[i],
                  into_batch ? step * space_stride[i] : batch_stride[i]);
  }
  ek__copy_box(dtype, ek__at(dtype, out, into_batch ? batch_at : space_at),
               ek__at(dtype, in, into_batch ? space_at : batch_at), &box);
}

static ek_code run_batch(ek_run_context *c) {
  int64_t size[MAX_BLOCKS], pads[MAX_PADS], offset[MAX_BLOCKS] = {0}, count = 1;
  int n = 2, m = 0;
  blocks b;
  ek_shape out;
  const ek_dtype dtype = c->in[0]->dtype;
  const bool into_batch = to_batch(c->node);
  if (is_nd(c->node))
    EK_TRY(ek__run_ints(c, 1, MAX_BLOCKS, size, &n));
  else
    size[0] = size[1] = ek__attr_int(c->node, "block_size");
  EK_TRY(ek__run_ints(c, is_nd(c->node) ? 2 : 1, MAX_PADS, pads, &m));
  EK_RUN_REQUIRE(c, m == 2 * n, "block_shape has %d elements, but the borders have %d", n, m);
  EK_TRY(blocks_init(c->node, size, n, pads, c->st, &b));
  EK_TRY(shape_after(c->node, &b, c->in[0]->shape, c->st, &out));
  EK_TRY(ek__run_output(c, 0, out));
  if (into_batch) ek__zero(dtype, c->out[0]->data, c->out[0]->n);
  const ek_shape space = into_batch ? c->in[0]->shape : out, batch = into_batch ? out : c->in[0]->shape;
  if (c->out[0]->n == 0) return EK_OK;
  for (int i = 0; i < n; i++) count *= size[i]; /* divides the batch: no overflow */
  for (int64_t index = 0; index < count; index++) {
    copy_blocks(dtype, &b, into_batch, space, batch, offset, index, c->out[0]->data, c->in[0]->data);
    for (int i = n - 1; i >= 0 && ++offset[i] == size[i]; i--) offset[i] = 0;
  }
  return EK_OK;
}

static ek_code grad_batch(ek_grad_context *c) {
  const char *opposite = to_batch(c->node) ? is_nd(c->node) ? "BatchToSpaceND" : "BatchToSpace"
                         : is_nd(c->node)  ? "SpaceToBatchND"
                                           : "SpaceToBatch";
  if (is_nd(c->node)) {
    c->dx[0] = ek__op3(c->g, opposite, c->dy[0], ek__grad_in(c, 1), ek__grad_in(c, 2));
    return EK_OK;
  }
  const ek_op op = ek_build(c->g, opposite, EK_OUTS(c->dy[0], ek__grad_in(c, 1)),
                            EK_ATTRS(EK_INT_ATTR("block_size", ek__attr_int(c->node, "block_size"))));
  c->dx[0] = ek_op_output(op, 0);
  return EK_OK;
}

#define BATCH(id_, name_, function_, doc_, in_, attrs_)                                                                \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = (in_),                                                                          \
                                 .out = "output: T",                                                                   \
                                 .attrs = "T: type; " attrs_,                                                          \
                                 .function = (function_),                                                              \
                                 .infer = infer_batch,                                                                 \
                                 .run = run_batch,                                                                     \
                                 .grad = grad_batch}
#define ND_TYPES "Tblock_shape: {int32, int64} = int32; "

BATCH(space_to_batch_nd, "SpaceToBatchND", "space_to_batch_nd",
      "blocks of the padded dimensions 1, 2, ... dealt out over the batch",
      "input: T, block_shape: Tblock_shape, paddings: Tpaddings", ND_TYPES "Tpaddings: {int32, int64} = int32");
BATCH(batch_to_space_nd, "BatchToSpaceND", "batch_to_space_nd",
      "undoes SpaceToBatchND: the batch becomes blocks of space, which are cropped",
      "input: T, block_shape: Tblock_shape, crops: Tcrops", ND_TYPES "Tcrops: {int32, int64} = int32");
BATCH(space_to_batch, "SpaceToBatch", "space_to_batch", "SpaceToBatchND with square blocks of images",
      "input: T, paddings: Tpaddings", "Tpaddings: {int32, int64} = int32; block_size: int >= 2");
BATCH(batch_to_space, "BatchToSpace", "batch_to_space", "undoes SpaceToBatch", "input: T, crops: Tidx",
      "block_size: int >= 2; Tidx: {int32, int64} = int32");

/* ---- The channels */

static bool channels_first(const ek__node *node) { return ek__attr_string(node, "data_format")[1] == 'C'; }

static ek_code depth_shape(const ek__node *node, ek_shape s, ek_status *st, ek_shape *out) {
  const bool first = channels_first(node);
  const int64_t block = ek__attr_int(node, "block_size");
  int64_t *channels = &out->dim[first ? 1 : 3], *h = &out->dim[first ? 2 : 1], *w = &out->dim[first ? 3 : 2];
  char text[EK_SHAPE_TEXT];
  EK_REQUIRE(s.rank < 0 || s.rank == 4, st, EK_INVALID_ARGUMENT, "%s '%s': input must be 4-dimensional: %s", node->type,
             node->name, ek_shape_format(s, text, sizeof text));
  *out = s.rank < 0 ? ek_shape(-1, -1, -1, -1) : s;
  const bool to_depth = to_batch(node); /* SpaceToDepth */
  bool fits = true;
  int64_t squared = 0;
  fits = !__builtin_mul_overflow(block, block, &squared);
  if (to_depth) {
    fits = fits && (*h < 0 || *h % block == 0) && (*w < 0 || *w % block == 0) &&
           (*channels < 0 || !__builtin_mul_overflow(*channels, squared, channels));
    *h = *h < 0 ? -1 : *h / block;
    *w = *w < 0 ? -1 : *w / block;
  } else {
    fits = fits && (*channels < 0 || *channels % squared == 0) && (*h < 0 || !__builtin_mul_overflow(*h, block, h)) &&
           (*w < 0 || !__builtin_mul_overflow(*w, block, w));
    *channels = *channels < 0 || !fits ? -1 : *channels / squared;
  }
  EK_REQUIRE(fits, st, EK_INVALID_ARGUMENT, "%s '%s': %s of %s must be divisible by block_size%s %" PRId64, node->type,
             node->name, to_depth ? "height and width" : "the channels", ek_shape_format(s, text, sizeof text),
             to_depth ? "" : " squared,", block);
  return EK_OK;
}

static ek_code infer_depth(ek_infer_context *c) {
  return depth_shape(c->node, c->in[0].shape, c->st, &c->out[0].shape);
}

static ek_code run_depth(ek_run_context *c) {
  const bool first = channels_first(c->node), to_depth = to_batch(c->node);
  const int64_t block = ek__attr_int(c->node, "block_size");
  ek_shape out;
  int64_t ss[EK_MAX_RANK], ds[EK_MAX_RANK]; /* strides of the space side, of the depth side */
  EK_TRY(depth_shape(c->node, c->in[0]->shape, c->st, &out));
  EK_TRY(ek__run_output(c, 0, out));
  const ek_shape space = to_depth ? c->in[0]->shape : out, depth = to_depth ? out : c->in[0]->shape;
  const int ch = first ? 1 : 3, h = first ? 2 : 1, w = first ? 3 : 2;
  ek__row_major(space, ss);
  ek__row_major(depth, ds);
  const int64_t axes[6][3] = {/* how many, apart in space, apart in depth */
                              {space.dim[0], ss[0], ds[0]},
                              {depth.dim[h], block * ss[h], ds[h]},
                              {block, ss[h], block * space.dim[ch] * ds[ch]},
                              {depth.dim[w], block * ss[w], ds[w]},
                              {block, ss[w], space.dim[ch] * ds[ch]},
                              {space.dim[ch], ss[ch], ds[ch]}};
  ek__copy box = {0};
  for (int i = 0; i < 6; i++) ek__copy_axis(&box, axes[i][0], axes[i][to_depth ? 2 : 1], axes[i][to_depth ? 1 : 2]);
  if (c->out[0]->n > 0) ek__copy_box(c->in[0]->dtype, c->out[0]->data, c->in[0]->data, &box);
  return EK_OK;
}

static ek_code grad_depth(ek_grad_context *c) {
  const ek_op op = ek_build(c->g, to_batch(c->node) ? "DepthToSpace" : "SpaceToDepth", EK_OUTS(c->dy[0]),
                            EK_ATTRS(EK_INT_ATTR("block_size", ek__attr_int(c->node, "block_size")),
                                     EK_STRING_ATTR("data_format", ek__attr_string(c->node, "data_format"))));
  c->dx[0] = ek_op_output(op, 0);
  return EK_OK;
}

#define DEPTH(id_, name_, function_, doc_)                                                                             \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "input: T",                                                                     \
                                 .out = "output: T",                                                                   \
                                 .attrs = "T: type; block_size: int >= 2; data_format: {'NHWC', 'NCHW'} = 'NHWC'",     \
                                 .function = (function_),                                                              \
                                 .infer = infer_depth,                                                                 \
                                 .run = run_depth,                                                                     \
                                 .grad = grad_depth}

DEPTH(space_to_depth, "SpaceToDepth", "space_to_depth", "square blocks of an image laid out as channels");
DEPTH(depth_to_space, "DepthToSpace", "depth_to_space", "undoes SpaceToDepth: channels become square blocks");
