# SPDX-License-Identifier: Apache-2.0
"""SavedModels and frozen graphs: each side serves what the other wrote."""
import tensorflow.compat.v1 as tf

from common import ONE_THREAD, evenkeel, feed_arguments, load_npz
from compare import Rules, Worst
from theirs import make_feeds

SIGNATURE = tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY


def serve(folder, feeds):
    """What TensorFlow's loader and the signature make of a SavedModel."""
    with tf.Graph().as_default(), tf.Session(config=ONE_THREAD) as session:
        model = tf.saved_model.loader.load(session, [tf.saved_model.tag_constants.SERVING], str(folder))
        signature = model.signature_def[SIGNATURE]
        fed = {signature.inputs[name].name: value for name, value in feeds.items()}
        return session.run(signature.outputs["loss"].name, fed)


def run_frozen(path, feeds):
    graph_def = tf.GraphDef.FromString(path.read_bytes())
    with tf.Graph().as_default(), tf.Session(config=ONE_THREAD) as session:
        tf.import_graph_def(graph_def, name="")
        return session.run("loss:0", {f"{name}:0": value for name, value in feeds.items()})


def check(binary, build, folder):
    worst = Worst()
    with tf.Graph().as_default() as graph:
        build()
        rules = Rules(graph.as_graph_def())
        feeds = make_feeds(graph, False)
        tensors = {name: graph.get_tensor_by_name(f"{name}:0") for name in feeds}
        loss = graph.get_tensor_by_name("loss:0")
        with tf.Session(config=ONE_THREAD) as session:
            session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
            want = session.run(loss, {tensors[name]: value for name, value in feeds.items()})
            tf.train.Saver().save(session, str(folder / "values"))
            frozen = tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["loss"])
            tf.saved_model.simple_save(session, str(folder / "theirs"), tensors, {"loss": loss})
    (folder / "theirs.pb").write_bytes(frozen.SerializeToString())
    arguments = feed_arguments(feeds, folder)

    evenkeel(binary, "--model", folder / "theirs", *arguments, "--out", folder / "out.npz", command="predict")
    rules.see_loss(worst, "their SavedModel, served here", load_npz(folder / "out.npz")["loss"], want)
    evenkeel(binary, folder / "theirs.pb", *arguments, "--fetch", "loss", "--out", folder / "out.npz")
    rules.see_loss(worst, "their frozen graph, run here", load_npz(folder / "out.npz")["loss"], want)
    pairs = [text for name in feeds for text in ("--input", f"{name}={name}")]
    evenkeel(binary, folder / "values.meta", folder / "ours", "--restore", folder / "values", *pairs,
             "--output", "loss=loss", command="convert")
    rules.see_loss(worst, "our SavedModel, served there", serve(folder / "ours", feeds), want)
    evenkeel(binary, folder / "ours", "--output", "loss", "--out", folder / "ours.pb", command="freeze")
    rules.see_loss(worst, "our frozen graph, run there", run_frozen(folder / "ours.pb", feeds), want)
    return worst
