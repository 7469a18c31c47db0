# SPDX-License-Identifier: Apache-2.0
"""tf.nn.static_rnn and its cells."""
import tensorflow.compat.v1 as tf

from . import case


@case
def rnn_static_lstm():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    tf.nn.static_rnn(tf.nn.rnn_cell.BasicLSTMCell(4), [x, x], dtype=tf.float32)


@case
def rnn_static_gru():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    tf.nn.static_rnn(tf.nn.rnn_cell.GRUCell(4), [x, x], dtype=tf.float32)
