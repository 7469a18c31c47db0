# SPDX-License-Identifier: Apache-2.0
"""TensorFlow builds a graph, initialises, saves and trains it; evenkeel does the same from the files."""
import numpy as np
import tensorflow.compat.v1 as tf

import digits
import halves
from common import BATCH, HUNDRED, ONE_THREAD, STEPS, evenkeel, feed_arguments, load_checkpoint, load_npz, values
from compare import Rules, Worst


def make_feeds(graph, training):
    draw = np.random.RandomState(1)
    dtype = graph.get_tensor_by_name("images:0").dtype.as_numpy_dtype
    feeds = {"images": draw.rand(BATCH, 64).astype(dtype), "labels": draw.randint(0, 10, BATCH)}
    if any(op.name == "is_training" for op in graph.get_operations()):
        feeds["is_training"] = np.bool_(training)
    return feeds


def same_files(worst, folder, theirs, ours):
    for end in ("index", "data-00000-of-00001"):
        if (folder / f"{theirs}.{end}").read_bytes() != (folder / f"{ours}.{end}").read_bytes():
            worst.fail(f"{ours}.{end} has other bytes than TensorFlow's")


def check(binary, build, folder):
    worst = Worst()
    with tf.Graph().as_default() as graph:
        saver = build() or tf.train.Saver()
        initializers = [op.name for op in (tf.global_variables_initializer(), tf.local_variables_initializer())]
        rules = Rules(graph.as_graph_def())
        feeds = make_feeds(graph, True)
        meta = folder / "initial.meta"
        tf.train.export_meta_graph(str(meta), saver_def=saver.as_saver_def())
    with tf.Graph().as_default():
        saver = halves.import_meta_graph(meta)
        everything = tf.train.Saver()  # the files have no nodes of it

        with tf.Session(config=ONE_THREAD) as session:
            session.run(initializers)
            initial = values(session)
            saver.save(session, str(folder / "initial"), write_meta_graph=False)
            everything.save(session, str(folder / "theirs"), write_meta_graph=False, write_state=False)
        evenkeel(binary, meta, "--init", "--save", folder / "ours")
        worst.see_same("initial", load_checkpoint(folder / "ours"), initial)
        same_files(worst, folder, "theirs", "ours")

        def both(repeat, training, fetch, *targets):
            """The last fetch of both sides after `repeat` runs from the initial values; then all variables."""
            fed = feeds | ({"is_training": np.bool_(training)} if "is_training" in feeds else {})
            arguments = [meta, "--init", "--restore", folder / "initial", "--fetch", fetch, "--repeat", repeat]
            for target in targets:
                arguments += ["--target", target]
            arguments += feed_arguments(fed, folder)
            evenkeel(binary, *arguments, "--out", folder / "out.npz", "--save", folder / "ours")
            with tf.Session(config=ONE_THREAD) as session:
                session.run(initializers)
                saver.restore(session, str(folder / "initial"))
                fed = {f"{name}:0": value for name, value in fed.items()}
                for _ in range(repeat):
                    theirs = session.run([f"{fetch}:0", *targets], fed)[0]
                return load_npz(folder / "out.npz")[fetch], theirs, values(session)

        for repeat in (1, 2, getattr(build, "steps", STEPS)):
            ours, theirs, trained = both(repeat, True, "loss", "train")
            rules.see_loss(worst, f"loss of step {repeat}", ours, theirs)
        rules.see_variables(worst, load_checkpoint(folder / "ours"), trained)
        with tf.Session(config=ONE_THREAD) as session:
            everything.restore(session, str(folder / "ours"))
            worst.see_same("restored by TensorFlow", values(session), load_checkpoint(folder / "ours"))
        if "is_training" in feeds:
            rules.see_loss(worst, "loss of inference", *both(1, False, "loss")[:2])
    return worst


def check_hundred(binary, build, folder):
    """Both sides begin from the graph and its seed alone, and train on the digits, 60 others in each step."""
    worst = Worst()
    images, labels = digits.load()
    with tf.Graph().as_default() as graph:
        build()
        rules = Rules(graph.as_graph_def())
        meta = folder / "initial.meta"
        tf.train.export_meta_graph(str(meta))
        with tf.Session(config=ONE_THREAD) as session:
            session.run(tf.global_variables_initializer())
            before = "--init"
            for step in range(HUNDRED):
                at = step * BATCH % (len(images) - BATCH)
                feeds = {"images": images[at:at + BATCH], "labels": labels[at:at + BATCH], "is_training": np.bool_(True)}
                evenkeel(binary, meta, *before.split(), "--fetch", "loss", "--target", "train", *feed_arguments(feeds, folder),
                         "--out", folder / "out.npz", "--save", folder / "ours")
                before = f"--restore {folder / 'ours'}"
                theirs = session.run(["loss:0", "train"], {f"{name}:0": value for name, value in feeds.items()})[0]
                rules.see_loss(worst, f"loss of step {step + 1}", load_npz(folder / "out.npz")["loss"], theirs)
    return worst
