# SPDX-License-Identifier: Apache-2.0
"""Who takes part in a race, each in a process of its own, which waits while others have their turn."""

import json
import os
import subprocess
import sys
import time
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ENVIRONMENTS = os.path.join(ROOT, "build", "peers")
EVENKEEL = os.path.join(ROOT, "build", "release", "evenkeel")
OURS = "evenkeel"
MOST_CALLS = 1 << 20
REST_S = 0.01  # libgomp spins for about 5 ms

# A name for --only, its virtual environment, its worker's module, and the modes that race as models and as kernels.
Peer = namedtuple("Peer", "name environment module mlp kernels")
PEERS = [
    Peer("torch", "torch", "peer_torch", ["eager", "compiled"], ["eager", "compiled"]),
    Peer("tensorflow-2.12.1", "tensorflow-2.12.1", "peer_tensorflow", ["session", "function"], ["function"]),
    Peer("tensorflow", "tensorflow", "peer_tensorflow", ["session", "function", "xla"], ["function", "xla"]),
    Peer("onnxruntime", "onnxruntime", "peer_onnxruntime", [], ["session"]),
    Peer("onednn", "native", "peer_native", [], ["onednn"]),
]


class Failed(Exception):
    pass


def left_out(why):
    print(f"peers: left out: {why}", file=sys.stderr)


class Worker:
    """A library behind worker.py, or behind another program that answers likewise."""

    def __init__(self, name, command, log):
        self.name = name
        self.log = open(log, "w")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        bufsize=1)
        self.name = self.ask({"hello": True})["name"]

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

    def run(self, calls, first=0):
        return self.ask({"run": calls, "first": first})["seconds"]

    def prepare(self, job, sample_s):
        """False: the library has no such thing. Else its result is right, and a sample takes about sample_s."""
        if not self.ask({"prepare": job})["able"]:
            return False
        calls = 1
        while (seconds := self.run(calls)) < sample_s / 2 and calls < MOST_CALLS:
            calls *= 2
        self.calls = max(1, round(calls * sample_s / max(seconds, 1e-9)))
        return True

    def sample(self):
        """Microseconds of a call. Threads of the one before go on spinning for some milliseconds, which would be ours to
        pay. Calls that are not timed fetch back what others have driven from the caches; that takes more than one where a
        tensor fills the last of them."""
        time.sleep(REST_S)
        return self.run(self.calls, first=min(self.calls, 3) + self.calls // 5) / self.calls * 1e6

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


class Model:
    """Our training step, as `evenkeel bench model` measures it."""

    name = OURS

    def __init__(self, threads):
        self.threads = threads

    def prepare(self, job, _sample_s):
        self.words = ["model", job["job"], "--batch", str(job["batch"]), "--repeat", "5", "--threads", str(self.threads)]
        return True

    def sample(self):
        return bench(*self.words)["results"][0]["us"]

    def close(self):
        pass


def bench(*words):
    """The document of `evenkeel bench`."""
    done = subprocess.run([EVENKEEL, "bench", *words, "--json"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(done.stderr.strip())
    return json.loads(done.stdout)


def machine():
    words = "kernels --kernel forward-infer --shape 2x2 --layout nhwc --dtype f32 --repeat 1"
    return bench(*words.split())["machine"]


def start_worker(peer, mode, threads):
    """None: it is not installed, or does not start."""
    if not os.path.exists(os.path.join(ENVIRONMENTS, peer.environment, "installed")):
        left_out(f"{peer.name} is not installed")
        return None
    python = os.path.join(ENVIRONMENTS, peer.environment, "bin", "python")
    try:
        return Worker(f"{peer.name} {mode}", [python, os.path.join(HERE, "worker.py"), peer.module, mode, str(threads)],
                      os.path.join(ENVIRONMENTS, f"{peer.name}-{mode}.log"))
    except Failed as problem:
        left_out(problem)
        return None


def start_all(what, threads, only=None, modes=None):
    """Evenkeel and, unless `only` and `modes` name others, every peer: for the race `what`, mlp or kernels."""
    if what == "mlp":
        ours = Model(threads)
    else:
        ours = start_worker(Peer(OURS, "native", "peer_native", [], [OURS]), OURS, threads)
    if ours is None:
        raise Failed("Evenkeel itself cannot take part")
    workers = [start_worker(peer, mode, threads) for peer in PEERS if not only or peer.name in only
               for mode in getattr(peer, what) if not modes or mode in modes]
    return [ours] + [worker for worker in workers if worker is not None]
