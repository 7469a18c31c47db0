# SPDX-License-Identifier: Apache-2.0
"""tf.nn.static_rnn, tf.nn.dynamic_rnn and their cells."""
import tensorflow.compat.v1 as tf

from . import case

cells = tf.nn.rnn_cell


def batch(*shape):
    return tf.placeholder(tf.float32, list(shape), name="x")


def lengths():
    return tf.placeholder(tf.int32, [None], name="lengths")


@case
def rnn_static_lstm():
    x = batch(None, 3)
    tf.nn.static_rnn(cells.BasicLSTMCell(4), [x, x], dtype=tf.float32)


@case
def rnn_static_gru():
    x = batch(2, 3)
    tf.nn.static_rnn(cells.GRUCell(4), [x, x], dtype=tf.float32)


@case
def rnn_dynamic_lstm():
    tf.nn.dynamic_rnn(cells.BasicLSTMCell(4), batch(None, None, 3), dtype=tf.float32)


@case
def rnn_dynamic_gru_lengths():
    tf.nn.dynamic_rnn(cells.GRUCell(4), batch(None, 5, 3), sequence_length=lengths(), dtype=tf.float32)


@case
def rnn_dynamic_time_major():
    x = batch(5, 2, 3)
    state = tf.placeholder(tf.float32, [2, 4], name="state")
    n = tf.placeholder(tf.int64, [2], name="lengths")
    y, _ = tf.nn.dynamic_rnn(cells.BasicRNNCell(4), x, sequence_length=n, initial_state=state, time_major=True,
                             swap_memory=True, parallel_iterations=3, scope="net")
    tf.gradients(tf.reduce_sum(y), [state])


@case
def rnn_dynamic_train():
    y, state = tf.nn.dynamic_rnn(cells.BasicLSTMCell(4), batch(None, None, 3), sequence_length=lengths(),
                                 dtype=tf.float32)
    loss = tf.reduce_mean(tf.square(y)) + tf.reduce_mean(tf.square(state.c))
    tf.train.GradientDescentOptimizer(0.1).minimize(loss)
