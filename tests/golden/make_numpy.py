# SPDX-License-Identifier: Apache-2.0
"""Arrays as NumPy 1.24.3 writes them, for tests/io/test_npy.c, and IDX files for tests/io/test_idx.c.

    python make_numpy.py [OUTDIR]
"""
import gzip
import os
import struct
import sys

import numpy as np
from numpy.lib import format as npy

out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "numpy")


def path(name):
    return os.path.join(out, name)


for dtype in ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
              "bool", "complex64", "complex128"):
    np.save(path(dtype + ".npy"), np.arange(6).reshape(2, 3).astype(dtype))
np.save(path("scalar.npy"), np.float32(0.5))
np.save(path("vector.npy"), np.arange(3, dtype=np.float32))
np.save(path("empty.npy"), np.zeros((0, 3), np.float32))
np.save(path("rank8.npy"), np.arange(2, dtype=np.int64).reshape(1, 1, 1, 2, 1, 1, 1, 1))
np.save(path("bytes.npy"), np.array([b"", b"a", b"with\0nul", b"long"]))
np.save(path("zeros_at_end.npy"), np.array([b"a\0", b"bc"], "V2"))  # bytes of one width keep them as voids
with open(path("bfloat16.npy"), "wb") as f:  # what np.save makes of the dtype that ml_dtypes and TensorFlow register
    np.lib.format.write_array_header_1_0(f, {"descr": "<V2", "fortran_order": False, "shape": (2,)})
    f.write(np.array([0x3F80, 0xC020], "<u2").tobytes())
np.save(path("text.npy"), np.array([["a\u00e9", "\u20ac"], ["\U0001f600", ""]]))
np.save(path("big.npy"), np.arange(6, dtype=">f4").reshape(2, 3))
np.save(path("big_complex.npy"), np.array([1 + 2j], ">c8"))
np.save(path("fortran.npy"), np.asfortranarray(np.arange(24, dtype=np.int16).reshape(2, 3, 4)))
np.save(path("fortran_text.npy"), np.asfortranarray(np.array([["a", "b"], ["c", "d"]], ">U1")))
np.save(path("record.npy"), np.zeros(1, [("a", "<f4"), ("b", "<i4")]))
np.save(path("date.npy"), np.zeros(1, "datetime64[s]"))
np.save(path("object.npy"), np.array([{}]), allow_pickle=True)
for version in ((2, 0), (3, 0)):
    with open(path("version%d.npy" % version[0]), "wb") as f:
        npy.write_array(f, np.arange(3, dtype=np.float32), version=version)
np.savez(path("stored.npz"), x=np.arange(6, dtype=np.uint8).reshape(2, 3), y=np.float64(2.5), z=np.zeros(0, np.float32))
np.savez_compressed(path("deflated.npz"), x=np.arange(600, dtype=np.int32) // 100, y=np.array([True, False]))

idx = {"u8": (8, np.arange(6, dtype=np.uint8).reshape(1, 2, 3)), "i8": (9, np.arange(-2, 2, dtype=np.int8)),
       "i16": (11, np.arange(-2, 2).astype(">i2")), "i32": (12, np.arange(-2, 2).astype(">i4")),
       "f32": (13, np.array([0.5, -1.5], ">f4")), "f64": (14, np.array([0.5, -1.5], ">f8"))}
for name, (code, a) in idx.items():
    data = struct.pack(">BBBB%dI" % a.ndim, 0, 0, code, a.ndim, *a.shape) + a.tobytes()
    with open(path(name + ".idx"), "wb") as f:
        f.write(data)
    if name in ("u8", "f32"):
        with open(path(name + ".idx.gz"), "wb") as f:
            f.write(gzip.compress(data, mtime=0))
