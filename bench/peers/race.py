# SPDX-License-Identifier: Apache-2.0
"""Races Evenkeel against other libraries: all take turns in one run, with the same shapes and number of threads."""

import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ENVIRONMENTS = os.path.join(ROOT, "build", "peers")
EVENKEEL = os.path.join(ROOT, "build", "release", "evenkeel")

# Environment, module of the worker, its modes.
PEERS = [
    ("torch", "peer_torch", ["eager", "compiled"]),
    ("tensorflow-2.12.1", "peer_tensorflow", ["session", "function"]),
    ("tensorflow", "peer_tensorflow", ["session", "function", "xla"]),
    ("onnxruntime", "peer_onnxruntime", ["session"]),
]
KERNELS = ["forward-train", "forward-infer", "backward-train", "backward-frozen"]
SHAPES = ["32x56x56x64", "32x14x14x256", "32x7x7x512", "60x100"]


class Failed(Exception):
    pass


class Worker:
    """A library in a process of its own, which waits while others have their turn."""

    def __init__(self, environment, module, mode, threads):
        self.log = open(os.path.join(ENVIRONMENTS, f"{environment}-{mode}.log"), "w")
        python = os.path.join(ENVIRONMENTS, environment, "bin", "python")
        self.process = subprocess.Popen(
            [python, os.path.join(HERE, "worker.py"), module, mode, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, bufsize=1)
        self.name = environment + " " + mode
        self.name = f"{self.ask({'hello': True})['library']} {mode}"

    def ask(self, question):
        try:
            print(json.dumps(question), file=self.process.stdin, flush=True)
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise Failed(f"{self.name}: it ended: see {self.log.name}")
        answer = json.loads(answer)
        if "error" in answer:
            raise Failed(f"{self.name}: {answer['error']}")
        return answer

    def prepare(self, job, sample_s):
        """False: the library has no such thing."""
        if not self.ask({"prepare": job})["able"]:
            return False
        self.calls = 1
        while True:
            seconds = self.ask({"run": self.calls})["seconds"]
            if seconds >= sample_s / 2 or self.calls >= 1 << 20:
                self.calls = max(1, round(self.calls * sample_s / max(seconds, 1e-9)))
                return True
            self.calls *= 2

    def sample(self):
        """Microseconds of a call."""
        self.ask({"run": 1})
        return self.ask({"run": self.calls})["seconds"] / self.calls * 1e6

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Evenkeel:
    name = "evenkeel"
    machine = None

    def __init__(self, threads):
        self.threads = threads

    def prepare(self, job, sample_s):
        words = [EVENKEEL, "bench"]
        if job["job"] == "mlp":
            words += ["model", "mlp", "--batch", str(job["batch"]), "--repeat", "5"]
        else:
            words += ["kernels", "--kernel", job["kernel"], "--shape", job["shape"], "--layout", job["layout"],
                      "--repeat", "5"]
        self.words = words + ["--threads", str(self.threads), "--json"]
        return True

    def sample(self):
        done = subprocess.run(self.words, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(done.stderr.strip())
        document = json.loads(done.stdout)
        Evenkeel.machine = document["machine"]
        return document["results"][0]["us"]

    def close(self):
        pass


def spread(values):
    if len(values) < 2:
        return 0.0
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    return (quartiles[2] - quartiles[0]) / quartiles[1]


def race(job, contenders, rounds, sample_s):
    """One result for each contender that can do the job, Evenkeel's first."""
    able = []
    for contender in contenders:
        try:
            if contender.prepare(job, sample_s):
                able.append(contender)
        except Failed as problem:
            print(f"peers: left out: {problem}", file=sys.stderr)
    samples = {contender.name: [] for contender in able}
    for number in range(rounds):
        for i in range(len(able)):
            contender = able[(i + number) % len(able)]
            if contender.name not in samples:
                continue
            try:
                samples[contender.name].append(contender.sample())
            except Failed as problem:
                if contender.name == Evenkeel.name:
                    raise
                print(f"peers: left out: {problem}", file=sys.stderr)
                del samples[contender.name]
    ours = samples[Evenkeel.name]
    results = []
    for name, us in samples.items():
        results.append(dict(
            job, contender=name, us=statistics.median(us), times_evenkeel=statistics.median(us) / statistics.median(ours),
            spread=spread([theirs / mine for theirs, mine in zip(us, ours)]), rounds=rounds))
    return results


def print_results(results):
    job = results[0]
    if job["job"] == "mlp":
        print(f"\nmlp, batch {job['batch']}: training steps per second")
    else:
        print(f"\n{job['kernel']} {job['shape']} {job['layout']}")
    for result in results:
        rate = f"{1e6 / result['us']:10.0f} /s" if job["job"] == "mlp" else f"{result['us']:10.1f} us"
        print(f"  {result['contender']:34s} {rate}  {result['times_evenkeel']:6.2f} times the time of Evenkeel "
              f"(spread {100 * result['spread']:.1f}%)")
    sys.stdout.flush()


def start_workers(only, threads, modes_of):
    workers = []
    for environment, module, modes in PEERS:
        if only and environment not in only:
            continue
        if not os.path.exists(os.path.join(ENVIRONMENTS, environment, "installed")):
            print(f"peers: left out: {environment} is not installed", file=sys.stderr)
            continue
        for mode in modes:
            if modes_of is not None and mode not in modes_of:
                continue
            try:
                workers.append(Worker(environment, module, mode, threads))
            except Failed as problem:
                print(f"peers: left out: {problem}", file=sys.stderr)
    return workers


def jobs_of(arguments):
    if "mlp" in arguments.what:
        yield {"job": "mlp", "batch": arguments.batch}
    if "kernels" in arguments.what:
        for shape in arguments.shape or SHAPES:
            for layout in arguments.layout or ["nhwc", "nchw"]:
                if layout == "nchw" and shape.count("x") == 1 and not arguments.layout:
                    continue  # without pixels the two are one
                for kernel in arguments.kernel or KERNELS:
                    yield {"job": "kernel", "kernel": kernel, "shape": shape, "layout": layout, "dtype": "f32"}


def main():
    parser = argparse.ArgumentParser(prog="bench/peers/run", description=__doc__)
    parser.add_argument("what", nargs="*", help="mlp (a training step), kernels (batch norm by shape); default: both")
    parser.add_argument("--only", action="append", choices=[peer[0] for peer in PEERS], help="only this library")
    parser.add_argument("--mode", action="append", help="only workers of this mode: eager, compiled, session, ...")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--batch", type=int, default=60)
    parser.add_argument("--kernel", action="append", choices=KERNELS)
    parser.add_argument("--shape", action="append", help="NxHxWxC, channels last whatever the layout")
    parser.add_argument("--layout", action="append", choices=["nhwc", "nchw"])
    parser.add_argument("--rounds", type=int, default=20, help="samples of each contender")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    arguments = parser.parse_args()
    arguments.what = arguments.what or ["mlp", "kernels"]
    unknown = set(arguments.what) - {"mlp", "kernels"}
    if unknown:
        parser.error(f"there is no race '{unknown.pop()}', only mlp and kernels")

    contenders = [Evenkeel(arguments.threads)] + start_workers(arguments.only, arguments.threads, arguments.mode)
    everything = []
    try:
        for job in jobs_of(arguments):
            results = race(dict(job, threads=arguments.threads), contenders, arguments.rounds,
                           0.2 if job["job"] == "mlp" else 0.02)
            everything += results
            if not arguments.json:
                print_results(results)
    except Failed as problem:
        print(f"peers: {problem}", file=sys.stderr)
        return 1
    finally:
        for contender in contenders:
            contender.close()
    if arguments.json:
        print(json.dumps({"machine": Evenkeel.machine, "results": everything}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
