# SPDX-License-Identifier: Apache-2.0
"""Ops on images: convolution, pooling, resizing, padding, blocks of space. A case is `OP` and its attributes, written
as KEY=VALUE: numbers and flags as Python prints them, lists as 1x2x3, strings bare; case=K tells cases apart."""
import numpy as np
import tensorflow.compat.v1 as tf

CONV = [  # input, filter, strides, padding, dilations, explicit paddings
    ([2, 5, 6, 3], [3, 3, 3, 4], (1, 1), "SAME", (1, 1)),
    ([1, 7, 7, 2], [3, 2, 2, 3], (2, 3), "VALID", (1, 1)),
    ([2, 8, 7, 2], [3, 3, 2, 2], (2, 2), "SAME", (1, 1)),
    ([1, 9, 9, 2], [3, 3, 2, 3], (1, 1), "SAME", (2, 3)),
    ([1, 6, 5, 2], [1, 1, 2, 3], (3, 2), "SAME", (1, 1)),
    ([1, 5, 5, 2], [2, 2, 2, 3], (1, 1), (1, 0, 2, 1), (1, 1)),
]
DEPTHWISE = [
    ([2, 5, 6, 3], [3, 3, 3, 1], (1, 1), "SAME", (1, 1)),
    ([1, 7, 6, 2], [3, 2, 2, 3], (2, 2), "VALID", (1, 1)),
    ([1, 8, 8, 2], [3, 3, 2, 2], (1, 1), "SAME", (2, 2)),
]
POOL = [  # input, window, strides, padding
    ([2, 5, 6, 3], (2, 2), (2, 2), "VALID"),
    ([1, 7, 6, 2], (3, 2), (2, 1), "SAME"),
    ([1, 4, 4, 2], (4, 4), (4, 4), "VALID"),
    ([1, 5, 5, 1], (2, 3), (3, 2), "SAME"),
]


def joined(values):
    return "x".join(str(v) for v in values)


def named(op, **attributes):
    words = [f"{k}={joined(v) if isinstance(v, (list, tuple)) else v}" for k, v in attributes.items()]
    return " ".join([op, *words])


def convolutions(draw):
    for family, specs in (("Conv2D", CONV), ("DepthwiseConv2dNative", DEPTHWISE)):
        for shape, size, strides, padding, dilations in specs:
            x, w = draw(*shape), draw(*size)
            attributes = {"strides": [1, *strides, 1], "dilations": [1, *dilations, 1]}
            attributes["padding"] = padding if isinstance(padding, str) else "EXPLICIT"
            if not isinstance(padding, str):
                attributes["explicit_paddings"] = [0, 0, *padding, 0, 0]
            forward = getattr(tf.raw_ops, family)
            with tf.Graph().as_default():
                y = forward(input=x, filter=w, **attributes)
                dy = draw(*y.shape.as_list())
            yield named(family, **attributes), forward, {"input": x, "filter": w}, attributes
            if family != "Conv2D" and dilations != (1, 1):
                continue  # these gradients do not look at dilations
            sizes = {"input_sizes": np.int32(shape), "filter": w, "out_backprop": dy}
            yield (named(family + "BackpropInput", **attributes), getattr(tf.raw_ops, family + "BackpropInput"), sizes,
                   attributes)
            sizes = {"input": x, "filter_sizes": np.int32(size), "out_backprop": dy}
            yield (named(family + "BackpropFilter", **attributes), getattr(tf.raw_ops, family + "BackpropFilter"),
                   sizes, attributes)


def volumes(draw):
    attributes = {"strides": [1, 1, 2, 1, 1], "padding": "SAME"}
    x, w, dy = draw(1, 3, 4, 4, 2), draw(2, 2, 2, 2, 3), draw(1, 3, 2, 4, 3)
    yield named("Conv3D", **attributes), tf.raw_ops.Conv3D, {"input": x, "filter": w}, attributes
    yield (named("Conv3DBackpropInputV2", **attributes), tf.raw_ops.Conv3DBackpropInputV2,
           {"input_sizes": np.int32([1, 3, 4, 4, 2]), "filter": w, "out_backprop": dy}, attributes)
    yield (named("Conv3DBackpropFilterV2", **attributes), tf.raw_ops.Conv3DBackpropFilterV2,
           {"input": x, "filter_sizes": np.int32([2, 2, 2, 2, 3]), "out_backprop": dy}, attributes)
    window = {"ksize": [1, 2, 2, 2, 1], "strides": [1, 1, 2, 1, 1], "padding": "SAME"}
    yield named("MaxPool3D", **window), tf.raw_ops.MaxPool3D, {"input": x}, window
    yield named("AvgPool3D", **window), tf.raw_ops.AvgPool3D, {"input": x}, window
    dy = draw(1, 3, 2, 4, 2)
    yield (named("AvgPool3DGrad", **window), tf.raw_ops.AvgPool3DGrad,
           {"orig_input_shape": np.int32([1, 3, 4, 4, 2]), "grad": dy}, window)


def pooling(draw):
    for shape, ksize, strides, padding in POOL:
        x = np.round(draw(*shape) * 3)  # with ties
        window = {"ksize": [1, *ksize, 1], "strides": [1, *strides, 1], "padding": padding}
        with tf.Graph().as_default():
            size = tf.raw_ops.MaxPool(input=x, **window).shape.as_list()
        with tf.Graph().as_default(), tf.Session() as session:
            y = session.run(tf.raw_ops.MaxPool(input=x, **window))
        dy = draw(*size)
        three = {"orig_input": x, "orig_output": y}
        yield named("MaxPool", **window), tf.raw_ops.MaxPool, {"input": x}, window
        yield named("MaxPoolGrad", **window), tf.raw_ops.MaxPoolGrad, {**three, "grad": dy}, window
        yield named("MaxPoolGradGrad", **window), tf.raw_ops.MaxPoolGradGrad, {**three, "grad": draw(*shape)}, window
        yield named("AvgPool", **window), tf.raw_ops.AvgPool, {"value": x}, window
        yield (named("AvgPoolGrad", **window), tf.raw_ops.AvgPoolGrad,
               {"orig_input_shape": np.int32(shape), "grad": dy}, window)
    special = np.array([[np.nan, 1, 2, 3], [1, 2, 3, np.nan], [1, np.nan, 3, 2], [np.nan] * 4, [-np.inf] * 4],
                       np.float32).reshape(5, 2, 2, 1)
    window = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID", "data_format": "NHWC"}
    yield named("MaxPool", **window), tf.raw_ops.MaxPool, {"input": special}, window


def borders(draw):
    pads = np.int32([[1, 2], [0, 1]])
    for mode in ("REFLECT", "SYMMETRIC"):
        yield named("MirrorPad", mode=mode), tf.raw_ops.MirrorPad, {"input": draw(3, 2), "paddings": pads}, {"mode": mode}
        yield (named("MirrorPadGrad", mode=mode), tf.raw_ops.MirrorPadGrad, {"input": draw(6, 3), "paddings": pads},
               {"mode": mode})


def responses(draw):
    x, dy = draw(2, 2, 3, 7), draw(2, 2, 3, 7)
    for attributes in ({}, {"depth_radius": 2, "bias": 2.0, "alpha": 0.1, "beta": 0.75}):
        yield named("LRN", **attributes), tf.raw_ops.LRN, {"input": x}, attributes
        with tf.Graph().as_default(), tf.Session() as session:
            y = session.run(tf.raw_ops.LRN(input=x, **attributes))
        yield (named("LRNGrad", **attributes), tf.raw_ops.LRNGrad,
               {"input_grads": dy, "input_image": x, "output_image": y}, attributes)


def resizing(draw):
    for k, size in enumerate(([7, 3], [2, 9])):
        x, dy = draw(2, 4, 5, 2), draw(2, *size, 2)
        for align, half in ((False, False), (True, False), (False, True)):
            flags = {"align_corners": align, "half_pixel_centers": half}
            for op in ("ResizeNearestNeighbor", "ResizeBilinear"):
                yield (named(op, **flags, case=k), getattr(tf.raw_ops, op), {"images": x, "size": np.int32(size)},
                       flags)
            yield (named("ResizeNearestNeighborGrad", **flags, case=k), tf.raw_ops.ResizeNearestNeighborGrad,
                   {"grads": dy, "size": np.int32([4, 5])}, flags)
            yield (named("ResizeBilinearGrad", **flags, case=k), tf.raw_ops.ResizeBilinearGrad,
                   {"grads": dy, "original_image": x}, flags)


def spaces(draw):
    block, pads = np.int32([2, 3]), np.int32([[1, 0], [0, 1]])
    yield (named("SpaceToBatchND"), tf.raw_ops.SpaceToBatchND,
           {"input": draw(2, 3, 5, 2), "block_shape": block, "paddings": pads}, {})
    yield (named("BatchToSpaceND"), tf.raw_ops.BatchToSpaceND,
           {"input": draw(12, 2, 2, 2), "block_shape": block, "crops": pads}, {})
    size = {"block_size": 2}
    yield (named("SpaceToBatch", **size), tf.raw_ops.SpaceToBatch, {"input": draw(1, 3, 3, 2), "paddings": np.int32(
        [[1, 0], [0, 1]])}, size)
    yield (named("BatchToSpace", **size), tf.raw_ops.BatchToSpace, {"input": draw(4, 2, 2, 2), "crops": np.int32(
        [[1, 0], [0, 1]])}, size)
    yield named("SpaceToDepth", **size), tf.raw_ops.SpaceToDepth, {"input": draw(2, 4, 2, 3)}, size
    yield named("DepthToSpace", **size), tf.raw_ops.DepthToSpace, {"input": draw(2, 2, 1, 12)}, size


def image_cases():
    random = np.random.RandomState(11)
    draw = lambda *shape: random.randn(*shape).astype(np.float32)  # noqa: E731
    for family in (convolutions, volumes, pooling, borders, responses, resizing, spaces):
        yield from family(draw)


def image_values():
    """Members CASE/in/K for input K, in order, and CASE/out for the output."""
    arrays = {}
    for case, op, inputs, attributes in image_cases():
        with tf.Graph().as_default(), tf.Session() as session:
            fed = {k: tf.placeholder(v.dtype, v.shape) for k, v in inputs.items()}
            value = session.run(op(**fed, **attributes), {fed[k]: v for k, v in inputs.items()})
        arrays.update({f"{case}/in/{i}": v for i, v in enumerate(inputs.values())})
        arrays[f"{case}/out"] = value
    return arrays
