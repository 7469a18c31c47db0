# SPDX-License-Identifier: Apache-2.0
"""Real TensorFlow and evenkeel run the same graphs, both ways, and have to agree. README.md says what is compared.

    run.py EVENKEEL [EXPORTS] [--short] [--only REGEX]
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

import nets  # noqa: E402
from compare import Rules, Worst  # noqa: E402

STEPS, BATCH = 20, 60
ONE_THREAD = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
SHORT = {"sgd_plain_fed", "adam_plain_fed", "momentum_fused_static", "rmsprop_fused_fed"}


class Failure(Exception):
    """What the other side said instead of giving numbers."""


def theirs_cases():
    """Name to builder of each graph that TensorFlow makes and evenkeel runs."""
    return {
        f"{name}_{'fused' if fused else 'plain'}_{'static' if static else 'fed'}":
            lambda make=make, fused=fused, static=static: nets.mlp(make(), fused, static)
        for name, make in nets.optimizers().items() for fused in (False, True) for static in (False, True)
    }


def evenkeel(binary, *arguments):
    done = subprocess.run([binary, "run", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise Failure(f"exit {done.returncode}: {lines[-1]}")


def load_npz(path):
    with np.load(path) as archive:
        return dict(archive)


def load_checkpoint(prefix):
    reader = tf.train.load_checkpoint(str(prefix))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def values(session):
    return {v.op.name: value for v, value in zip(tf.global_variables(), session.run(tf.global_variables()))}


def make_feeds(graph, training):
    draw = np.random.RandomState(1)
    feeds = {"images": draw.rand(BATCH, 64).astype(np.float32), "labels": draw.randint(0, 10, BATCH)}
    if any(op.name == "is_training" for op in graph.get_operations()):
        feeds["is_training"] = np.bool_(training)
    return feeds


def run_theirs(binary, build, folder):
    """TensorFlow builds, saves and trains; evenkeel does the same from the files."""
    worst = Worst()
    with tf.Graph().as_default() as graph, tf.Session(config=ONE_THREAD) as session:
        build()
        saver = tf.train.Saver()
        rules = Rules(graph.as_graph_def())
        session.run(tf.global_variables_initializer())
        initial = values(session)
        meta = f"{saver.save(session, str(folder / 'initial'))}.meta"

        evenkeel(binary, meta, "--init", "--save", folder / "ours")
        ours = load_checkpoint(folder / "ours")
        worst.missing(initial.keys() - ours.keys(), "our checkpoint")
        for name in initial.keys() & ours.keys():
            worst.see(f"initial {name}", ours[name], initial[name], 0.0)

        def both(repeat, training, fetch, *targets):
            """The last fetch of both sides after `repeat` runs from the initial values; ours are saved."""
            feeds = make_feeds(graph, training)
            arguments = [meta, "--restore", folder / "initial", "--fetch", fetch, "--repeat", repeat]
            for name, value in feeds.items():
                np.save(folder / f"{name}.npy", value)
                arguments += ["--feed", f"{name}={folder / name}.npy"]
            for target in targets:
                arguments += ["--target", target]
            evenkeel(binary, *arguments, "--out", folder / "out.npz", "--save", folder / "ours")
            saver.restore(session, str(folder / "initial"))
            fed = {f"{name}:0": value for name, value in feeds.items()}
            for _ in range(repeat):
                theirs = session.run([f"{fetch}:0", *targets], fed)[0]
            return load_npz(folder / "out.npz")[fetch], theirs

        for repeat in (1, 2, STEPS):
            rules.see_loss(worst, f"loss of step {repeat}", *both(repeat, True, "loss", "train"))
        rules.see_variables(worst, load_checkpoint(folder / "ours"), values(session))
        if "is_training" in make_feeds(graph, False):
            rules.see_loss(worst, "loss of inference", *both(1, False, "loss"))
    return worst


def run_ours(prefix):
    """TensorFlow takes up a graph that we exported, trains it with the same feeds and gets our numbers."""
    worst = Worst()
    feeds, numbers = load_npz(f"{prefix}.feeds.npz"), load_npz(f"{prefix}.numbers.npz")
    with tf.Graph().as_default() as graph, tf.Session(config=ONE_THREAD) as session:
        saver = tf.train.import_meta_graph(f"{prefix}.meta")
        rules = Rules(graph.as_graph_def())
        session.run(tf.variables_initializer(tf.global_variables()))
        initial, saved = values(session), load_checkpoint(prefix)
        for name in initial.keys() & saved.keys():
            worst.see(f"initial {name}", saved[name], initial[name], 0.0)
        saver.restore(session, str(prefix))
        losses = numbers.pop("loss")
        for step, ours in enumerate(losses):
            fed = {f"{name}:0": value[step] for name, value in feeds.items()}
            rules.see_loss(worst, f"loss of step {step + 1}", ours, session.run(["loss:0", "train"], fed)[0])
        rules.see_variables(worst, numbers, values(session))
    return worst


def attempt(name, run, *arguments):
    """Prints the case's line of the table; true if the case passed."""
    try:
        worst = run(*arguments)
        verdict, error, where = ("ok" if worst.error <= 1 else "FAILED"), f"{worst.error:.3g}", worst.where
    except (Failure, OSError, ValueError, KeyError, subprocess.TimeoutExpired, tf.errors.OpError) as failure:
        verdict, error, where = "FAILED", "-", str(failure).splitlines()[0]
    print(f"{name:40} {verdict:7} {error:>9}  {where}", flush=True)
    return verdict == "ok"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("evenkeel", help="the binary")
    parser.add_argument("exports", nargs="?", type=pathlib.Path, help="folder of what our programs exported")
    parser.add_argument("--short", action="store_true", help="a few of TensorFlow's graphs instead of all")
    parser.add_argument("--only", default="", metavar="REGEX", help="cases whose name has a match")
    options = parser.parse_args()
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)

    results = []
    print(f"{'case':40} {'verdict':7} {'worst':>9}  where (1 = all that is allowed)")
    for name, build in theirs_cases().items():
        wanted = re.search(options.only, name) and (name in SHORT or not options.short)
        if wanted:
            with tempfile.TemporaryDirectory() as folder:
                results.append(attempt(f"theirs {name}", run_theirs, options.evenkeel, build, pathlib.Path(folder)))
    for meta in sorted(options.exports.glob("*.meta")) if options.exports else []:
        if re.search(options.only, meta.stem):
            results.append(attempt(f"ours {meta.stem}", run_ours, meta.with_suffix("")))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
