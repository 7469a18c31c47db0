# SPDX-License-Identifier: Apache-2.0
"""What all workers compute with, and how their results are checked."""

import functools
from collections import namedtuple

import numpy as np

# What a library prepares: calls(n) makes n calls; result() gives what one computes, as check wants it: a model's loss, or
# a kernel's arrays, y or dx as [N, pixels, C], and after dx the gradients of scale and offset.
Racer = namedtuple("Racer", "calls result")
Tensors = namedtuple("Tensors", "x dy scale offset mean variance")

PIXELS, UNITS, LAYERS, CLASSES, BATCHES = 784, 100, 3, 10, 16
LEARNING_RATE, MOMENTUM, EPSILON = 0.1, 0.99, 1e-3
CHECKED_CHANNELS, TOLERANCE = 16, 1e-3


def batches(batch):
    """Noise, and for each class other pixels that are brighter: [(images float32, labels int64)]."""
    random = np.random.default_rng(1)
    result = []
    for _ in range(BATCHES):
        labels = random.integers(0, CLASSES, batch)
        images = random.random((batch, PIXELS), dtype=np.float32) / 2
        images += np.where(np.arange(PIXELS)[None] % CLASSES == labels[:, None], np.float32(0.5), np.float32(0))
        result.append((images, labels.astype(np.int64)))
    return result


def sizes(job):
    """(N, pixels, C) of a job's shape, which is written with the channels last."""
    numbers = [int(word) for word in job["shape"].split("x")]
    return numbers[0], int(np.prod(numbers[1:-1])), numbers[-1]


def is_training(job):
    return job["kernel"].endswith("-train")


def is_forward(job):
    return job["kernel"].startswith("forward")


def aligned(shape):
    """Zeros, float32, that begin a cache line, as the libraries' own tensors do."""
    bytes_ = np.zeros(int(np.prod(shape)) * 4 + 64, np.uint8)
    start = -bytes_.ctypes.data % 64
    return bytes_[start : start + int(np.prod(shape)) * 4].view(np.float32).reshape(shape)


@functools.lru_cache(maxsize=1)
def made_up(n, pixels, channels):
    random = np.random.default_rng(1)
    x, dy = aligned((n, pixels, channels)), aligned((n, pixels, channels))
    random.standard_normal(out=x, dtype=np.float32)
    random.standard_normal(out=dy, dtype=np.float32)
    scale, offset, mean, variance = (random.random(channels, dtype=np.float32) + 0.5 for _ in range(4))
    return Tensors(x, dy, scale, offset, mean, variance)


def tensors(job):
    """x and dy as [N, pixels, C]; scale, offset, mean and variance as [C]; float32. The small ones may be written to."""
    t = made_up(*sizes(job))
    return Tensors(t.x, t.dy, *(array.copy() for array in t[2:]))


def reference(job, channels):
    """What a racer's result() is, of these channels, in double."""
    t = Tensors(*(array[..., channels].astype(np.float64) for array in tensors(job)))
    mean, variance = (t.x.mean((0, 1)), t.x.var((0, 1))) if is_training(job) else (t.mean, t.variance)
    k, xc = 1 / np.sqrt(variance + EPSILON), t.x - mean
    if is_forward(job):
        return [xc * k * t.scale + t.offset]
    dscale, doffset = (t.dy * xc).sum((0, 1)) * k, t.dy.sum((0, 1))
    count = t.x.shape[0] * t.x.shape[1]
    dy = t.dy - doffset / count - xc * k * dscale / count if is_training(job) else t.dy
    return [t.scale * k * dy, dscale, doffset]


def check_kernel(job, results):
    """Raises an error if a result is not the reference's, in channels from the first to the last."""
    n, pixels, count = sizes(job)
    channels = np.unique(np.linspace(0, count - 1, CHECKED_CHANNELS).astype(int))
    for name, found, wanted in zip(["y"] if is_forward(job) else ["dx", "dscale", "doffset"], results,
                                   reference(job, channels), strict=True):
        sums = wanted.ndim == 1  # as large as the root of how many they are of
        np.testing.assert_allclose(found[..., channels], wanted, rtol=TOLERANCE,
                                   atol=TOLERANCE * (np.sqrt(n * pixels) if sums else 1), err_msg=name)


def check(job, racer):
    """Warms up, and raises an error if a kernel's result is not the reference's or a model does not learn."""
    if job["job"] == "kernel":
        racer.calls(2)
        check_kernel(job, racer.result())
        return
    before = racer.result()
    racer.calls(10 * BATCHES)
    after = racer.result()
    if not after < before:
        raise ValueError(f"it does not learn: the loss goes from {before} to {after}")
