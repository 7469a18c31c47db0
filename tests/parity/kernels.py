# SPDX-License-Identifier: Apache-2.0
"""The kernels on random shapes against real TensorFlow and, where it is installed, PyTorch.

    kernels.py LIBRARY     one line per case, as run.py prints them; run.py --kernels LIBRARY has those of TensorFlow
"""
import functools
import importlib.util
import sys
import warnings

import numpy as np

from kernels_c import LAYOUTS, LEAKY_RELU, NO_ACTIVATION, RELU, Kernels

SHAPES = 12  # random ones a case
# What the two may differ by, in units of the type's epsilon and of the largest value of an array and one: both add up
# to some thousand terms in an order of their own, TensorFlow in the type itself.
ROOM = 64
# Halves are added up in float by both, and rounded once.
HALF_ROOM, HALF_EPS = 4, {"float16": 2.0**-10, "bfloat16": 2.0**-7}
EPSILON = 1e-3
ALPHA = 0.25  # of leaky ReLU


def values(draw, *shape, dtype=np.float32):
    return draw.standard_normal(shape).astype(dtype)


def data(draw, shape, dtype=np.float32):
    """x, with a mean apart from 0, and dy."""
    return (values(draw, *shape, dtype=dtype) + dtype(draw.uniform(-3, 3))), values(draw, *shape, dtype=dtype)


def parameters(draw, *shape, dtype=np.float32):
    """scale, offset"""
    return draw.uniform(0.5, 2, shape).astype(dtype), values(draw, *shape, dtype=dtype)


def sizes(draw, rank, most=4000):
    """Random sizes, more than one value in all but not many thousand."""
    while True:
        shape = draw.integers(1, [0, 40, 40, 20, 9, 6][rank], rank, endpoint=True)
        if 2 <= np.prod(shape) <= most:
            return [int(n) for n in shape]


def compare(pairs):
    """The largest error of (name, ours, theirs) in units of what is allowed, and its name."""
    worst = 0.0, "-"
    for name, ours, theirs in pairs:
        ours, theirs = np.asarray(ours).reshape(-1), np.asarray(theirs)
        half = HALF_EPS.get(theirs.dtype.name)
        theirs = theirs.astype(np.float64) if half else theirs
        room = HALF_ROOM * half if half else ROOM * np.finfo(theirs.dtype).eps
        room *= 1 + np.abs(theirs).max(initial=0)
        off = np.abs(ours.astype(np.float64) - theirs.reshape(-1)).max(initial=0) / room
        if not off <= worst[0]:
            worst = (float(off) if np.isfinite(off) else np.inf), f"{name} of {list(theirs.shape)}"
    return worst


def fused_case(draw, dtype=np.float32):
    """x, dy, scale, offset, for every second case what is added, and an activation. Nothing is added to halves: in an op
    of its own that meets values which were rounded before, and which side of zero they come to differs now and then."""
    x, dy = (a.astype(dtype) for a in data(draw, sizes(draw, 4)))
    scale, offset = parameters(draw, x.shape[3])
    add = values(draw, *x.shape) if dtype == np.float32 and draw.integers(2) else None
    activation = int(draw.integers(NO_ACTIVATION if add is None else RELU, LEAKY_RELU, endpoint=True))
    return x, dy, scale, offset, add, activation


def fused_of(ours, draw, x, dy, scale, offset, add, activation, statistics=None):
    """y, dx, dscale, doffset and, where something is added, its gradient, in any layout."""
    masked = activation != NO_ACTIVATION and bool(draw.integers(2))
    found = ours.batch_norm(x, dy, scale, offset, EPSILON, LAYOUTS[draw.integers(3)], statistics, add, activation,
                            ALPHA, masked)
    return found if add is not None else found[:4]


class Tensorflow:
    """Its answers: y and gradients by x, scale and offset, then what else is asked for."""

    def __init__(self):
        import common
        import tensorflow.compat.v1 as tf
        import tf_slim

        tf.disable_v2_behavior()
        tf.logging.set_verbosity(tf.logging.ERROR)
        warnings.simplefilter("ignore")  # tf.layers are deprecated
        self.tf, self.slim, self.one_thread = tf, tf_slim, common.ONE_THREAD

    def run(self, x, dy, scale, offset, build, collect=(), add=None):
        """build(x, scale, offset[, add]) gives y. A layer that makes variables of its own, gamma and beta, has them set to
        scale and offset. collect: names of its variables that are read after its updates."""
        tf = self.tf
        with tf.Graph().as_default(), tf.Session(config=self.one_thread) as session:
            placeholder = tf.placeholder(x.dtype, x.shape)
            given = [tf.constant(a) for a in (scale, offset, add) if a is not None]
            y = build(placeholder, *given)
            by_name = {v.op.name.rsplit("/", 1)[-1]: v for v in tf.global_variables()}
            if "gamma" in by_name:
                given = [by_name["gamma"], by_name["beta"]]
            out = [y, *tf.gradients(y, [placeholder, *given], tf.constant(dy))]
            session.run(tf.global_variables_initializer())
            for name, value in {"gamma": scale, "beta": offset}.items():
                if name in by_name:
                    by_name[name].load(value.reshape(by_name[name].shape), session)
            results = session.run([*out, tf.get_collection(tf.GraphKeys.UPDATE_OPS)], {placeholder: x})[:-1]
            return [*results, *session.run([by_name[name] for name in collect])]

    def batch_norm(self, ours, draw):
        x, dy = data(draw, sizes(draw, 4))
        scale, offset = parameters(draw, x.shape[3])
        theirs = self.run(x, dy, scale, offset,
                          lambda x, g, b: self.tf.nn.fused_batch_norm(x, g, b, epsilon=EPSILON, is_training=True)[0])
        y, mean, variance = ours.axes_norm(x, [3], [], scale, offset, EPSILON)
        return named((y, *ours.axes_grad(x, dy, [3], [], scale, mean, variance, EPSILON)), theirs)

    def fused(self, ours, draw, dtype, given=False):
        """tf.nn.fused_batch_norm, an addition and an activation: with the batch's statistics or with given ones."""
        tf = self.tf
        x, dy, scale, offset, add, activation = fused_case(draw, dtype)
        statistics = [values(draw, x.shape[3]), draw.uniform(0.5, 2, x.shape[3]).astype(np.float32)] if given else None
        mean, variance = statistics or (None, None)

        def build(x, g, b, add=None):
            y = tf.nn.fused_batch_norm(x, g, b, mean, variance, epsilon=EPSILON, is_training=not given)[0]
            y = y if add is None else y + add
            return {NO_ACTIVATION: tf.identity, RELU: tf.nn.relu,
                    LEAKY_RELU: lambda y: tf.nn.leaky_relu(y, ALPHA)}[activation](y)

        theirs = self.run(x, dy, scale, offset, build, add=add)
        return named(fused_of(ours, draw, x, dy, scale, offset, add, activation, statistics), theirs)

    def axes(self, ours, draw, dtype):
        rank = int(draw.integers(2, 5, endpoint=True))
        kept = sorted(int(i) for i in draw.permutation(rank)[: draw.integers(1, rank)])
        x, dy = data(draw, sizes(draw, rank), dtype)
        scale, offset = parameters(draw, *[n if i in kept else 1 for i, n in enumerate(x.shape)], dtype=dtype)

        def build(x, g, b):
            moments = self.tf.nn.moments(x, [i for i in range(rank) if i not in kept], keepdims=True)
            return self.tf.nn.batch_normalization(x, *moments, b, g, EPSILON)

        theirs = self.run(x, dy, scale, offset, build)
        y, mean, variance = ours.axes_norm(x, kept, [], scale, offset, EPSILON)
        return named((y, *ours.axes_grad(x, dy, kept, [], scale, mean, variance, EPSILON)), theirs)

    def ghost(self, ours, draw):
        shape = sizes(draw, int(draw.integers(2, 4, endpoint=True)))
        virtual, groups = (int(n) for n in draw.integers(2, 6, 2))
        x, dy = data(draw, [virtual * groups, *shape[1:]])
        scale, offset = parameters(draw, shape[-1])
        theirs = self.run(x, dy, scale, offset, lambda x, g, b: self.tf.layers.batch_normalization(
            x, training=True, epsilon=EPSILON, momentum=0.875, virtual_batch_size=virtual),
            ["moving_mean", "moving_variance"])
        view, kept = (virtual, groups, *x.shape[1:]), [1, x.ndim]
        moving = [np.zeros_like(scale), np.ones_like(scale)]
        x, dy = x.reshape(view), dy.reshape(view)
        y, mean, variance = ours.axes_norm(x, kept, [1], scale, offset, EPSILON, moving, 0.125)
        return named((y, *ours.axes_grad(x, dy, kept, [1], scale, mean, variance, EPSILON), *moving), theirs)

    def weighted(self, ours, draw):
        x, dy = data(draw, sizes(draw, int(draw.integers(2, 4, endpoint=True))))
        scale, offset = parameters(draw, x.shape[-1])
        weights = draw.integers(0, 4, x.shape[0]).astype(np.float32)
        weights[0] = 1
        theirs = self.run(x, dy, scale, offset, lambda x, g, b: self.slim.batch_norm(
            x, scale=True, epsilon=EPSILON, decay=0.875, batch_weights=weights), ["moving_mean", "moving_variance"])
        moving = [np.zeros_like(scale), np.ones_like(scale)]
        return named((*ours.weighted(x, dy, weights, scale, offset, EPSILON, moving, 0.125), *moving), theirs)

    def renorm(self, ours, draw):
        x, dy = data(draw, sizes(draw, int(draw.integers(2, 4, endpoint=True))))
        scale, offset = parameters(draw, x.shape[-1])
        clipping = {"rmin": 0.75, "rmax": float(draw.uniform(1, 2)), "dmax": float(draw.uniform(0.5, 2))}
        names = ["renorm_mean", "renorm_stddev", "moving_mean", "moving_stddev", "moving_variance"]
        theirs = self.run(x, dy, scale, offset, lambda x, g, b: self.tf.layers.batch_normalization(
            x, training=True, epsilon=EPSILON, momentum=0.875, renorm=True, renorm_momentum=0.75,
            renorm_clipping=clipping), names)
        averages = {name: (np.zeros_like if "mean" in name else np.ones_like)(scale) for name in names}
        last = [x.ndim - 1]
        _, mean, variance = ours.axes_norm(x, last, [], None, None, EPSILON)
        r, d, renorm_scale, renorm_offset = ours.renorm(mean, variance, scale, offset, EPSILON, averages, clipping,
                                                        renorm_decay=0.25, decay=0.125)
        y = ours.infer(x, mean, variance, renorm_scale, renorm_offset, EPSILON)
        dx, dscale, doffset = ours.axes_grad(x, dy, last, [], renorm_scale, mean, variance, EPSILON)
        ours.renorm_grad(r, d, doffset, dscale)
        return named((y, dx, dscale, doffset, *averages.values()), theirs)

    def group(self, ours, draw, kind):
        x, dy, groups, last = grouped(draw, kind, last=kind == "layer" or bool(draw.integers(2)))
        scale, offset = parameters(draw, x.shape[-1 if last else 1])
        epsilon = 1e-12 if kind == "layer" else EPSILON  # it takes none
        theirs = self.run(x, dy, scale, offset, {
            "group": lambda x, g, b: self.slim.group_norm(x, groups, -1 if last else -3, (-3, -2) if last else (-2, -1),
                                                          epsilon=epsilon),
            "layer": lambda x, g, b: self.slim.layer_norm(x),
            "instance": lambda x, g, b: self.slim.instance_norm(x, scale=True, epsilon=epsilon,
                                                                data_format="NHWC" if last else "NCHW"),
        }[kind])
        return named(ours.group_norm(x, dy, groups, last, scale, offset, epsilon), theirs)

    def cases(self):
        found = {name: getattr(self, name) for name in ("batch_norm", "ghost", "weighted", "renorm")}
        bfloat16 = self.tf.bfloat16.as_numpy_dtype
        for name, dtype in {"f32": np.float32, "f16": np.float16, "bf16": bfloat16}.items():
            found[f"fused {name}"] = functools.partial(self.fused, dtype=dtype)
            found[f"fused {name}, given statistics"] = functools.partial(self.fused, dtype=dtype, given=True)
        found["axes f32"] = functools.partial(self.axes, dtype=np.float32)
        found["axes f64"] = functools.partial(self.axes, dtype=np.float64)
        for kind in ("group", "layer", "instance"):
            found[f"{kind} norm"] = functools.partial(self.group, kind=kind)
        return {f"kernels {name}, TensorFlow": case for name, case in found.items()}


def grouped(draw, kind, last):
    """x, dy, groups, and whether channels are last."""
    groups, width, high, wide, batch = (int(n) for n in draw.integers(1, 6, 5, endpoint=True))
    channels, high, wide = groups * width, high + 1, wide + 1
    x, dy = data(draw, [batch, high, wide, channels] if last else [batch, channels, high, wide])
    return x, dy, {"group": groups, "layer": 1, "instance": channels}[kind], last


class Torch:
    """The same of PyTorch, whose channels come second."""

    def __init__(self):
        import torch

        self.torch, self.functional = torch, torch.nn.functional

    def run(self, x, dy, scale, offset, build, add=None):
        given = [self.torch.from_numpy(a.copy()).requires_grad_() for a in (x, scale, offset, add) if a is not None]
        y = build(*given)
        y.backward(self.torch.from_numpy(dy))
        return [y.detach().numpy(), *(a.grad.numpy() for a in given)]

    def batch_norm(self, ours, draw, dtype):
        x, dy = data(draw, sizes(draw, int(draw.integers(2, 5, endpoint=True))), dtype)
        if x.size == x.shape[1]:  # PyTorch refuses to take statistics of one value
            x, dy = np.concatenate([x, x + 1]), np.concatenate([dy, dy])
        scale, offset = parameters(draw, x.shape[1], dtype=dtype)
        moving = [np.zeros_like(scale), np.ones_like(scale)]
        theirs = self.run(x, dy, scale, offset, lambda x, g, b: self.functional.batch_norm(
            x, None, None, g, b, training=True, eps=EPSILON))
        y, mean, variance = ours.axes_norm(x, [1], [], scale, offset, EPSILON, moving, 0.125)
        return named((y, *ours.axes_grad(x, dy, [1], [], scale, mean, variance, EPSILON)), theirs)

    def fused(self, ours, draw, dtype):
        x, dy, scale, offset, add, activation = fused_case(draw, dtype)
        if x.size == x.shape[3]:
            x, dy, add = (None if a is None else np.concatenate([a, a + dtype(1)]) for a in (x, dy, add))

        def build(x, g, b, add=None):
            y = self.functional.batch_norm(x.movedim(3, 1), None, None, g, b, training=True, eps=EPSILON).movedim(1, 3)
            y = y if add is None else y + add
            return {NO_ACTIVATION: lambda y: y, RELU: self.functional.relu,
                    LEAKY_RELU: lambda y: self.functional.leaky_relu(y, ALPHA)}[activation](y)

        theirs = self.run(x, dy, scale, offset, build, add)
        return named(fused_of(ours, draw, x, dy, scale, offset, add, activation), theirs)

    def group(self, ours, draw, kind):
        x, dy, groups, _ = grouped(draw, kind, last=False)
        if kind == "layer":  # over the last axis
            x, dy = x.reshape(-1, x.shape[3]), dy.reshape(-1, x.shape[3])
        scale, offset = parameters(draw, x.shape[1])
        theirs = self.run(x, dy, scale, offset, {
            "group": lambda x, g, b: self.functional.group_norm(x, groups, g, b, EPSILON),
            "layer": lambda x, g, b: self.functional.layer_norm(x, x.shape[1:], g, b, EPSILON),
            "instance": lambda x, g, b: self.functional.instance_norm(x, weight=g, bias=b, eps=EPSILON),
        }[kind])
        return named(ours.group_norm(x, dy, groups, False, scale, offset, EPSILON), theirs)

    def cases(self):
        found = {"batch_norm f32": functools.partial(self.batch_norm, dtype=np.float32),
                 "batch_norm f64": functools.partial(self.batch_norm, dtype=np.float64),
                 "fused f32": functools.partial(self.fused, dtype=np.float32),
                 "fused f16": functools.partial(self.fused, dtype=np.float16)}
        for kind in ("group", "layer", "instance"):
            found[f"{kind} norm"] = functools.partial(self.group, kind=kind)
        return {f"kernels {name}, PyTorch": case for name, case in found.items()}


def named(ours, theirs):
    names = ["y", "dx", "dscale", "doffset", *(f"average {i}" for i in range(9))]
    return list(zip(names, ours, theirs))


def check(library, case):
    """The worst error of a case over random shapes: how large, and where."""
    ours, draw, worst = Kernels(library), np.random.default_rng(5), (0.0, "-")
    for _ in range(SHAPES):
        worst = max(worst, compare(case(ours, draw)))
    return worst


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__.strip())
    failed = count = 0
    for module, theirs in (("tensorflow", Tensorflow), ("torch", Torch)):
        if importlib.util.find_spec(module) is None:
            print(f"skipped: {module} is not installed")
            continue
        for name, case in theirs().cases().items():
            error, where = check(sys.argv[1], case)
            count, failed = count + 1, failed + (error > 1)
            print(f"{name:44} {'ok' if error <= 1 else 'FAILED':7} {error:9.3g}  {where}", flush=True)
    print(f"{count - failed} passed, {failed} failed")
    return 0 if count and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
