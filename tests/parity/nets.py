# SPDX-License-Identifier: Apache-2.0
"""The networks that both sides train. Each builds, in the default graph, the tensors images, labels, is_training unless
static, loss, and the operation train; it may return the saver to take. export_cases.c builds `mlp` and `slim_mlp` too,
line by line."""
import tensorflow.compat.v1 as tf
import tf_slim as slim


def optimizers():
    train = tf.train
    return {
        "sgd": lambda: train.GradientDescentOptimizer(0.5),
        "momentum": lambda: train.MomentumOptimizer(0.1, 0.9),
        "nesterov": lambda: train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
        "adam": lambda: train.AdamOptimizer(),
        "rmsprop": lambda: train.RMSPropOptimizer(0.01, momentum=0.5),
        "rmsprop_centered": lambda: train.RMSPropOptimizer(0.01, centered=True),
        "adagrad": lambda: train.AdagradOptimizer(0.1),
    }


def inputs(static=False, dtype=tf.float32):
    """images, labels, training."""
    tf.set_random_seed(42)
    images = tf.placeholder(dtype, [None, 64], name="images")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    return images, labels, True if static else tf.placeholder(tf.bool, [], name="is_training")


def update_ops():
    return tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS))


def finish(h, labels, optimizer):
    """The last layer, the loss and the train op."""
    logits = tf.identity(tf.layers.dense(h, 10), name="logits")
    loss = tf.identity(tf.losses.sparse_softmax_cross_entropy(labels, logits), name="loss")
    with update_ops():
        optimizer.minimize(loss, name="train")


def layer(h, units, fused, training):
    """Dense, batch norm, sigmoid; the fused batch norm wants rank 4."""
    h = tf.layers.dense(h, units)
    if fused:
        h = tf.reshape(h, [-1, 1, 1, units])
    h = tf.layers.batch_normalization(h, training=training, momentum=0.9)
    if fused:
        h = tf.reshape(h, [-1, units])
    return tf.sigmoid(h)


def mlp(optimizer, fused=False, static=False, resource=False):
    images, labels, training = inputs(static)
    with tf.variable_scope(tf.get_variable_scope(), use_resource=resource):
        h = layer(images, 20, fused, training)
        h = layer(h, 20, fused, training)
        finish(h, labels, optimizer)


def slim_mlp(**options):
    """slim.batch_norm with scale and the given options."""
    images, labels, training = inputs()
    h = images
    for _ in range(2):
        h = tf.layers.dense(h, 20, use_bias=False)
        h = slim.batch_norm(h, decay=0.9, scale=True, is_training=training, activation_fn=tf.nn.relu, **options)
    finish(h, labels, tf.train.MomentumOptimizer(0.1, 0.9))


def slim_branches(fused):
    """One call in each branch of a cond, the second one with reuse."""
    images, labels, training = inputs()
    h = tf.layers.dense(images, 20, use_bias=False)
    both = dict(decay=0.9, scope="bn", updates_collections=None, fused=fused)
    h = tf.cond(training, lambda: slim.batch_norm(h, is_training=True, **both),
                lambda: slim.batch_norm(h, is_training=False, reuse=True, **both))
    finish(tf.tanh(h), labels, tf.train.GradientDescentOptimizer(0.5))


def norm(h, training, **options):
    return tf.layers.batch_normalization(h, training=training, momentum=0.9, **options)


def schedule(saver=None):
    """A decaying rate, clipped gradients, and averages of the weights, which `saver` keeps under their own names or
    under those of the variables."""
    images, labels, training = inputs()
    h = tf.nn.relu(norm(tf.layers.dense(images, 20, use_bias=False), training))
    logits = tf.layers.dense(h, 10)
    loss = tf.identity(tf.losses.sparse_softmax_cross_entropy(labels, logits), name="loss")
    step = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.1, step, 5, 0.9, staircase=True)
    optimizer = tf.train.RMSPropOptimizer(tf.minimum(rate, tf.train.piecewise_constant(step, [8], [1.0, 0.01])))
    pairs = optimizer.compute_gradients(loss)
    clipped, _ = tf.clip_by_global_norm([gradient for gradient, _ in pairs], 0.5)
    averages = tf.train.ExponentialMovingAverage(0.9, num_updates=step)
    with update_ops():
        apply = optimizer.apply_gradients(zip(clipped, tf.trainable_variables()), global_step=step)
    with tf.control_dependencies([apply]):
        tf.group(averages.apply(tf.trainable_variables()), name="train")
    return saver() if saver else None


def regularized():
    """Regularizers, weights of examples, smoothed one-hot labels, the total of all losses; accuracy in local variables."""
    images, labels, training = inputs()
    l2 = tf.keras.regularizers.l2(0.01)
    h = tf.layers.dense(images, 20, kernel_regularizer=l2, activity_regularizer=l2)
    h = tf.nn.leaky_relu(norm(h, training, gamma_regularizer=slim.l2_regularizer(0.1)))
    logits = tf.layers.dense(h, 10, bias_initializer=tf.random_normal_initializer(stddev=0.1))
    weights = 1.0 + tf.cast(labels % 3, tf.float32)
    tf.losses.softmax_cross_entropy(tf.one_hot(labels, 10), logits, weights, label_smoothing=0.1)
    loss = tf.losses.get_total_loss(name="loss")
    accuracy = tf.metrics.accuracy(labels, tf.argmax(logits, 1))
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS) + [accuracy[1]]):
        tf.train.AdagradOptimizer(0.1).minimize(loss, name="train")


def dropout():
    images, labels, training = inputs()
    h = tf.layers.dropout(images, 0.2, training=training)
    h = tf.nn.relu6(norm(tf.layers.dense(h, 20, use_bias=False), training))
    h = tf.layers.dropout(h, 0.5, training=training)
    finish(h, labels, tf.train.MomentumOptimizer(0.1, 0.9))


def axes(fused):
    """Channels first, rank 3, several axes, a frozen layer."""
    images, labels, training = inputs()
    h = norm(tf.reshape(images, [-1, 4, 4, 4]), training, axis=1, fused=fused)
    h = norm(tf.reshape(tf.nn.elu(h), [-1, 8, 8]), training, axis=1)
    h = norm(tf.reshape(tf.nn.softplus(h), [-1, 4, 4, 4]), training, axis=[1, 3], center=False)
    h = norm(tf.nn.selu(h), True, trainable=False)
    finish(tf.layers.flatten(h), labels, tf.train.GradientDescentOptimizer(0.1))


def float64():
    images, labels, training = inputs(dtype=tf.float64)
    h = norm(tf.layers.dense(images, 20, use_bias=False), training)
    finish(tf.sigmoid(h), labels, tf.train.AdamOptimizer())


def half(dtype, fused):
    """Batch norm of numbers with few digits, its parameters and all else in float32."""
    images, labels, training = inputs()
    h = tf.cast(tf.layers.dense(images, 20, use_bias=False), dtype)
    h = tf.reshape(norm(tf.reshape(h, [-1, 1, 1, 20]), training, fused=fused), [-1, 20])
    finish(tf.sigmoid(tf.cast(h, tf.float32)), labels, tf.train.GradientDescentOptimizer(0.1))


def pictures(images):
    return tf.reshape(images, [-1, 8, 8, 1])


def cnn(fused):
    """tf.layers: convolutions, batch norm, both kinds of pooling. The largest elements are those of the images: where
    rounding decides which of two is larger, or on which side of a ReLU's corner a number lies, TensorFlow differs from
    itself after a few steps."""
    images, labels, training = inputs()
    h = tf.layers.max_pooling2d(pictures(images), 2, 1)
    h = tf.layers.conv2d(h, 8, 3, padding="same", activation=tf.nn.softplus)
    h = tf.layers.conv2d(norm(h, training, fused=fused), 16, 3, strides=2, activation=tf.nn.softplus,
                         kernel_regularizer=tf.keras.regularizers.l2(0.01))
    h = norm(tf.layers.average_pooling2d(h, 2, 1, padding="same"), training, fused=fused)
    finish(tf.layers.flatten(h), labels, tf.train.GradientDescentOptimizer(0.1))


def mobile():
    """Depthwise separable convolutions, dilated and transposed ones."""
    images, labels, training = inputs()
    h = tf.layers.separable_conv2d(pictures(images), 8, 3, padding="same", use_bias=False, depth_multiplier=4)
    h = tf.nn.softplus(norm(h, training))
    h = tf.layers.separable_conv2d(h, 8, 3, strides=2, padding="same", use_bias=False)
    h = tf.nn.softplus(norm(h, training))
    h = tf.layers.conv2d(h, 8, 3, dilation_rate=2, padding="same", activation=tf.nn.tanh)
    h = tf.layers.conv2d_transpose(h, 4, 3, strides=2, padding="same")
    finish(tf.layers.flatten(tf.layers.average_pooling2d(h, 4, 4)), labels, tf.train.AdamOptimizer())


def slim_resnet():
    """Residual blocks with slim's arg_scope, as its resnet_v1 has them, but smooth."""
    images, labels, training = inputs()
    with slim.arg_scope([slim.conv2d], normalizer_fn=slim.batch_norm, weights_regularizer=slim.l2_regularizer(0.001),
                        weights_initializer=slim.variance_scaling_initializer(), activation_fn=tf.nn.softplus):
        with slim.arg_scope([slim.batch_norm], is_training=training, decay=0.9, scale=True, epsilon=1e-4):
            h = slim.conv2d(pictures(images), 8, 3, scope="root")
            for i, depth in enumerate((8, 16)):
                with tf.variable_scope(f"block{i}"):
                    shortcut = h
                    if i > 0:
                        shortcut = slim.conv2d(h, depth, 1, stride=2, activation_fn=None, scope="shortcut")
                    r = slim.conv2d(h, depth, 3, stride=1 + (i > 0), scope="conv1")
                    r = slim.conv2d(r, depth, 3, activation_fn=None, scope="conv2")
                    h = tf.nn.softplus(shortcut + r)
            h = slim.avg_pool2d(h, 2, scope="pool")
    logits = tf.identity(slim.fully_connected(slim.flatten(h), 10, activation_fn=None), name="logits")
    tf.losses.sparse_softmax_cross_entropy(labels, logits)
    loss = tf.losses.get_total_loss(name="loss")
    with update_ops():
        tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss, name="train")


def after(steps, build):
    """Compared after so many steps instead of 20: later, a number near the corner of a ReLU lies on the other side."""
    build.steps = steps
    return build


def slim_nets(version, dilated=False):
    """tf_slim.nets' own residual networks, with small blocks."""
    from tf_slim.nets import resnet_utils, resnet_v1, resnet_v2
    images, labels, training = inputs()
    module = {1: resnet_v1, 2: resnet_v2}[version]
    block = getattr(module, f"resnet_v{version}_block")
    blocks = [block("block1", 2, 2, 2), block("block2", 4, 2, 1)]
    with slim.arg_scope(resnet_utils.resnet_arg_scope(batch_norm_decay=0.9)):
        logits, _ = getattr(module, f"resnet_v{version}")(
            tf.reshape(images, [-1, 4, 4, 4]), blocks, 10, is_training=training, include_root_block=False,
            output_stride=1 if dilated else None)
    logits = tf.squeeze(logits, [1, 2])
    tf.losses.sparse_softmax_cross_entropy(labels, logits)
    loss = tf.losses.get_total_loss(name="loss")
    with update_ops():
        tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss, name="train")


def image_ops():
    """Borders, resizing, local response normalization, channels first."""
    images, labels, training = inputs()
    h = tf.pad(pictures(images), [[0, 0], [1, 2], [2, 1], [0, 0]], mode="REFLECT")
    h = tf.nn.lrn(tf.layers.conv2d(h, 6, 3, activation=tf.nn.softplus), depth_radius=2, alpha=0.1)
    h = norm(tf.image.resize_bilinear(h, [7, 5]), training)
    h = tf.image.resize_nearest_neighbor(tf.nn.elu(h), [4, 10], align_corners=True)
    h = tf.space_to_depth(tf.pad(h, [[0, 0], [0, 0], [1, 1], [0, 0]], mode="SYMMETRIC"), 2)
    h = tf.transpose(tf.layers.conv1d(tf.reshape(h, [-1, 12, 24]), 8, 3, padding="same", use_bias=False), [0, 2, 1])
    h = norm(tf.reshape(h, [-1, 8, 3, 4]), training, axis=1)
    finish(tf.layers.flatten(h), labels, tf.train.GradientDescentOptimizer(0.1))


def bands():
    """Bands of diagonals taken out of matrices, normalized, and made into matrices of their own; one that is replaced.
    (TensorFlow replaces several only where all sizes are known.)"""
    images, labels, training = inputs()
    h = tf.reshape(tf.layers.dense(images, 24), [-1, 4, 6])
    band = tf.sigmoid(norm(tf.linalg.diag_part(h, k=(-1, 2), padding_value=0.5), training))
    h = tf.linalg.set_diag(h, tf.reduce_mean(band, 2), k=2)
    made = [tf.linalg.diag(band, k=(-1, 2), num_rows=4, num_cols=6),
            tf.linalg.diag(band, k=(-2, 1), align="LEFT_RIGHT", padding_value=0.25)]
    h = tf.concat([tf.layers.flatten(m) for m in [h, *made]], 1)
    finish(h, labels, tf.train.MomentumOptimizer(0.1, 0.9))


def no_updates_outside(h, labels, optimizer):
    """As finish; the updates run in the loop."""
    logits = tf.identity(tf.layers.dense(h, 10), name="logits")
    loss = tf.identity(tf.losses.sparse_softmax_cross_entropy(labels, logits), name="loss")
    optimizer.minimize(loss, name="train")


def loop_norm():
    """A layer with batch norm that is applied three times, in a loop."""
    images, labels, training = inputs()

    def body(i, h):
        h = norm(tf.layers.dense(h, 20, use_bias=False, name="fc"), training, name="bn")
        with update_ops():
            return i + 1, tf.sigmoid(h)

    h = tf.layers.dense(images, 20)
    _, h = tf.while_loop(lambda i, h: i < 3, body, [0, h])
    no_updates_outside(h, labels, tf.train.MomentumOptimizer(0.1, 0.9))


def table(units, rows=10):
    """Two rows are never looked up: images are 8 pixels wide."""
    return tf.get_variable("table", [rows, units], initializer=tf.random_normal_initializer(stddev=0.5))


def brightest(images, dtype=tf.int64):
    """Of each row of an image, the number of its brightest pixel."""
    return tf.argmax(tf.reshape(images, [-1, 8, 8]), 2, output_type=dtype)


def embedded(optimizer, resource=False):
    """Rows of a table, looked up, each many times."""
    images, labels, training = inputs()
    with tf.variable_scope(tf.get_variable_scope(), use_resource=resource):
        h = tf.nn.embedding_lookup(table(6), brightest(images))
        h = tf.layers.dense(tf.reshape(h, [-1, 48]), 20, use_bias=False)
        finish(tf.sigmoid(norm(h, training)), labels, optimizer)


def embedded_twice(penalty):
    """A table that is read by rows in two ways, its gradient clipped with the others; and, with a penalty, as a whole."""
    images, labels, training = inputs()
    rows = table(6)
    parts = [tf.nn.embedding_lookup(rows, brightest(images), max_norm=1.0),
             tf.gather_nd(rows, tf.reshape(brightest(-images, tf.int32), [-1, 1]))]
    h = tf.concat([tf.reshape(p, [-1, 48]) for p in parts], 1)
    logits = tf.layers.dense(norm(tf.layers.dense(h, 20, use_bias=False), training), 10)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    if penalty:
        loss += 0.01 * tf.nn.l2_loss(rows)
    loss = tf.identity(loss, name="loss")
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
    gradients, variables = zip(*optimizer.compute_gradients(loss))
    clipped, _ = tf.clip_by_global_norm(gradients, 0.5)
    with update_ops():
        optimizer.apply_gradients(zip(clipped, variables), name="train")


def embedded_in_loop(resource):
    """A row of the table in each iteration."""
    images, labels, _ = inputs()
    ids = tf.transpose(brightest(images))
    with tf.variable_scope(tf.get_variable_scope(), use_resource=resource):
        rows = table(6)

        def body(i, h):
            return i + 1, tf.tanh(0.5 * h + tf.nn.embedding_lookup(rows, tf.gather(ids, i)))

        _, h = tf.while_loop(lambda i, h: i < 8, body, [0, tf.layers.dense(images, 6)])
        no_updates_outside(h, labels, tf.train.MomentumOptimizer(0.1, 0.9))


def static_lstm():
    images, labels, training = inputs()
    steps = tf.split(images, 4, 1)
    _, state = tf.nn.static_rnn(tf.nn.rnn_cell.BasicLSTMCell(20), steps, dtype=tf.float32)
    finish(norm(state.h, training), labels, tf.train.MomentumOptimizer(0.1, 0.9))


def dynamic_rnn(cell, lengths):
    images, labels, training = inputs()
    lengths = tf.cast(labels % 8, tf.int32) if lengths else None
    outputs, state = tf.nn.dynamic_rnn(cell(20), tf.reshape(images, [-1, 8, 8]), lengths, dtype=tf.float32)
    h = tf.concat([tf.reduce_mean(outputs, 1), state.c if isinstance(state, tuple) else state], 1)
    finish(norm(h, training), labels, tf.train.AdamOptimizer())


def cases():
    """Name to builder."""
    found = {
        f"{name}_{'fused' if fused else 'plain'}_{'static' if static else 'fed'}{'_resource' if resource else ''}":
            lambda make=make, flags=(fused, static, resource): mlp(make(), *flags)
        for name, make in optimizers().items() for resource in (False, True)
        for fused in (False, True) for static in (False, True)
    }
    found |= {f"{name}_hundred_steps": lambda make=make: mlp(make()) for name, make in optimizers().items()}
    found |= {f"embedded_{name}{'_resource' if resource else ''}":
              lambda make=make, resource=resource: embedded(make(), resource)
              for name, make in optimizers().items() for resource in (False, True)}
    averages = tf.train.ExponentialMovingAverage(0.9)
    return found | {
        "slim": slim_mlp,
        "slim_plain": lambda: slim_mlp(fused=False),
        "slim_in_place": lambda: slim_mlp(updates_collections=None),
        "slim_in_place_plain": lambda: slim_mlp(updates_collections=None, fused=False),
        "slim_branches": lambda: slim_branches(True),
        "slim_branches_plain": lambda: slim_branches(False),
        "schedule": schedule,
        "saver_sharded": lambda: schedule(lambda: tf.train.Saver(sharded=True)),
        "saver_renaming": lambda: schedule(lambda: tf.train.Saver(averages.variables_to_restore())),
        "regularized": regularized,
        "dropout": dropout,
        "axes_fused": lambda: axes(True),
        "axes_plain": lambda: axes(False),
        "float64": float64,
        "cnn_fused": lambda: cnn(True),
        "cnn_plain": lambda: cnn(False),
        "mobile": mobile,
        "slim_resnet": slim_resnet,
        "slim_nets_resnet_v1": after(2, lambda: slim_nets(1)),
        "slim_nets_resnet_v2": after(2, lambda: slim_nets(2)),
        "slim_nets_dilated": after(2, lambda: slim_nets(2, dilated=True)),
        "image_ops": image_ops,
        "bands": bands,
        "float16_fused": lambda: half(tf.float16, True),
        "float16_plain": lambda: half(tf.float16, False),
        "bfloat16_plain": lambda: half(tf.bfloat16, False),
        "embedded_twice": lambda: embedded_twice(False),
        "embedded_and_whole": lambda: embedded_twice(True),
        "embedded_in_loop": lambda: embedded_in_loop(False),
        "embedded_in_loop_resource": lambda: embedded_in_loop(True),
        "loop_norm": loop_norm,
        "static_lstm": static_lstm,
        "dynamic_lstm": lambda: dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell, False),
        "dynamic_lstm_lengths": lambda: dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell, True),
        "dynamic_gru": lambda: dynamic_rnn(tf.nn.rnn_cell.GRUCell, False),
        "dynamic_gru_lengths": lambda: dynamic_rnn(tf.nn.rnn_cell.GRUCell, True),
    }
