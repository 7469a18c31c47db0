# SPDX-License-Identifier: Apache-2.0
"""What a process costs before and around its work: the time of --help, the time to the end of a first training step on
the bundled digits, and the peak memory of training on as many images as MNIST has. One JSON document.

usage: start.py EVENKEEL FOLDER [ROUNDS]
"""

import json
import os
import statistics
import struct
import subprocess
import sys
import time


def run(words):
    """Seconds and peak kilobytes of a process."""
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    problem = process.stderr.read().decode().strip()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode != 0:
        sys.exit(f"start: {' '.join(words)}: {problem or process.returncode}")
    return seconds, usage.ru_maxrss


def spread(values):
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    return (quartiles[2] - quartiles[0]) / quartiles[1]


def timed(what, words, rounds):
    run(words)
    ms = [1e3 * run(words)[0] for _ in range(rounds)]
    return {"what": what, "ms": statistics.median(ms), "spread": spread(ms), "rounds": rounds}


def write_images(folder, prefix, count):
    """IDX files of random pixels, in MNIST's sizes."""
    for name, header, size in (("images-idx3", struct.pack(">4I", 0x803, count, 28, 28), count * 784),
                               ("labels-idx1", struct.pack(">2I", 0x801, count), count)):
        with open(os.path.join(folder, f"{prefix}-{name}-ubyte"), "wb") as file:
            file.write(header)
            file.write(os.urandom(size) if "images" in name else bytes(i % 10 for i in range(size)))


def main():
    evenkeel, folder = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 30
    results = [timed("evenkeel --help", [evenkeel, "--help"], rounds)]
    listed = subprocess.run([evenkeel, "--help"], capture_output=True, text=True).stdout
    if "  train " in listed:
        results.append(timed("process start to the end of the first training step",
                             [evenkeel, "train", "--steps", "1", "--json"], rounds))
        images = os.path.join(folder, "images")
        os.makedirs(images, exist_ok=True)
        write_images(images, "train", 60000)
        write_images(images, "t10k", 10000)
        _, kilobytes = run([evenkeel, "train", "--data", images, "--steps", "1100", "--json"])
        results.append({"what": "peak memory of training on 60,000 images of 28 x 28", "mb": kilobytes / 1024})
    else:
        print("start: left out: this evenkeel has no train", file=sys.stderr)
    print(json.dumps({"results": results}, indent=1))


if __name__ == "__main__":
    main()
