# SPDX-License-Identifier: Apache-2.0
"""TensorFlow in graph mode; modes: session (a callable of a TF-1 session), function (tf.function), xla (jit-compiled)."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

import data

tf1 = tf.compat.v1


def version(mode):
    return f"TensorFlow {tf.__version__} {mode}"


class Net:
    """The variables of the model and its update, for either way of running it."""

    def __init__(self, resource):
        self.layers, inputs = [], data.PIXELS
        for _ in range(data.LAYERS):
            self.layers.append({"kernel": self.matrix(inputs, data.UNITS, resource),
                                "gamma": self.vector(1.0, resource), "beta": self.vector(0.0, resource),
                                "mean": self.vector(0.0, resource), "variance": self.vector(1.0, resource)})
            inputs = data.UNITS
        self.kernel = self.matrix(inputs, data.CLASSES, resource)
        self.bias = self.vector(0.0, resource, data.CLASSES)

    def variable(self, value, resource):
        return tf.Variable(value) if resource else tf1.Variable(value, use_resource=True)

    def matrix(self, rows, columns, resource):
        limit = (6.0 / (rows + columns)) ** 0.5
        return self.variable(tf.random.uniform([rows, columns], -limit, limit, seed=1), resource)

    def vector(self, value, resource, size=data.UNITS):
        return self.variable(tf.fill([size], value), resource)

    def forward(self, x, labels):
        """The loss and the new moving averages."""
        updates = []
        for layer in self.layers:
            x = tf.matmul(x, layer["kernel"])
            mean, variance = tf.nn.moments(x, [0])
            x = tf.nn.batch_normalization(x, mean, variance, layer["beta"], layer["gamma"], data.EPSILON)
            x = tf.sigmoid(x)
            updates += [(layer["mean"], mean), (layer["variance"], variance)]
        logits = tf.matmul(x, self.kernel) + self.bias
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        return tf.reduce_mean(losses), updates

    def trained(self):
        return [layer[name] for layer in self.layers for name in ("kernel", "gamma", "beta")] + [self.kernel, self.bias]

    def apply(self, gradients, updates):
        ops = [v.assign_sub(data.LEARNING_RATE * g, read_value=False) for v, g in zip(self.trained(), gradients)]
        return ops + [v.assign_sub((v - new) * (1 - data.MOMENTUM), read_value=False) for v, new in updates]


def session_step(job, threads):
    with tf.Graph().as_default():
        net = Net(resource=False)
        images = tf1.placeholder(tf.float32, [job["batch"], data.PIXELS])
        labels = tf1.placeholder(tf.int64, [job["batch"]])
        loss, updates = net.forward(images, labels)
        train = tf.group(*net.apply(tf.gradients(loss, net.trained()), updates))
        config = tf1.ConfigProto(intra_op_parallelism_threads=threads, inter_op_parallelism_threads=threads)
        session = tf1.Session(config=config)
        session.run(tf1.global_variables_initializer())
        step = session.make_callable(train, [images, labels])
    batches = data.batches(job["batch"])

    def calls(n):
        for i in range(n):
            step(*batches[i % data.BATCHES])

    return data.Racer(calls, lambda: session.run(loss, {images: batches[0][0], labels: batches[0][1]}))


def function_step(job, jit):
    net = Net(resource=True)

    @tf.function(jit_compile=jit)
    def step(images, labels):
        with tf.GradientTape() as tape:
            loss, updates = net.forward(images, labels)
        net.apply(tape.gradient(loss, net.trained()), updates)

    batches = [(tf.constant(images), tf.constant(labels)) for images, labels in data.batches(job["batch"])]

    def calls(n):
        for i in range(n):
            step(*batches[i % data.BATCHES])

    return data.Racer(calls, lambda: net.forward(*batches[0])[0].numpy())


def kernel(job, jit):
    if job["layout"] != "nhwc":
        return None  # TensorFlow has the other for graphics cards only
    n, pixels, channels = data.sizes(job)
    x, dy, scale, offset, mean, variance = (tf.constant(array) for array in data.tensors(job))
    x, dy = (tf.reshape(t, [n, pixels, 1, channels]) for t in (x, dy))
    is_training, is_forward = data.is_training(job), data.is_forward(job)
    none = tf.zeros([0])
    _, _, _, saved_1, saved_2, saved_3 = tf.raw_ops.FusedBatchNormV3(
        x=x, scale=scale, offset=offset, mean=none if is_training else mean, variance=none if is_training else variance,
        epsilon=data.EPSILON, is_training=is_training)

    @tf.function(jit_compile=jit)
    def forward(x):
        return tf.raw_ops.FusedBatchNormV3(
            x=x, scale=scale, offset=offset, mean=none if is_training else mean,
            variance=none if is_training else variance, epsilon=data.EPSILON, is_training=is_training)[0]

    @tf.function(jit_compile=jit)
    def backward(x, dy):
        return tf.raw_ops.FusedBatchNormGradV3(
            y_backprop=dy, x=x, scale=scale, reserve_space_1=saved_1 if is_training else mean,
            reserve_space_2=saved_2 if is_training else variance, reserve_space_3=saved_3, epsilon=data.EPSILON,
            is_training=is_training)[:3]

    def calls(count):
        for _ in range(count):
            if is_forward:
                forward(x)
            else:
                backward(x, dy)

    def result():
        first, *others = [forward(x)] if is_forward else backward(x, dy)
        return [tf.reshape(first, [n, pixels, channels]).numpy()] + [array.numpy() for array in others]

    return data.Racer(calls, result)


def limit_threads(threads):
    if tf.config.threading.get_intra_op_parallelism_threads() != threads:  # only before the first op
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


def prepare(job, mode, threads):
    limit_threads(threads)
    if mode == "session":
        return session_step(job, threads) if job["job"] == "mlp" else None
    return function_step(job, mode == "xla") if job["job"] == "mlp" else kernel(job, mode == "xla")
