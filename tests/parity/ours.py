# SPDX-License-Identifier: Apache-2.0
"""TensorFlow takes up a graph that we exported, trains it with the same feeds and gets our numbers; and we take up what
it saved."""
import numpy as np
import tensorflow.compat.v1 as tf

import halves
import tf_dump
from common import ONE_THREAD, Failure, evenkeel, feed_arguments, load_checkpoint, load_npz, values
from compare import Rules, Worst


def pop_shapes(node):
    return [tf.TensorShape(shape) for shape in node.attr.pop("_output_shapes", tf.AttrValue()).list.shape]


def lines(nodes):
    return tf_dump.fold_variables([tf_dump.node_text(node) for node in nodes])


def check_nodes(prefix, build):
    """The exported graph is the one that TensorFlow builds: every node and collection; we know no less of the shapes."""
    with open(f"{prefix}.meta", "rb") as file:
        ours = tf.MetaGraphDef.FromString(file.read())
    with tf.Graph().as_default() as graph:
        build()
        tf.train.Saver()
        their_nodes = tf_dump.tf_1_15.nodes_as_1_15(graph.as_graph_def(add_shapes=True))
        their_shapes = [pop_shapes(node) for node in their_nodes]
        wanted = lines(their_nodes) + tf_dump.collections_text(graph)
    with tf.Graph().as_default() as graph:
        tf.train.import_meta_graph(ours)
        our_shapes = [pop_shapes(node) for node in ours.graph_def.node]
        got = lines(ours.graph_def.node) + tf_dump.collections_text(graph)
    for mine, yours in zip(got, wanted):
        if mine != yours:
            raise Failure(f"{mine}, not {yours}")
    if len(got) != len(wanted):
        raise Failure(f"{len(got)} nodes and collections, not {len(wanted)}")
    for node, mine, yours in zip(ours.graph_def.node, our_shapes, their_shapes):
        if yours and any(str(a.merge_with(b)) != str(a) for a, b in zip(mine, yours)):
            raise Failure(f"{node.name}: shapes {mine}, not {yours}")


def check(binary, prefix, build, folder):
    worst = Worst()
    if build:
        check_nodes(prefix, build)
    feeds, numbers = load_npz(f"{prefix}.feeds.npz"), load_npz(f"{prefix}.numbers.npz")
    with tf.Graph().as_default() as graph, tf.Session(config=ONE_THREAD) as session:
        saver = halves.import_meta_graph(f"{prefix}.meta")
        rules = Rules(graph.as_graph_def())
        session.run(tf.variables_initializer(tf.global_variables()))
        worst.see_same("initial", load_checkpoint(prefix), values(session))
        saver.restore(session, str(prefix))
        losses = numbers.pop("loss")
        for step, ours in enumerate(losses):
            fed = {name: value[step] for name, value in feeds.items()}
            theirs = session.run(["loss:0", "train"], {f"{name}:0": value for name, value in fed.items()})[0]
            rules.see_loss(worst, f"loss of step {step + 1}", ours, theirs)
        rules.see_variables(worst, numbers, values(session))

        saver.save(session, str(folder / "theirs"), write_meta_graph=False)
        if "is_training" in fed:
            fed["is_training"] = np.bool_(False)
        arguments = [f"{prefix}.meta", "--restore", folder / "theirs", "--fetch", "loss", *feed_arguments(fed, folder)]
        evenkeel(binary, *arguments, "--out", folder / "out.npz", "--save", folder / "ours")
        before, saved = values(session), load_checkpoint(folder / "ours")
        theirs = session.run("loss:0", {f"{name}:0": value for name, value in fed.items()})
        after = values(session)  # the loss alone changes what is updated in place
        kept = {name for name in after if np.array_equal(before[name], after[name], equal_nan=True)}
        worst.see_same("restored here", {name: saved[name] for name in kept & saved.keys()},
                       {name: after[name] for name in kept})
        rules.see_variables(worst, saved, after)
        rules.see_loss(worst, "loss with what TensorFlow saved", load_npz(folder / "out.npz")["loss"], theirs)
    return worst
