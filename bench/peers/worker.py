# SPDX-License-Identifier: Apache-2.0
"""One library's side of a race: answers questions, one JSON line each, on standard input and output.

usage: worker.py MODULE MODE THREADS

  {"hello": true}      {"library": "PyTorch 2.0"}
  {"prepare": JOB}     {"able": false} if the library has no such thing; else it is compiled and warm
  {"run": N}           {"seconds": time of N calls}

A module has version(), and prepare(job, mode, threads), which returns a function that makes N calls, or None.
"""

import importlib
import json
import os
import sys
import time

WARM_UP_CALLS = 20


def main():
    module, mode, threads = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    os.environ["OMP_NUM_THREADS"] = threads
    library = importlib.import_module(module)
    calls = None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if "hello" in question:
                answer = {"library": library.version()}
            elif "prepare" in question:
                calls = library.prepare(question["prepare"], mode, int(threads))
                if calls is not None:
                    calls(WARM_UP_CALLS)
                answer = {"able": calls is not None}
            else:
                began = time.perf_counter()
                calls(question["run"])
                answer = {"seconds": time.perf_counter() - began}
        except Exception as problem:  # the race goes on without this one
            answer = {"error": f"{type(problem).__name__}: {str(problem).splitlines()[0] if str(problem) else ''}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
