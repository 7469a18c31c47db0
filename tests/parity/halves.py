# SPDX-License-Identifier: Apache-2.0
"""What TensorFlow's CPU kernels do to float16 and bfloat16 depends on where a value lies. They add up in the type
itself, in some order: of sums of a few hundred values some are hundreds of units in the last place off, and the mean of
960 numbers between 0 and 1 is 0.26 in bfloat16. Rsqrt rounds once where values fill a vector of eight, and twice behind
the last whole one. We compute these in float32 and round once; so we are compared with TensorFlow that does, too: the
same graph, with casts around these ops."""
import tensorflow.compat.v1 as tf

OPS = {"Sum", "Mean", "BiasAddGrad", "Rsqrt"}
FLOAT32 = tf.float32.as_datatype_enum
HALVES = {tf.float16.as_datatype_enum, tf.bfloat16.as_datatype_enum}


def cast(name, value, source, destination):
    node = tf.NodeDef(name=name, op="Cast", input=[value])
    node.attr["SrcT"].type, node.attr["DstT"].type = source, destination
    return node


def in_float32(node):
    """The node as Cast, itself in float32, and Cast, of which the last has its name."""
    half, inner = node.attr["T"].type, tf.NodeDef()
    inner.CopyFrom(node)
    inner.name, inner.input[0], inner.attr["T"].type = f"{node.name}/in_float32", f"{node.name}/of_float32", FLOAT32
    for name in ("_output_shapes", "_class"):
        inner.attr.pop(name, None)
    return [cast(f"{node.name}/of_float32", node.input[0], half, FLOAT32), inner,
            cast(node.name, inner.name, FLOAT32, half)]


def import_meta_graph(path):
    """As tf.train.import_meta_graph, with such casts."""
    with open(path, "rb") as file:
        meta = tf.MetaGraphDef.FromString(file.read())
    nodes = [in_float32(n) if n.op in OPS and n.attr["T"].type in HALVES else [n] for n in meta.graph_def.node]
    del meta.graph_def.node[:]
    meta.graph_def.node.extend(node for replaced in nodes for node in replaced)
    return tf.train.import_meta_graph(meta)
