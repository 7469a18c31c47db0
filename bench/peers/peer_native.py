# SPDX-License-Identifier: Apache-2.0
"""Libraries in C, through the racers that the build leaves in build/release/bench; modes: evenkeel, onednn."""

import ctypes
import functools
import os

import numpy as np

import data

BUILT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "release", "bench")
KERNELS = ["forward-train", "forward-infer", "backward-train", "backward-frozen"]  # as in racer.h
LAYOUTS = ["nhwc", "nchw", "nchw16c"]
NAMES = {"evenkeel": "evenkeel", "onednn": "oneDNN {}"}
ARRAYS = ["x", "dy", "out", "scale", "offset", "mean", "variance", "dscale", "doffset"]


class Job(ctypes.Structure):
    _fields_ = ([(name, ctypes.c_int32) for name in ("kernel", "layout", "threads")] + [("epsilon", ctypes.c_float)]
                + [(name, ctypes.c_int64) for name in ("n", "height", "width", "channels")]
                + [(name, ctypes.c_void_p) for name in ARRAYS])


@functools.lru_cache
def library(mode):
    found = ctypes.CDLL(os.path.join(BUILT, f"racer_{mode}.so"))
    found.racer_version.restype = ctypes.c_char_p
    found.racer_new.restype = ctypes.c_void_p
    found.racer_calls.argtypes = [ctypes.c_void_p, ctypes.c_int64]
    found.racer_free.argtypes = [ctypes.c_void_p]
    return found


def version(mode):
    return NAMES[mode].format(library(mode).racer_version().decode())


def lay_out(array, layout):
    """[N, pixels, C] as it lies in memory."""
    n, pixels, channels = array.shape
    if layout == "nhwc":
        return array
    blocks = -(-channels // 16)
    result = data.aligned((n, channels, pixels) if layout == "nchw" else (n, blocks, pixels, 16))
    if layout == "nchw":
        result[:] = array.transpose(0, 2, 1)
        return result
    for c in range(channels):
        result[:, c // 16, :, c % 16] = array[:, :, c]
    return result


def take_back(array, layout, channels):
    """A view of it as [N, pixels, C]."""
    if layout == "nhwc":
        return array
    if layout == "nchw":
        return array.transpose(0, 2, 1)
    n, blocks, pixels, _ = array.shape
    return array.transpose(0, 2, 1, 3).reshape(n, pixels, blocks * 16)[..., :channels]


class Racer:
    """The C library's racer, with the arrays that it works on."""

    def __init__(self, mode, job, threads):
        n, pixels, channels = data.sizes(job)
        t = data.tensors(job)
        if data.is_training(job) and not data.is_forward(job):  # what the forward pass has left
            t = t._replace(mean=t.x.mean((0, 1), dtype=np.float64).astype(np.float32),
                           variance=t.x.var((0, 1), dtype=np.float64).astype(np.float32))
        self.job, self.layout, self.channels = job, job["layout"], channels
        self.arrays = dict(t._asdict(), x=lay_out(t.x, self.layout), dy=lay_out(t.dy, self.layout),
                           dscale=np.empty_like(t.scale), doffset=np.empty_like(t.scale))
        self.arrays["out"] = data.aligned(self.arrays["x"].shape)
        width = int(job["shape"].split("x")[-2]) if pixels > 1 else 1
        description = Job(KERNELS.index(job["kernel"]), LAYOUTS.index(self.layout), threads, data.EPSILON, n,
                          pixels // width, width, channels, *(self.arrays[name].ctypes.data for name in ARRAYS))
        self.shared = library(mode)
        self.racer = self.shared.racer_new(ctypes.byref(description))

    def calls(self, count):
        code = self.shared.racer_calls(self.racer, count)
        if code != 0:
            raise RuntimeError(f"the library refuses the call with code {code}")

    def result(self):
        results = [take_back(self.arrays["out"], self.layout, self.channels)]
        return results if data.is_forward(self.job) else results + [self.arrays["dscale"], self.arrays["doffset"]]

    def __del__(self):
        self.shared.racer_free(self.racer)


def prepare(job, mode, threads):
    racer = Racer(mode, job, threads)
    return data.Racer(racer.calls, racer.result) if racer.racer else None
