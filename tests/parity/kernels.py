# SPDX-License-Identifier: Apache-2.0
"""The kernels on random shapes against real TensorFlow and, where it is installed, PyTorch.

    kernels.py LIBRARY     one line per case, as run.py prints them; run.py --kernels LIBRARY has those of TensorFlow
"""
import functools
import importlib.util
import sys
import warnings

import numpy as np

from kernels_c import Kernels

SHAPES = 12  # random ones a case
# What the two may differ by, in units of the type's epsilon and of the largest value of an array and one: both add up
# to some thousand terms in an order of their own, TensorFlow in the type itself.
ROOM = 64
EPSILON = 1e-3


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
        room = ROOM * np.finfo(theirs.dtype).eps * (1 + np.abs(theirs).max(initial=0))
        off = np.abs(ours.astype(np.float64) - theirs.reshape(-1)).max(initial=0) / room
        if not off <= worst[0]:
            worst = (float(off) if np.isfinite(off) else np.inf), f"{name} of {list(theirs.shape)}"
    return worst


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

    def run(self, x, dy, scale, offset, build, collect=()):
        """build(x, scale, offset) gives y. A layer that makes variables of its own, gamma and beta, has them set to
        scale and offset. collect: names of its variables that are read after its updates."""
        tf = self.tf
        with tf.Graph().as_default(), tf.Session(config=self.one_thread) as session:
            placeholder = tf.placeholder(x.dtype, x.shape)
            given = [tf.constant(scale), tf.constant(offset)]
            y = build(placeholder, *given)
            by_name = {v.op.name.rsplit("/", 1)[-1]: v for v in tf.global_variables()}
            if "gamma" in by_name:
                given = [by_name["gamma"], by_name["beta"]]
            out = [y, *tf.gradients(y, [placeholder, *given], tf.constant(dy))]
            session.run(tf.global_variables_initializer())
            for name, value in {"gamma": scale, "beta": offset}.items():
                if name in by_name:
                    by_name[name].load(value.reshape(by_name[name].shape), session)
            results = session.run([*out, tf.get_collection(tf.GraphKeys.UPDATE_OPS)], {placeholder: x})[:4]
            return [*results, *session.run([by_name[name] for name in collect])]

    def batch_norm(self, ours, draw):
        x, dy = data(draw, sizes(draw, 4))
        scale, offset = parameters(draw, x.shape[3])
        theirs = self.run(x, dy, scale, offset,
                          lambda x, g, b: self.tf.nn.fused_batch_norm(x, g, b, epsilon=EPSILON, is_training=True)[0])
        y, mean, variance = ours.axes_norm(x, [3], [], scale, offset, EPSILON)
        return named((y, *ours.axes_grad(x, dy, [3], [], scale, mean, variance, EPSILON)), theirs)

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

    def run(self, x, dy, scale, offset, build):
        given = [self.torch.from_numpy(a.copy()).requires_grad_() for a in (x, scale, offset)]
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
                 "batch_norm f64": functools.partial(self.batch_norm, dtype=np.float64)}
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
