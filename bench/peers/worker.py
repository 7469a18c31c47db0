# SPDX-License-Identifier: Apache-2.0
"""One library's side of a race: answers questions, one JSON line each, on standard input and output.

usage: worker.py MODULE MODE THREADS

  {"hello": true}             {"name": "PyTorch 2.0 eager"}
  {"prepare": JOB}            {"able": false} if the library has no such thing; else it is compiled, warm and found right
  {"run": N, "first": M}      {"seconds": time of N calls}, after M calls that are not timed

A module has version(mode), and prepare(job, mode, threads), which returns a data.Racer, or None.
"""

import gc
import importlib
import json
import os
import sys
import time

os.environ["NUMPY_MADVISE_HUGEPAGE"] = "0"  # pages as every library gets them, not larger ones for what NumPy hands over

import data


class Side:
    def __init__(self, module, mode, threads):
        self.module, self.mode, self.threads, self.racer = importlib.import_module(module), mode, threads, None

    def answer(self, question):
        if "hello" in question:
            return {"name": self.module.version(self.mode)}
        if "prepare" in question:
            self.racer = None  # its memory goes before the next one's comes
            gc.collect()
            self.racer = self.module.prepare(question["prepare"], self.mode, self.threads)
            if self.racer is not None:
                data.check(question["prepare"], self.racer)
            return {"able": self.racer is not None}
        self.racer.calls(question["first"])
        began = time.perf_counter()
        self.racer.calls(question["run"])
        return {"seconds": time.perf_counter() - began}


def main():
    module, mode, threads = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    os.environ["OMP_NUM_THREADS"] = threads
    side = Side(module, mode, int(threads))
    for line in sys.stdin:
        try:
            answer = side.answer(json.loads(line))
        except Exception as problem:  # the race goes on without this one
            answer = {"error": f"{type(problem).__name__}: {' '.join(str(problem).split())[:300]}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
