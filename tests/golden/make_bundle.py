# SPDX-License-Identifier: Apache-2.0
"""Checkpoints as TensorFlow 2.12.1 writes them, for tests/io/test_bundle.c.

    python make_bundle.py [OUTDIR]      writes small.*, sliced.*, merged*.index and prints size and crc32c of the large index and data
"""
import os
import sys
import tempfile

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()


def crc32c(data):
    table = []
    for i in range(256):
        c = i
        for _ in range(8):
            c = (c >> 1) ^ 0x82F63B78 if c & 1 else c >> 1
        table.append(c)
    crc = 0xFFFFFFFF
    for b in data:
        crc = table[(crc ^ b) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def save(prefix, names, tensors, slices=None):
    with tf.Graph().as_default(), tf.Session() as s:
        consts = [t if isinstance(t, tf.Tensor) else tf.constant(*t) for t in tensors()]
        s.run(tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=slices or [""] * len(names),
                                tensors=consts))


def small():
    """Every dtype, scalars, an empty tensor, strings; 24 keys, so that restart points matter; not in sorted order."""
    items = [("z/last", (np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5,))]
    for dtype in (np.float16, np.float32, np.float64, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16,
                  np.uint32, np.uint64, np.complex64, np.complex128):
        items.append(("dtype/" + np.dtype(dtype).name, (np.arange(1, 4).astype(dtype),)))
    items.append(("dtype/bool", (np.array([True, False, True]),)))
    items.append(("dtype/bfloat16", ([1.0, -2.5, 3.0], tf.bfloat16)))
    items.append(("scalar", (np.float32(0.5),)))
    items.append(("empty", (np.zeros((0, 3), np.float32),)))
    items.append(("string/scalar", (np.array(b"a single string", dtype=object),)))
    items.append(("string/vector", (np.array([b"", b"x", b"with\0nul", b"y" * 200], dtype=object),)))
    items.append(("string/empty", (np.array([], dtype=object), tf.string)))
    items += [("layer_%d/kernel" % i, (np.full((2, 2), i, np.float32),)) for i in (10, 2, 1)]
    return items


def large():
    """12,000 scalars: an index of several blocks."""
    return ["scope_%d/layer_%d/variable_%05d" % (i // 1000, i // 10, i) for i in range(12000)]


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "bundle")
    items = small()
    save(os.path.join(out, "small"), [k for k, _ in items], lambda: [v for _, v in items])
    m = np.arange(200 * 3, dtype=np.int32).reshape(200, 3)
    save(os.path.join(out, "sliced"), ["matrix", "matrix", "matrix", "part", "part", "whole"],
         lambda: [(m[:70],), (m[70:, :1],), (m[70:, 1:],), (np.arange(3, dtype=np.float32),),
                  (np.arange(3, 5, dtype=np.float32),), (np.float32(1),)],
         ["200 3 0,70:-", "200 3 70,130:0,1", "200 3 70,130:1,2", "5 0,3", "5 3,2", ""])
    with tempfile.TemporaryDirectory() as tmp:  # what a sharded Saver does
        for i, (keys, value) in enumerate(((["c", "a"], 1), (["b"], 2))):
            save(tmp + "/part%d" % i, keys, lambda: [(np.float32(value),) for _ in keys])
        with tf.Graph().as_default(), tf.Session() as s:
            s.run(tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=[tmp + "/part0", tmp + "/part1"],
                                                destination_prefix=tmp + "/merged", delete_old_dirs=False))
        with open(os.path.join(out, "merged.index"), "wb") as f:
            f.write(open(tmp + "/merged.index", "rb").read())
    with tempfile.TemporaryDirectory() as tmp:  # the same of a partitioned variable
        m = np.arange(15, dtype=np.float32).reshape(5, 3)
        save(tmp + "/part0", ["m", "x"], lambda: [(m[:2],), (np.float32(1),)], ["5 3 0,2:-", ""])
        save(tmp + "/part1", ["m", "y", "m"], lambda: [(m[2:4],), (np.float32(2),), (m[4:],)],
             ["5 3 2,2:-", "", "5 3 4,1:-"])
        with tf.Graph().as_default(), tf.Session() as s:
            s.run(tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=[tmp + "/part0", tmp + "/part1"],
                                                destination_prefix=tmp + "/merged", delete_old_dirs=False))
        with open(os.path.join(out, "merged_slices.index"), "wb") as f:
            f.write(open(tmp + "/merged.index", "rb").read())
    with tempfile.TemporaryDirectory() as tmp:
        names = large()
        save(tmp + "/large", names, lambda: [(np.array([i, -i], np.int32),) for i in range(len(names))])
        for suffix in (".index", ".data-00000-of-00001"):
            data = open(tmp + "/large" + suffix, "rb").read()
            print("large%s: %d bytes, crc32c 0x%08x" % (suffix, len(data), crc32c(data)))


main()
