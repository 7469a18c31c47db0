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


@case
def rnn_multi():
    multi = cells.MultiRNNCell([cells.BasicLSTMCell(4), cells.GRUCell(2)])
    x = batch(2, 3)
    tf.nn.static_rnn(multi, [x, x], dtype=tf.float32)
    stack = cells.MultiRNNCell([cells.BasicRNNCell(3), cells.BasicRNNCell(3)])
    tf.nn.dynamic_rnn(stack, tf.placeholder(tf.float32, [None, 4, 3], name="y"), dtype=tf.float32, scope="loop")


@case
def rnn_lstm_cell():
    x = batch(2, 3)
    plain = cells.LSTMCell(4, initializer=tf.ones_initializer())
    tf.nn.static_rnn(plain, [x], dtype=tf.float32, scope="plain")
    full = cells.LSTMCell(4, use_peepholes=True, cell_clip=3.0, num_proj=2, proj_clip=0.5, forget_bias=0.5)
    tf.nn.static_rnn(full, [x], dtype=tf.float32, scope="full")


@case
def rnn_bidirectional():
    x = batch(None, 5, 3)
    tf.nn.bidirectional_dynamic_rnn(cells.BasicRNNCell(2), cells.BasicRNNCell(4), x, sequence_length=lengths(),
                                    dtype=tf.float32)
    tf.nn.bidirectional_dynamic_rnn(cells.BasicRNNCell(2), cells.BasicRNNCell(2), x, dtype=tf.float32, time_major=True,
                                    scope="both")
