# SPDX-License-Identifier: Apache-2.0
"""tf_slim.batch_norm, the contrib API: fused body (A), tf.layers' layer (B), legacy body (C)."""
import tensorflow.compat.v1 as tf
import tf_slim as slim

from . import case
from .layers import batch, flag


def norm(x, scope="bn", **kwargs):
    """Short names keep the goldens small; slim_names has the default ones."""
    return slim.batch_norm(x, scope=scope, **kwargs)


@case
def slim_a_rank2_train():
    norm(batch(3))


@case
def slim_a_rank2_infer():
    norm(batch(3), is_training=False, scale=True)


@case
def slim_a_rank2_flag():
    norm(batch(3), is_training=flag(), decay=0.9)


@case
def slim_a_rank2_in_place():
    norm(batch(3), updates_collections=None, scale=True)


@case
def slim_a_rank2_in_place_flag():
    norm(batch(3), updates_collections=None, is_training=flag())


@case
def slim_a_rank4_own_collection():
    norm(batch(2, 2, 3), updates_collections="mine", activation_fn=tf.nn.relu)


@case
def slim_a_rank4_nchw():
    norm(batch(3, 2, 2), updates_collections=None, data_format="NCHW", center=False)


@case
def slim_b_rank4_train():
    norm(batch(2, 2, 3))


@case
def slim_b_rank4_flag():
    norm(batch(2, 2, 3), is_training=flag(), scale=True)


@case
def slim_b_rank2_unfused():
    norm(batch(3), fused=False, scale=True, activation_fn=tf.sigmoid)


@case
def slim_b_rank2_unfused_flag():
    norm(batch(3), fused=False, is_training=flag())


@case
def slim_b_rank3():
    norm(batch(4, 3))
    norm(batch(3, 4, name="y"), scope="bn2", data_format="NCHW", is_training=False)


@case
def slim_c_in_place():
    norm(batch(3), fused=False, updates_collections=None, scale=True)


@case
def slim_c_in_place_flag():
    norm(batch(4, 3), updates_collections=None, is_training=flag())


@case
def slim_c_own_collection():
    norm(batch(3), fused=False, updates_collections="mine")
    norm(batch(3, name="y"), scope="bn2", fused=False, updates_collections=["mine", "yours"], is_training=flag())


@case
def slim_c_nchw():
    norm(batch(3, 2, 2), fused=False, updates_collections=None, data_format="NCHW")


@case
def slim_reuse():
    norm(batch(3))
    norm(batch(3, name="y"), reuse=True)
    norm(batch(3, name="z"), reuse=True, is_training=False)


@case
def slim_names():
    slim.batch_norm(batch(3), is_training=False)
    slim.batch_norm(batch(3, name="y"), is_training=False)
    with tf.variable_scope("s"):
        slim.batch_norm(batch(3, name="z"), is_training=False)


@case
def slim_collections():
    norm(batch(3), variables_collections=["vars"], outputs_collections="outs", trainable=False,
                    param_initializers={"beta": tf.constant_initializer(0.5)},
                    param_regularizers={"beta": tf.nn.l2_loss})
    norm(batch(2, 2, 3, name="y"), scope="bn2", variables_collections={"beta": ["betas"]}, trainable=False)


@case
def slim_two_branches():
    """The classic form: one call per branch of a cond, the second one with reuse."""
    x = batch(3)
    training = flag()
    tf.cond(training,
            lambda: norm(x, is_training=True, updates_collections=None),
            lambda: norm(x, is_training=False, updates_collections=None, reuse=True))


@case
def slim_two_branches_unfused():
    x = batch(3)
    training = flag()
    y = tf.cond(training,
                lambda: norm(x, is_training=True, updates_collections=None, fused=False),
                lambda: norm(x, is_training=False, updates_collections=None, fused=False,
                                        reuse=True))
    tf.gradients(y, tf.trainable_variables())
