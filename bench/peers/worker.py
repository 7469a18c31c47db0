# SPDX-License-Identifier: Apache-2.0
"""One library's side of a race: answers questions, one JSON line each, on standard input and output.

usage: worker.py MODULE MODE THREADS

  {"hello": true}      {"library": "PyTorch 2.0"}
  {"prepare": JOB}     {"able": false} if the library has no such thing; else it is compiled, warm and found right
  {"run": N}           {"seconds": time of N calls}

A module has version(), and prepare(job, mode, threads), which returns a data.Racer, or None.
"""

import importlib
import json
import os
import sys
import time

import data


def main():
    module, mode, threads = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    os.environ["OMP_NUM_THREADS"] = threads
    library = importlib.import_module(module)
    racer = None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if "hello" in question:
                answer = {"library": library.version()}
            elif "prepare" in question:
                racer = library.prepare(question["prepare"], mode, int(threads))
                if racer is not None:
                    data.check(question["prepare"], racer)
                answer = {"able": racer is not None}
            else:
                began = time.perf_counter()
                racer.calls(question["run"])
                answer = {"seconds": time.perf_counter() - began}
        except Exception as problem:  # the race goes on without this one
            answer = {"error": f"{type(problem).__name__}: {' '.join(str(problem).split())[:300]}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
