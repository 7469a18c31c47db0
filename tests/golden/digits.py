# SPDX-License-Identifier: Apache-2.0
"""The bundled digits: flat images in [0, 1] as float32, labels as int64."""
import gzip
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "data" / "digits"


def _idx(name):
    raw = gzip.decompress((FOLDER / name).read_bytes())
    rank = raw[3]
    shape = np.frombuffer(raw, ">i4", rank, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def load(part="train"):
    images = _idx(f"{part}-images-idx3-ubyte.gz").reshape(-1, 64)
    return images.astype(np.float32) / np.float32(255), _idx(f"{part}-labels-idx1-ubyte.gz").astype(np.int64)
