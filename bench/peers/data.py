# SPDX-License-Identifier: Apache-2.0
"""What all workers compute with: the same as `evenkeel bench` makes up."""

from collections import namedtuple

import numpy as np

# What a library prepares: calls(n) makes n calls; result() gives what one computes, as check wants it.
Racer = namedtuple("Racer", "calls result")

PIXELS, UNITS, LAYERS, CLASSES, BATCHES = 784, 100, 3, 10, 16
LEARNING_RATE, MOMENTUM, EPSILON = 0.1, 0.99, 1e-3


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


def tensors(job):
    """x and dy as [N, pixels, C], and scale, offset, mean, variance as [C]; float32."""
    random = np.random.default_rng(1)
    n, pixels, channels = sizes(job)
    x, dy = (random.standard_normal((n, pixels, channels), dtype=np.float32) for _ in range(2))
    scale, offset, mean, variance = (random.random(channels, dtype=np.float32) + 0.5 for _ in range(4))
    return x, dy, scale, offset, mean, variance


def reference(job):
    """What a kernel's call computes, [N, pixels, C], in double."""
    x, dy, scale, offset, mean, variance = (array.astype(np.float64) for array in tensors(job))
    is_training = job["kernel"].endswith("-train")
    if is_training:
        mean, variance = x.mean((0, 1)), x.var((0, 1))
    k, xc = 1 / np.sqrt(variance + EPSILON), x - mean
    if job["kernel"].startswith("forward"):
        return xc * k * scale + offset
    if is_training:
        dy = dy - dy.mean((0, 1)) - xc * k * k * (dy * xc).mean((0, 1))
    return scale * k * dy


def check(job, racer):
    """Warms up, and raises an error if a kernel's result is not the reference's or a model does not learn."""
    if job["job"] == "kernel":
        racer.calls(20)
        np.testing.assert_allclose(racer.result(), reference(job), rtol=1e-3, atol=1e-3)
        return
    before = racer.result()
    racer.calls(10 * BATCHES)
    after = racer.result()
    if not after < before:
        raise ValueError(f"it does not learn: the loss goes from {before} to {after}")
