# SPDX-License-Identifier: Apache-2.0
"""What came of a race: its document, in which results gather, and how we stand in it."""

import json
import math
import os
from collections import namedtuple

OURS = "evenkeel"
KERNELS = ["forward-train", "forward-infer", "backward-train", "backward-frozen"]
LAYOUTS = ["nhwc", "nchw", "nchw16c"]
GOALS = {"forward-train": 2.5, "forward-infer": 1.3, "backward-train": 1.8}  # geometric means, times our time
NOISE = 0.05

# One kernel, shape, layout and number of threads: our time, the fastest other's name and time over ours, with its spread.
Standing = namedtuple("Standing", "kernel shape layout threads us peer ratio spread")
# All shapes of a kernel, layout and number of threads: geometric mean of the ratios, and where another is faster.
Mean = namedtuple("Mean", "kernel layout threads shapes ratio slower")


def key_of(job):
    """What tells one race from another; results with the same key come from the same turns."""
    return tuple(str(job.get(name)) for name in ("job", "batch", "kernel", "shape", "layout", "dtype", "threads"))


def load(path):
    if not os.path.exists(path):
        return {"machine": None, "results": []}
    with open(path) as file:
        return json.load(file)


def save(path, document):
    """Whole or not at all."""
    with open(path + ".part", "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
    os.replace(path + ".part", path)


def merge(document, results, machine):
    """Puts results into a document; older ones of the same races make way."""
    keys = {key_of(result) for result in results}
    kept = [result for result in document["results"] if key_of(result) not in keys]
    return {"machine": machine or document["machine"], "results": kept + results}


def races(results):
    """{key: results} of the kernel races that somebody else took part in."""
    found = {}
    for result in results:
        if result["job"] == "kernel":
            found.setdefault(key_of(result), []).append(result)
    return {key: raced for key, raced in found.items() if len(raced) > 1 and any(r["contender"] == OURS for r in raced)}


def standings(results):
    found = []
    for raced in races(results).values():
        ours = next(r for r in raced if r["contender"] == OURS)
        best = min((r for r in raced if r["contender"] != OURS), key=lambda r: r["times_evenkeel"])
        found.append(Standing(ours["kernel"], ours["shape"], ours["layout"], ours["threads"], ours["us"],
                              best["contender"], best["times_evenkeel"], best["spread"]))
    return found


def means(found):
    """By kernel, layout and threads; for each kernel and number of threads also over all layouts ("all")."""
    groups = {}
    for s in found:
        for layout in (s.layout, "all"):
            groups.setdefault((KERNELS.index(s.kernel), (LAYOUTS + ["all"]).index(layout), s.threads), []).append(s)
    return [Mean(KERNELS[kernel], (LAYOUTS + ["all"])[layout], threads, len(group),
                 math.exp(sum(math.log(s.ratio) for s in group) / len(group)),
                 [s for s in group if s.ratio < 1 - NOISE])
            for (kernel, layout, threads), group in sorted(groups.items())]
