# SPDX-License-Identifier: Apache-2.0
"""evenkeel/kernels.h from Python: its structures, read from the header itself, and calls that take and give arrays."""
import ctypes
import pathlib
import re

import numpy as np

HEADER = pathlib.Path(__file__).resolve().parents[2] / "include/evenkeel/kernels.h"
SCALARS = {"int": ctypes.c_int, "unsigned": ctypes.c_uint, "int64_t": ctypes.c_int64, "size_t": ctypes.c_size_t,
           "double": ctypes.c_double, "ek_kernels_type": ctypes.c_int, "ek_kernels_activation": ctypes.c_int}
TYPES = {"float32": 0, "float64": 1, "bfloat16": 2, "float16": 3}
LAYOUTS = ("nhwc", "nchw", "nchw16c")
NO_ACTIVATION, RELU, LEAKY_RELU = range(3)


def lay_out(x, layout):
    """x [N, H, W, C] as it lies in memory; nchw16c fills its last block up with zeros."""
    if layout == "nhwc":
        return np.ascontiguousarray(x)
    x = np.moveaxis(x, 3, 1)
    if layout == "nchw16c":
        x = np.pad(x, [(0, 0), (0, -x.shape[1] % 16), (0, 0), (0, 0)])
        x = np.moveaxis(x.reshape(x.shape[0], -1, 16, *x.shape[2:]), 2, 4)
    return np.ascontiguousarray(x)


def taken_back(x, layout, channels):
    """The way back."""
    if layout == "nchw16c":
        x = np.moveaxis(x, 4, 2)
        x = x.reshape(x.shape[0], -1, *x.shape[3:])[:, :channels]
    return x if layout == "nhwc" else np.moveaxis(x, 1, 3)


def structures():
    """The header's structures by name, without what they have in common: every pointer is a void *."""
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(encoding="utf-8"), flags=re.DOTALL)
    sizes = dict(re.findall(r"enum \{ (\w+) = (\d+) \};", text))
    found = {}
    for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\} \1;", text, flags=re.DOTALL):
        fields = []
        for declaration in filter(str.strip, body.split(";")):
            base, rest = re.match(r"\s*(?:const\s+)?(unsigned char|\w+)\s+(.*)", declaration, flags=re.DOTALL).groups()
            for declarator in map(str.strip, rest.split(",")):
                kind = ctypes.c_void_p if declarator.startswith("*") else found.get(base) or SCALARS[base]
                field, length = re.match(r"\*?(\w+)(?:\[(\w+)\])?$", declarator).groups()
                fields.append((field, kind * int(sizes.get(length, length)) if length else kind))
        found[name] = type(name, (ctypes.Structure,), {"_fields_": fields})
    return found


class Kernels:
    """The functions of a libevenkeel.so. Arrays are C-contiguous and of one type; NaN marks what was not written."""

    def __init__(self, path):
        self.lib, self.structs = ctypes.CDLL(str(path)), structures()

    def shape(self, name, x, **fields):
        return self.structs[name](type=TYPES[x.dtype.name], **fields)

    def call(self, function, shape=None, workspace=None, **arguments):
        """function(NULL, &args), with arrays as pointers and the workspace that the twin function asks for."""
        args, keep = self.structs[f"{function}_args"](), []
        if shape is not None:
            size = ctypes.c_size_t()
            self._check(function, getattr(self.lib, workspace or f"{function}_workspace")(ctypes.byref(shape),
                                                                                          ctypes.byref(size)))
            keep.append(np.empty(size.value // 8 + 1, np.float64))
            arguments.update(workspace=keep[0], workspace_bytes=size.value, threads=2)
            setattr(args, args._fields_[0][0], shape)
        for name, value in arguments.items():
            setattr(args, name, value.ctypes.data if isinstance(value, np.ndarray) else value)
        first = [] if "renorm" in function else [None]
        self._check(function, getattr(self.lib, function)(*first, ctypes.byref(args)))

    @staticmethod
    def _check(function, code):
        if code != 0:
            raise ValueError(f"{function} returned {code}")

    def batch_norm(self, x, dy, scale, offset, epsilon, layout, statistics=None, add=None, activation=NO_ACTIVATION,
                   alpha=0.0, masked=False):
        """y, dx, dscale, doffset, dadd of x [N, H, W, C], forward and backward in that layout: of training, or with
        given statistics (mean, variance) of inference. Which side of zero y was on is told by a mask, or by y."""
        at = lay_out(x, layout)
        shape = self.shape("ek_kernels_batch_norm_shape", x, outer=x[..., 0].size if layout == "nhwc" else len(x),
                           channels=scale.size, inner=1 if layout == "nhwc" else x[0, ..., 0].size,
                           block=16 if layout == "nchw16c" else 0)
        y, dx, dadd = (np.full_like(at, np.nan) for _ in range(3))
        dscale, doffset, mean, variance = (np.full_like(scale, np.nan) for _ in range(4))
        mask = np.full((at.size + 7) // 8, 255, np.uint8) if masked else None
        behind = {"epsilon": epsilon, "activation": activation, "alpha": alpha, "mask": mask, "scale": scale}
        forward = {"x": at, "offset": offset, "y": y, "add": None if add is None else lay_out(add, layout), **behind}
        if statistics is None:
            self.call("ek_kernels_batch_norm_train", shape, mean=mean, variance=variance, **forward)
        else:
            mean, variance = statistics
            self.call("ek_kernels_batch_norm_infer", shape, mean=mean, variance=variance, **forward)
        self.call("ek_kernels_batch_norm_grad", shape, frozen=int(statistics is not None), x=at, dy=lay_out(dy, layout),
                  mean=mean, variance=variance, dx=dx, dscale=dscale, doffset=doffset,
                  y=None if masked or activation == NO_ACTIVATION else y, dadd=None if add is None else dadd, **behind)
        y, dx, dadd = (taken_back(a, layout, scale.size) for a in (y, dx, dadd))
        return y, dx, dscale, doffset, dadd

    def axes(self, x, kept, shared=()):
        axes = self.shape("ek_kernels_axes", x, rank=x.ndim, kept=sum(1 << i for i in kept),
                          shared=sum(1 << i for i in shared))
        axes.sizes[: x.ndim] = x.shape
        return axes

    def axes_norm(self, x, kept, shared, scale, offset, epsilon, moving=None, decay=0.0):
        """y, mean, variance; moving (mean, variance) are updated."""
        y, sizes = np.full_like(x, np.nan), [x.shape[i] for i in kept]
        mean, variance = np.full(sizes, np.nan, x.dtype), np.full(sizes, np.nan, x.dtype)
        averages = dict(zip(("moving_mean", "moving_variance"), moving or ()))
        self.call("ek_kernels_axes_norm_train", self.axes(x, kept, shared), epsilon=epsilon, x=x, scale=scale,
                  offset=offset, y=y, mean=mean, variance=variance, decay=decay, **averages)
        return y, mean, variance

    def axes_grad(self, x, dy, kept, shared, scale, mean, variance, epsilon):
        """dx, dscale, doffset."""
        dx, dscale, doffset = np.full_like(x, np.nan), np.full_like(scale, np.nan), np.full_like(scale, np.nan)
        self.call("ek_kernels_axes_norm_grad", self.axes(x, kept, shared), epsilon=epsilon, x=x, dy=dy, scale=scale,
                  mean=mean, variance=variance, dx=dx, dscale=dscale, doffset=doffset)
        return dx, dscale, doffset

    def infer(self, x, mean, variance, scale, offset, epsilon):
        y = np.full_like(x, np.nan)
        self.call("ek_kernels_axes_norm_infer", self.axes(x, [x.ndim - 1]), epsilon=epsilon, x=x, scale=scale,
                  offset=offset, mean=mean, variance=variance, y=y)
        return y

    def group_norm(self, x, dy, groups, last, scale, offset, epsilon):
        """y, dx, dscale, doffset of x [batch, channels, ...] or, last, [batch, ..., channels]."""
        shape = self.shape("ek_kernels_group_shape", x, batch=x.shape[0], channels=scale.size,
                           inner=x[0].size // scale.size, groups=groups, channels_last=int(last))
        y, dx, dscale, doffset = (np.full_like(a, np.nan) for a in (x, x, scale, scale))
        mean, variance = (np.full((x.shape[0], groups), np.nan, x.dtype) for _ in range(2))
        self.call("ek_kernels_group_norm", shape, epsilon=epsilon, x=x, scale=scale, offset=offset, y=y, mean=mean,
                  variance=variance)
        self.call("ek_kernels_group_norm_grad", shape, "ek_kernels_group_norm_workspace", epsilon=epsilon, x=x, dy=dy,
                  scale=scale, mean=mean, variance=variance, dx=dx, dscale=dscale, doffset=doffset)
        return y, dx, dscale, doffset

    def weighted(self, x, dy, weights, scale, offset, epsilon, moving, decay):
        """y, dx, dscale, doffset of x [batch, ..., channels]; moving (mean, variance) are updated."""
        shape = self.shape("ek_kernels_batch_norm_shape", x, outer=x.size // scale.size, channels=scale.size, inner=1)
        y, dx, mean, variance, dscale, doffset = (np.full_like(a, np.nan) for a in (x, x, *4 * (scale,)))
        self.call("ek_kernels_weighted_train", shape, batch=x.shape[0], epsilon=epsilon, x=x, weights=weights,
                  scale=scale, offset=offset, y=y, mean=mean, variance=variance, moving_mean=moving[0],
                  moving_variance=moving[1], decay=decay)
        self.call("ek_kernels_weighted_grad", shape, batch=x.shape[0], epsilon=epsilon, x=x, dy=dy, weights=weights,
                  scale=scale, mean=mean, variance=variance, dx=dx, dscale=dscale, doffset=doffset)
        return y, dx, dscale, doffset

    def renorm(self, mean, variance, scale, offset, epsilon, averages, clipping, renorm_decay, decay):
        """r, d, renorm_scale, renorm_offset; the averages, by the header's names, are updated."""
        r, d, renorm_scale, renorm_offset = (np.full_like(mean, np.nan) for _ in range(4))
        bounds = {name: np.array(bound, np.float64) for name, bound in clipping.items()}
        self.call("ek_kernels_renorm", type=TYPES[mean.dtype.name], channels=mean.size, epsilon=epsilon, mean=mean,
                  variance=variance, scale=scale, offset=offset, r=r, d=d, renorm_scale=renorm_scale,
                  renorm_offset=renorm_offset, renorm_decay=renorm_decay, decay=decay, **bounds, **averages)
        return r, d, renorm_scale, renorm_offset

    def renorm_grad(self, r, d, doffset, dscale):
        """dscale is read and written."""
        self.call("ek_kernels_renorm_grad", type=TYPES[r.dtype.name], channels=r.size, r=r, d=d, doffset=doffset,
                  dscale=dscale)
