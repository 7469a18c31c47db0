# SPDX-License-Identifier: Apache-2.0
"""What all workers compute with: the same as `evenkeel bench` makes up."""

import numpy as np

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
