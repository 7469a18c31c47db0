# SPDX-License-Identifier: Apache-2.0
"""Rewrites a graph of TensorFlow 2.12 where the graphs that we build keep the form of 1.15.

There is one such place. tf.layers' fused batch norm in training is given the moving mean and variance, which
it ignores; 1.15 refuses that and wants two empty constants. They are created right before the op in its name
scope, so that later constants of that scope move on by two, and nodes that only fetched the ignored inputs go.
"""
import re

import numpy as np
import tensorflow.compat.v1 as tf


def _ignores_statistics(node):
    return node.op == "FusedBatchNormV3" and node.attr["is_training"].b


def _empty_constant(name, control):
    value = tf.AttrValue(tensor=tf.make_tensor_proto(np.zeros(0, np.float32)))
    return tf.NodeDef(name=name, op="Const", input=control, attr={"dtype": tf.AttrValue(type=1), "value": value})


def _renumber(nodes, scope):
    """Names the constants of `scope` in creation order, wherever they are mentioned."""
    own = [n for n in nodes if re.fullmatch(re.escape(scope) + r"Const(_\w+)?", n.name)]
    new = {n.name: f"{scope}Const" + (f"_{i}" if i else "") for i, n in enumerate(own)}
    for node in nodes:
        node.name = new.get(node.name, node.name)
        for i, name in enumerate(node.input):
            mark, bare = ("^", name[1:]) if name.startswith("^") else ("", name)
            node.input[i] = mark + new.get(bare, bare)


def _fetchers(fused, by_name):
    """The nodes in the op's own scope (reads, switches of a cond) that bring it the moving statistics."""
    found = []
    for name in fused.input[3:5]:
        node = by_name[name.split(":")[0]]
        while node.name.startswith(fused.name + "/"):
            found.append(node)
            node = by_name[node.input[0].split(":")[0]]
    return found


def nodes_as_1_15(graph_def):
    """The nodes of `graph_def` (which is changed) in the order of their creation."""
    nodes = list(graph_def.node)
    by_name = {n.name: n for n in nodes}
    for fused in [n for n in nodes if _ignores_statistics(n)]:
        if by_name[fused.input[3].split(":")[0]].op == "Const":
            continue  # tf.nn.fused_batch_norm makes them itself
        fetchers = _fetchers(fused, by_name)
        pivots = {"^" + n.input[1].replace("pred_id", "switch_t") for n in fetchers if n.op == "Switch"}
        scope = fused.name[: fused.name.rindex("/") + 1]
        empty = [_empty_constant(f"{scope}Const_new{k}", pivots) for k in range(2)]
        fused.input[3:5] = [n.name for n in empty]
        at = nodes.index(fused)
        nodes = [n for n in nodes[:at] + empty + nodes[at:] if n not in fetchers]
        _renumber(nodes, scope)
    return nodes
