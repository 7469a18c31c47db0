# SPDX-License-Identifier: Apache-2.0
"""A TensorFlow graph as text, one node a line. tests/golden/README.md defines the form."""
import os
import re
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

import tf_1_15  # noqa: E402

MAX_VALUES = 16  # a constant with more elements is shortened

# Attributes that are not shown when they have this value, so that the text stays short.
INT32_WHEN_ABSENT = ("Index", "Tdim", "Tidx", "Tmultiples", "Tperm", "Tshape", "index_type", "out_type")
WHEN_ABSENT = {"T": "float32", "container": 's:""', "shared_name": 's:""', **dict.fromkeys(INT32_WHEN_ABSENT, "int32")}

# What TensorFlow 2.12 writes and 1.15 does not know; None stands for every op type.
NEW_ATTRS = {
    "_has_manual_control_dependencies": None,
    "allow_missing_files": ("MergeV2Checkpoints",),
    "allowed_devices": ("VarHandleOp",),
    "exponential_avg_factor": ("FusedBatchNormV3",),
    "validate_shape": ("AssignVariableOp",),
    "explicit_paddings": ("MaxPool", "MaxPoolGrad", "DepthwiseConv2dNative",
                          "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"),
}

INITIALIZER = re.compile(
    r"(?P<name>\S+)/Initializer/(?P<init>\w+) Const\(\) {_class=@(?P<node>\S+) value=tensor:(?P<tensor>\S+)}"
)


def quoted(data):
    """Bytes as a C string literal: printable ASCII as it is, the rest as \\xHH."""
    data = data.encode() if isinstance(data, str) else data
    plain = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n"}
    return '"' + "".join(plain.get(c, chr(c) if 32 <= c < 127 else f"\\x{c:02x}") for c in data) + '"'


def scalar(value, dtype):
    if dtype == tf.string:
        return quoted(value)
    if dtype == tf.bool:
        return "true" if value else "false"
    if dtype == tf.float64:
        return f"{float(value):.17g}"
    return f"{float(value):.9g}" if dtype.is_floating else str(int(value))


def shape_text(proto):
    if proto.unknown_rank:
        return "?"
    return "[" + ",".join("?" if d.size < 0 else str(d.size) for d in proto.dim) + "]"


def tensor_text(proto):
    dtype = tf.as_dtype(proto.dtype)
    flat = tf.make_ndarray(proto).reshape(-1)
    head = f"{dtype.name}{shape_text(proto.tensor_shape)}:"
    if flat.size <= MAX_VALUES or dtype == tf.string:
        return head + ",".join(scalar(v, dtype) for v in flat)
    raw = flat.view(np.uint8).reshape(flat.size, -1)
    if (raw == raw[0]).all():
        return f"{head}all={scalar(flat[0], dtype)}"
    return f"{head}crc32={zlib.crc32(flat.tobytes()):08x}"


def attr_text(value):
    kind = value.WhichOneof("value")
    if kind == "list":
        elements = []
        for field, values in value.list.ListFields():
            elements += [attr_text(tf.AttrValue(**{field.name: v})) for v in values]
        return "[" + ",".join(elements) + "]"
    form = {
        "type": lambda v: tf.as_dtype(v).name,
        "b": lambda v: "b:true" if v else "b:false",
        "i": lambda v: f"i:{v}",
        "f": lambda v: f"f:{v:.9g}",
        "s": lambda v: "s:" + quoted(v),
        "shape": lambda v: "shape:" + shape_text(v),
        "tensor": lambda v: "tensor:" + tensor_text(v),
    }[kind]
    return form(getattr(value, kind))


def is_new(attr, op):
    ops = NEW_ATTRS.get(attr, ())
    return ops is None or op in ops


def colocation_text(value):
    """A `_class` attribute, whose strings all are loc:@NODE, as @NODE,@NODE."""
    return ",".join("@" + s.decode().removeprefix("loc:@") for s in value.list.s)


def node_text(node):
    folder = node.name[: node.name.rfind("/") + 1]

    def short(name):  # an input in the node's own folder
        mark, bare = ("^", name[1:]) if name.startswith("^") else ("", name)
        return mark + ("./" + bare[len(folder) :] if folder and bare.startswith(folder) else bare)

    data = [i for i in node.input if not i.startswith("^")]
    control = sorted(i for i in node.input if i.startswith("^"))
    inputs = ", ".join(short(i) for i in data + control)
    attrs = {k: node.attr[k] for k in sorted(node.attr) if not is_new(k, node.op)}
    if node.op == "Const":
        del attrs["dtype"]  # the value tells it
    form = {"_class": colocation_text}
    texts = {k: form.get(k, attr_text)(v) for k, v in attrs.items()}
    shown = " ".join(f"{k}={text}" for k, text in texts.items() if text != WHEN_ABSENT.get(k))
    return f"{node.name} {node.op}({inputs}) {{{shown}}}"


def fold_variables(lines):
    """Writes the four lines of a variable with a constant initializer as one: variable NAME INIT TENSOR [@NODE]."""
    folded, i = [], 0
    while i < len(lines):
        match = INITIALIZER.fullmatch(lines[i])
        short = match and "variable {name} {init} {tensor}".format(**match.groupdict())
        if match and match["node"] != match["name"]:
            short += " @" + match["node"]
        if match and lines[i : i + 4] == unfold_variable(short):
            folded.append(short)
            i += 4
        else:
            folded.append(lines[i])
            i += 1
    return folded


def unfold_variable(line):
    _, name, init, tensor, *node = line.split(" ")
    colocated = f"_class={node[0] if node else '@' + name}"
    dtype, shape = tensor[: tensor.index("[")], tensor[tensor.index("[") : tensor.index("]") + 1]
    kind = "" if dtype == "float32" else f"T={dtype} "
    flags = "use_locking=b:true validate_shape=b:true"
    return [
        f"{name}/Initializer/{init} Const() {{{colocated} value=tensor:{tensor}}}",
        f"{name} VariableV2() {{{colocated} dtype={dtype} shape=shape:{shape}}}",
        f"{name}/Assign Assign({name}, ./Initializer/{init}) {{{kind}{colocated} {flags}}}",
        f"{name}/read Identity({name}) {{{kind}{colocated}}}",
    ]


def collections_text(graph):
    lines = []
    for key in sorted(graph.get_all_collection_keys()):
        items = [getattr(item, "name", None) or str(item) for item in graph.get_collection(key)]
        if items:
            lines.append(f"collection {key}: {' '.join(items)}")
    return lines


def graph_text(graph=None):
    graph = graph or tf.get_default_graph()
    nodes = [node_text(node) for node in tf_1_15.nodes_as_1_15(graph.as_graph_def())]
    return "\n".join(fold_variables(nodes) + collections_text(graph)) + "\n"
