# SPDX-License-Identifier: Apache-2.0
"""The grid of normalizations: API x rank x axis x dtype x training x options. grid.txt lists its networks, and in each
the cases, which stand beside each other; grid.h builds the same from it. Run as a program it writes grid.txt."""
import itertools
import pathlib
import sys
import zlib

import tf_dump
import tensorflow.compat.v1 as tf
import tf_slim as slim
from tf_slim.layers.normalization import group_norm, instance_norm

LIST = pathlib.Path(__file__).with_name("grid.txt")
DIMS = {2: "64", 3: "8,8", 4: "4,4,4", 5: "2,4,2,4"}
AXES = {2: ["-1"], 3: ["1", "-1"], 4: ["1", "2", "-1", "1,3"], 5: ["1", "3", "-1", "1,4"]}
FUSED = {(4, "1"), (4, "-1"), (5, "1"), (5, "-1")}
CLIP = "rmin=0.8 rmax=1.25 dmax=0.5"
MOST = 40  # cases of a network
SHORT = {"grid_layers_float32_rank2_0", "grid_slim_float32_rank4_1", "grid_each_float64_rank3_0"}  # export_grid.c, too

# ---- the list


def training_of(layer):
    return "is_training" if layer == "slim" else "training"


def layers(rank, dtype):
    options = ["", "fused=0", "center=0", "scale=0", "center=0 scale=0", "renorm=1", f"renorm=1 {CLIP}",
               "renorm=1 rmax=1.1", "renorm=1 dmax=0.25 scale=0", "virtual=20", "virtual=20 renorm=1", "adjust=1",
               f"adjust=1 renorm=1 {CLIP} center=0", "trainable=0", "resource=1", "resource=1 renorm=1"]
    kinds = ["static", "fed", "variable", "infer"]
    if dtype != "float32":
        options, kinds = ["", "fused=0", f"renorm=1 {CLIP}", "virtual=20", "adjust=1"], ["static", "fed"]
    for axis, kind, option in itertools.product(AXES[rank], kinds, options):
        fuses = (rank, axis) in FUSED and dtype != "float64"
        if option == "fused=0" and not fuses or dtype == "bfloat16" and option == "" and fuses:
            continue
        if kind == "variable" and option not in ("", "fused=0", "renorm=1"):
            continue
        if kind == "infer" and option not in ("", "fused=0", "center=0 scale=0", "renorm=1", "virtual=20", "adjust=1"):
            continue
        if "virtual" in option and "," in axis:
            continue  # "on any single axis"
        if dtype == "float64" and ("renorm" in option or "adjust" in option):
            continue  # TensorFlow mixes in a float32 constant, and fails
        yield f"axis={axis} training={kind} {option}"


def slim_batch_norm(rank, dtype):
    options = ["", "fused=0", "scale=1", "debias=1", "weights=1", "debias=1 weights=1", "center=0", "resource=1",
               "resource=1 debias=1", "trainable=0"]
    usual = ["renorm=1", f"renorm=1 {CLIP}", "adjust=1"]
    kinds = ["static", "fed", "variable", "infer"]
    if dtype != "float32":
        options, kinds = ["", "fused=0", "debias=1", "weights=1"], ["static", "fed"]
        usual = ["renorm=1"] if dtype != "float64" else []
    for form, kind, updates in itertools.product(["NHWC", "NCHW"], kinds, ["usual", "own", "in_place"]):
        for option in options + (usual if updates == "usual" else []):
            fuses = rank in (2, 4) and dtype != "float64"
            if option == "fused=0" and not fuses:
                continue
            if dtype == "float64" and rank in (2, 4) and not ("weights" in option or "renorm" in option):
                option += " fused=0"  # the contrib body asks no dtype, and then has no kernel
            if dtype == "bfloat16" and rank in (2, 4) and option in ("", "debias=1"):
                option += " fused=0"
            if kind in ("variable", "infer") and option.strip() not in ("", "fused=0", "debias=1", "weights=1", "renorm=1"):
                continue
            yield f"format={form} training={kind} updates={updates} {option}"


def each_by_itself(rank, dtype):
    """layer_norm, instance_norm, group_norm."""
    parts = ["", "center=0", "scale=0"]
    for begin, option in itertools.product(["1", "-1"], parts):
        yield f"api=layer_norm begin={begin} {option}"
    for form, option in itertools.product(["NHWC", "NCHW"], parts if rank > 2 else []):
        yield f"api=instance_norm format={form} {option}"
    for channels, option in itertools.product(["1", "-1"], parts + ["one_pass=1"] if rank > 2 else []):
        yield f"api=group_norm axis={channels} groups=2 {option}"


def fused_op(rank, dtype):
    if rank > 3 and dtype in ("float16", "float32"):
        for form, kind in itertools.product(["NHWC", "NCHW"] if rank == 4 else ["NDHWC", "NCDHW"], ["static", "infer"]):
            yield f"format={form} training={kind}"


APIS = {"layers": (layers, ["float32", "float16", "bfloat16", "float64"]),
        "slim": (slim_batch_norm, ["float32", "float16", "bfloat16", "float64"]),
        "each": (each_by_itself, ["float32", "float16", "float64"]),
        "fused": (fused_op, ["float32", "float16"])}


def listed():
    """Network to what its cases have in common, and the cases, as grid.txt has them."""
    networks = {}
    for api, (cases, dtypes) in APIS.items():
        for dtype, rank in itertools.product(dtypes, DIMS):
            lines = [" ".join(f"{'' if 'api=' in c else f'api={api} '}{c}".split()) for c in cases(rank, dtype)]
            for part in range(0, len(lines), MOST):
                name = f"grid_{api}_{dtype}_rank{rank}_{part // MOST}"
                networks[name] = f"dims={DIMS[rank]} dtype={dtype}", lines[part:part + MOST]
    return networks


# ---- the networks


class Case:
    def __init__(self, line):
        self.words = dict(word.split("=") for word in line.split())

    def text(self, key, otherwise=None):
        return self.words.get(key, otherwise)

    def flag(self, key, otherwise):
        return self.words[key] == "1" if key in self.words else otherwise

    def numbers(self, key):
        return [int(n) for n in self.words[key].split(",")]


def adjust(shape):
    return tf.constant(1.25), tf.constant(0.5)


def renorm_of(case, momentum):
    if not case.flag("renorm", False):
        return {}
    clipping = {key: float(case.words[key]) for key in ("rmin", "rmax", "dmax") if key in case.words}
    return {"renorm": True, "renorm_clipping": clipping, momentum: 0.9}


def layers_norm(case, h, training, labels):
    axis = case.numbers("axis")
    return tf.layers.batch_normalization(
        h, axis=axis if len(axis) > 1 else axis[0], momentum=0.9, epsilon=0.01, center=case.flag("center", True),
        scale=case.flag("scale", True), training=training, trainable=case.flag("trainable", True), name="bn",
        fused=None if case.flag("fused", True) else False, adjustment=adjust if case.flag("adjust", False) else None,
        virtual_batch_size=int(case.text("virtual")) if case.text("virtual") else None,
        **renorm_of(case, "renorm_momentum"))


def slim_norm(case, h, training, labels):
    collections = {"usual": tf.GraphKeys.UPDATE_OPS, "own": "mine", "in_place": None}
    return slim.batch_norm(
        h, decay=0.9, epsilon=0.01, center=case.flag("center", True), scale=case.flag("scale", False),
        is_training=training, trainable=case.flag("trainable", True), fused=None if case.flag("fused", True) else False,
        data_format=case.text("format"), updates_collections=collections[case.text("updates")], scope="bn",
        zero_debias_moving_mean=case.flag("debias", False),
        batch_weights=tf.cast(labels, tf.float32) if case.flag("weights", False) else None,
        adjustment=adjust if case.flag("adjust", False) else None, **renorm_of(case, "renorm_decay"))


def parts(case):
    return {"center": case.flag("center", True), "scale": case.flag("scale", True), "scope": "norm"}


def layer_norm(case, h, training, labels):
    return slim.layer_norm(h, begin_norm_axis=int(case.text("begin")), **parts(case))


def instances(case, h, training, labels):
    return instance_norm(h, data_format=case.text("format"), **parts(case))


def groups(case, h, training, labels):
    channels, rank = int(case.text("axis")), len(h.shape)
    reduced = [axis for axis in range(1, rank) if axis != channels % rank]
    return group_norm(h, groups=int(case.text("groups")), channels_axis=channels, reduction_axes=reduced,
                      mean_close_to_zero=case.flag("one_pass", False), **parts(case))


def fused_norm(case, h, training, labels):
    channels = [int(h.shape[1 if case.text("format")[1] == "C" else -1])]
    scale = tf.get_variable("scale", channels, initializer=tf.ones_initializer())
    offset = tf.get_variable("offset", channels, initializer=tf.zeros_initializer())
    given = {}
    if training is False:
        given = {"mean": tf.constant(0.25, tf.float32, channels), "variance": tf.constant(2.0, tf.float32, channels)}
    return tf.nn.fused_batch_norm(h, scale, offset, epsilon=0.01, is_training=training,
                                  data_format=case.text("format"), **given)[0]


NORMS = {"layers": layers_norm, "slim": slim_norm, "layer_norm": layer_norm, "instance_norm": instances,
         "group_norm": groups, "fused": fused_norm}


def loss_of(i, case, images, labels, kinds):
    with tf.variable_scope(f"c{i}", use_resource=case.flag("resource", False)):
        dims = [-1] + case.numbers("dims")
        w = tf.get_variable("w", [64], initializer=tf.ones_initializer())
        h = tf.cast(tf.reshape(images * w, dims), case.text("dtype"))
        y = NORMS[case.text("api")](case, h, kinds[case.text("training", "static")], labels)
        out = tf.sigmoid(tf.cast(y, tf.float32))
        return tf.reduce_mean(tf.squared_difference(out, tf.reshape(images, dims)))


def network(common, lines):
    cases = [Case(f"{common} {line}") for line in lines]
    images = tf.placeholder(tf.float32, [None, 64], name="images")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    kinds = {"static": True, "infer": False, "fed": tf.placeholder(tf.bool, [], name="is_training"),
             "variable": tf.get_variable("flag", [], tf.bool, tf.constant_initializer(True), trainable=False)}
    losses = [loss_of(i, case, images, labels, kinds) for i, case in enumerate(cases)]
    loss = tf.add_n(losses, name="loss")
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS) + tf.get_collection("mine")
    with tf.control_dependencies(updates):
        tf.train.GradientDescentOptimizer(0.5).minimize(loss, name="train")


def read():
    """grid.txt, as listed() gives it."""
    networks = {}
    for line in LIST.read_text(encoding="ascii").splitlines():
        if line.startswith("network "):
            _, name, _, common = line.split(" ", 3)
            cases = []
            networks[name] = common, cases
        elif line and not line.startswith("#"):
            cases.append(line)
    return networks


def cases():
    """Name to builder, as nets.cases. TensorFlow has no kernel for the fused op in bfloat16, which one network needs."""
    return {name: lambda of=of: network(*of) for name, of in read().items() if name != "grid_slim_bfloat16_rank5_0"}


def text_of(graph):
    nodes = tf_dump.tf_1_15.nodes_as_1_15(graph.as_graph_def())
    return "".join(line + "\n" for line in [*map(tf_dump.node_text, nodes), *tf_dump.collections_text(graph)])


def main():
    """With names of networks: prints their graphs, as the checksum is of."""
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    for name in sys.argv[1:]:
        with tf.Graph().as_default() as graph:
            network(*listed()[name])
            print(text_of(graph), end="")
    if sys.argv[1:]:
        return
    text = ["# SPDX-License-Identifier: Apache-2.0", "# Written by grid.py: networks, with the crc32 of the graph as TensorFlow",
            "# builds it (tests/golden/README.md: graphs/) and what all cases have in common; and the cases."]
    for name, (common, lines) in listed().items():
        if lines:
            with tf.Graph().as_default():
                network(common, lines)
                crc = zlib.crc32(text_of(tf.get_default_graph()).encode("ascii"))
            text += [f"network {name} {crc:08x} {common}", *lines]
    LIST.write_text("\n".join(text) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
