# SPDX-License-Identifier: Apache-2.0
"""Races Evenkeel against other libraries: all take turns in one run, with the same shapes and number of threads."""

import argparse
import json
import os
import random
import statistics
import sys

import contenders
import standings
from contenders import Failed, OURS

# The list of design goals: ResNet-50 at batch 32, its first layer at batch 8, dense layers, a row of channels, a prime of
# everything, 5-D.
SHAPES = ["32x56x56x64", "32x56x56x256", "32x28x28x128", "32x28x28x512", "32x14x14x256", "32x14x14x1024", "32x7x7x512",
          "32x7x7x2048", "8x112x112x64", "60x100", "128x1024", "32x1x1x512", "8x13x27x65", "4x8x56x56x16"]
DEFAULT_KERNELS = ["forward-train", "forward-infer", "backward-train"]
SAMPLE_S = {"mlp": 0.2, "kernels": 0.005}


def spread(values):
    if len(values) < 2:
        return 0.0
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    return (quartiles[2] - quartiles[0]) / quartiles[1]


def attempt(contender, call):
    """What call() gives; None if it fails, which nobody but Evenkeel may."""
    try:
        return call()
    except Failed as problem:
        if contender.name == OURS:
            raise
        contenders.left_out(problem)
        return None


def race(job, field, rounds, sample_s):
    """One result for each contender that can do the job, Evenkeel's first."""
    able = [c for c in field if attempt(c, lambda c=c: c.prepare(job, sample_s))]
    samples = {contender.name: [] for contender in able}
    order = random.Random(1)
    for _ in range(rounds):
        for contender in order.sample(able, len(able)):  # nobody always follows the same one
            if contender.name in samples:
                us = attempt(contender, contender.sample)
                if us is None:
                    del samples[contender.name]
                else:
                    samples[contender.name].append(us)
    ours = samples[OURS]
    return [dict(job, contender=name, us=statistics.median(us),
                 times_evenkeel=statistics.median(us) / statistics.median(ours),
                 spread=spread([theirs / mine for theirs, mine in zip(us, ours)]), rounds=rounds)
            for name, us in samples.items()]


# ---- what is said about it


def print_results(results):
    job = results[0]
    threads = f"{job['threads']} thread{'s' * (job['threads'] > 1)}"
    if job["job"] == "mlp":
        print(f"\nmlp, batch {job['batch']}, {threads}: training steps per second")
    else:
        print(f"\n{job['kernel']} {job['shape']} {job['layout']}, {threads}")
    for result in results:
        rate = f"{1e6 / result['us']:10.0f} /s" if job["job"] == "mlp" else f"{result['us']:10.1f} us"
        print(f"  {result['contender']:34s} {rate}  {result['times_evenkeel']:6.2f} times the time of Evenkeel "
              f"(spread {100 * result['spread']:.1f}%)")
    sys.stdout.flush()


def print_standings(results):
    for mean in standings.means(standings.standings(results)):
        print(f"\n{mean.kernel} {mean.layout}, {mean.threads} threads: the fastest other takes {mean.ratio:.2f} times our time "
              f"(geometric mean of {mean.shapes} shapes)")
        for s in mean.slower:
            print(f"  slower: {s.shape} {s.layout}: {s.peer} takes {s.ratio:.2f} times our time (spread {100 * s.spread:.1f}%)")


# ---- all that was asked for


def jobs_of(what, arguments):
    if what == "mlp":
        return [{"job": "mlp", "batch": arguments.batch}]
    jobs = []
    for shape in arguments.shape or SHAPES:
        pixels = shape.split("x")[1:-1]
        for layout in arguments.layout or standings.LAYOUTS:
            if layout == "nchw" and not arguments.layout and all(size == "1" for size in pixels):
                continue  # without pixels the two are one
            for kernel in arguments.kernel or DEFAULT_KERNELS:
                jobs.append({"job": "kernel", "kernel": kernel, "shape": shape, "layout": layout, "dtype": "f32"})
    return jobs


def thread_counts(what, arguments):
    every = len(os.sched_getaffinity(0))
    if arguments.threads:
        return [threads or every for threads in arguments.threads]
    return [every] if what == "mlp" else sorted({1, every})


def read_arguments():
    parser = argparse.ArgumentParser(prog="bench/peers/run", description=__doc__)
    parser.add_argument("what", nargs="*", help="mlp (a training step), kernels (batch norm by shape); default: both")
    parser.add_argument("--only", action="append", choices=[peer.name for peer in contenders.PEERS], help="only this library")
    parser.add_argument("--mode", action="append", help="only workers of this mode: eager, compiled, session, ...")
    parser.add_argument("--threads", action="append", type=int, help="0: all; default: all, and for kernels also 1")
    parser.add_argument("--batch", type=int, default=60)
    parser.add_argument("--kernel", action="append", choices=standings.KERNELS, help="default: all but backward-frozen")
    parser.add_argument("--shape", action="append", help="NxHxWxC, channels last whatever the layout")
    parser.add_argument("--layout", action="append", choices=standings.LAYOUTS)
    parser.add_argument("--rounds", type=int, default=20, help="samples of each contender")
    parser.add_argument("--into", metavar="FILE", help="gather results in this JSON document, after every race")
    parser.add_argument("--missing", action="store_true", help="only races that FILE has no results of")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    arguments = parser.parse_args()
    arguments.what = arguments.what or ["mlp", "kernels"]
    unknown = set(arguments.what) - set(SAMPLE_S)
    if unknown:
        parser.error(f"there is no race '{unknown.pop()}', only mlp and kernels")
    return arguments


def race_all(what, threads, jobs, arguments, gather):
    field = contenders.start_all(what, threads, arguments.only, arguments.mode)
    try:
        for job in jobs:
            results = race(job, field, arguments.rounds, SAMPLE_S[what])
            gather(results)
            if not arguments.json:
                print_results(results)
    finally:
        for contender in field:
            contender.close()


def main():
    arguments = read_arguments()
    document = standings.load(arguments.into) if arguments.into else {"machine": None, "results": []}
    try:
        machine = contenders.machine()

        def gather(results):
            nonlocal document
            document = standings.merge(document, results, machine)
            if arguments.into:
                standings.save(arguments.into, document)

        for what in arguments.what:
            for threads in thread_counts(what, arguments):
                jobs = [dict(job, threads=threads) for job in jobs_of(what, arguments)]
                known = {standings.key_of(result) for result in document["results"]} if arguments.missing else ()
                jobs = [job for job in jobs if standings.key_of(job) not in known]
                if jobs:
                    race_all(what, threads, jobs, arguments, gather)
    except Failed as problem:
        print(f"peers: {problem}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(document, indent=1))
    else:
        print_standings(document["results"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
