# SPDX-License-Identifier: Apache-2.0
"""Writes formats/: graphs, a meta graph and a state file, as TensorFlow writes them."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow.compat.v1 as tf
import tf_slim as slim
from google.protobuf import text_format
from tensorflow.core.framework import graph_pb2, types_pb2

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "formats")
tf.disable_v2_behavior()


def write(name, data):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)


def write_both(name, suffix, message):
    write(name + suffix, message.SerializeToString(deterministic=True))
    write(name + suffix + "txt", text_format.MessageToString(message).encode())


def batch_norm_net():
    """A batch norm under a placeholder, a loop, a saver: conditional and loop contexts, variables, update ops."""
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    training = tf.placeholder_with_default(False, [], name="training")
    y = tf.layers.batch_normalization(x, training=training)
    i = tf.while_loop(lambda k: k < 3, lambda k: k + 1, [tf.constant(0)])
    tf.add_n([tf.reduce_sum(y), tf.cast(i, tf.float32)], name="out")
    tf.add_to_collection("numbers", 7)
    tf.add_to_collection("rates", 0.25)
    tf.add_to_collection("words", "caf\u00e9")
    return tf.train.Saver()


def moving_nets():
    """Batch norms whose moving averages are updated in other ways than by one op beside the layer."""
    x = tf.placeholder(tf.float32, [6, 2, 2, 4], name="x")
    training = tf.placeholder(tf.bool, [], name="training")
    y = tf.layers.batch_normalization(x, training=training, renorm=True, name="renorm")
    y = slim.batch_norm(y, is_training=training, zero_debias_moving_mean=True, scope="debias")
    weights = tf.placeholder(tf.float32, [6], name="weights")
    y = slim.batch_norm(y, is_training=training, batch_weights=weights, data_format="NCHW", scope="weighted")
    with tf.variable_scope("loop"):
        body = lambda i, h: (i + 1, slim.batch_norm(h, scale=True, updates_collections=None, scope="bn"))
        _, y = tf.while_loop(lambda i, h: i < 2, body, [0, y])
    y = tf.layers.conv2d_transpose(y, 2, 3, name="up")
    y = tf.layers.separable_conv2d(y, 3, 1, name="separable")
    loss = tf.reduce_mean(y, name="loss")
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS) + [loss]):
        train = tf.no_op(name="train")
    tf.add_to_collection(tf.GraphKeys.TRAIN_OP, train)


def every_value():
    """A graph whose attributes hold a value of every kind, and constants of every element type."""
    g = graph_pb2.GraphDef()
    g.versions.producer = 134
    g.versions.bad_consumers.extend([3, 5])
    n = g.node.add(name="scope/every.value-1", op="Anything", device="/device:CPU:0")
    n.input.extend(["a", "b:1", "^c"])
    a = n.attr
    a["int"].i = -5
    a["zero"].i = 0
    a["big"].i = 2**63 - 1
    a["small"].i = -(2**63)
    a["float"].f = 1 / 3
    a["false"].b = False
    a["true"].b = True
    a["type"].type = types_pb2.DT_BFLOAT16
    a["ref"].type = types_pb2.DT_FLOAT_REF
    a["strange_type"].type = 77
    a["bytes"].s = b"\x00\x01\n\r\t\"'\\\x7f\xff7caf\xc3\xa9"
    a["empty"].s = b""
    a["scalar"].shape.SetInParent()
    a["unknown_rank"].shape.unknown_rank = True
    for size in (-1, 0, 3):
        a["dims"].shape.dim.add(size=size)
    a["dims"].shape.dim[2].name = "channels"
    a["nothing"].SetInParent()
    a["none"].list.SetInParent()
    a["placeholder"].placeholder = "T"
    a["func"].func.name = "f"
    a["func"].func.attr["T"].type = types_pb2.DT_INT32
    floats = [1, 0.1, 1e-5, 1e-4, 123456789, 1e15, 1e16, 2**24, 1e-45, 3.4028235e38, 1e22, -0.0, 0.00123456]
    a["floats"].list.f.extend(floats + [float("inf"), float("-inf"), float("nan")])
    a["ints"].list.i.extend([0, -1, 1 << 40])
    a["bools"].list.b.extend([True, False])
    a["types"].list.type.extend([types_pb2.DT_FLOAT, types_pb2.DT_STRING])
    a["strings"].list.s.extend([b"loc:@a", b""])
    a["shapes"].list.shape.add()
    a["shapes"].list.shape.add(unknown_rank=True)
    a["tensors"].list.tensor.add(dtype=types_pb2.DT_FLOAT)
    a["funcs"].list.func.add(name="h")
    values = [[1.5, -2.5], 0.1]
    kinds = [np.float32, np.float64, np.float16, tf.bfloat16.as_numpy_dtype, np.int8, np.uint8, np.int16, np.uint16,
             np.int32, np.uint32, np.int64, np.uint64, np.bool_, np.complex64, np.complex128]
    for kind in kinds:
        for k, value in enumerate(values):
            t = tf.make_tensor_proto(np.asarray(value).astype(kind))
            a["tensor_%s_%d" % (np.dtype(kind).name, k)].tensor.CopyFrom(t)
    a["tensor_string"].tensor.CopyFrom(tf.make_tensor_proto([b"a", b"", b"\x00\xff"]))
    d = a["tensor_doubles"].tensor
    d.dtype = types_pb2.DT_DOUBLE
    d.double_val.extend([0.1, 1 / 3, 1e100, 5e-324, 2.5, float("inf")])
    f = g.library.function.add()
    f.signature.name = "f"
    f.signature.input_arg.add(name="x", type_attr="T")
    f.signature.attr.add(name="T", type="type").default_value.type = types_pb2.DT_FLOAT
    f.node_def.add(name="n", op="Neg", input=["x"])
    f.ret["y"] = "n:y:0"
    f.arg_attr[1].attr["_output_shapes"].list.shape.add().dim.add(size=2)
    g.library.gradient.add(function_name="f", gradient_func="f_grad")
    return g


with tf.Graph().as_default() as graph:
    saver = batch_norm_net()
    built = graph.as_graph_def()
    write("batch_norm.meta", tf.train.export_meta_graph(
        saver_def=saver.as_saver_def(), strip_default_attrs=False).SerializeToString(deterministic=True))
with tf.Graph().as_default() as graph:  # imported once, so that the nodes are in the order that importing gives
    tf.import_graph_def(built, name="")
    write_both("batch_norm", ".pb", graph.as_graph_def(add_shapes=True))
with tf.Graph().as_default() as graph:
    moving_nets()
    meta = tf.train.export_meta_graph(strip_default_attrs=True)
    meta.meta_info_def.ClearField("stripped_op_list")
    write("moving.meta", meta.SerializeToString(deterministic=True))
write_both("every_value", ".pb", every_value())
state = tf.train.generate_checkpoint_state_proto(
    "/tmp/a b", "model.ckpt-20", all_model_checkpoint_paths=["model.ckpt-10", "model.ckpt-20"],
    all_model_checkpoint_timestamps=[1700000000.25, 1700000001.5], last_preserved_timestamp=1700000000.125)
write("checkpoint", text_format.MessageToString(state).encode())
