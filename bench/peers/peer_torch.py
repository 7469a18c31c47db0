# SPDX-License-Identifier: Apache-2.0
"""PyTorch; modes: eager, compiled."""

import torch

import data


def version(mode):
    return f"PyTorch {torch.__version__.split('+')[0]} {mode}"


def train_step(job, mode):
    layers, inputs = [], data.PIXELS
    for _ in range(data.LAYERS):
        layers += [torch.nn.Linear(inputs, data.UNITS, bias=False),
                   torch.nn.BatchNorm1d(data.UNITS, eps=data.EPSILON, momentum=1 - data.MOMENTUM), torch.nn.Sigmoid()]
        inputs = data.UNITS
    model = torch.nn.Sequential(*layers, torch.nn.Linear(inputs, data.CLASSES))
    sgd = torch.optim.SGD(model.parameters(), lr=data.LEARNING_RATE, fused=True)
    batches = [(torch.from_numpy(images), torch.from_numpy(labels)) for images, labels in data.batches(job["batch"])]

    def loss_of(images, labels):
        return torch.nn.functional.cross_entropy(model(images), labels)

    timed_loss_of = torch.compile(loss_of) if mode == "compiled" else loss_of

    def calls(n):
        for i in range(n):
            images, labels = batches[i % data.BATCHES]
            sgd.zero_grad(set_to_none=True)
            timed_loss_of(images, labels).backward()
            sgd.step()

    return data.Racer(calls, lambda: loss_of(*batches[0]).item())


def kernel(job, mode):
    if job["layout"] == "nchw16c":
        return None
    n, pixels, channels = data.sizes(job)
    x, dy, scale, offset, mean, variance = (torch.from_numpy(array) for array in data.tensors(job))
    numbers = [int(word) for word in job["shape"].split("x")]

    def lay_out(t):  # [N, C, H, W] to PyTorch, in memory as asked
        if pixels == 1:
            return t.reshape(n, channels)
        last = numbers[-2]
        t = t.reshape(n, pixels // last, last, channels).permute(0, 3, 1, 2)
        return t.contiguous(memory_format=torch.channels_last if job["layout"] == "nhwc" else torch.contiguous_format)

    x, dy = lay_out(x), lay_out(dy)
    is_training, is_forward = data.is_training(job), data.is_forward(job)
    if is_forward:
        def call():
            return torch.nn.functional.batch_norm(x, mean, variance, scale, offset, is_training, 1 - data.MOMENTUM,
                                                  data.EPSILON)
    else:
        with torch.no_grad():
            _, saved_mean, saved_inverse = torch.native_batch_norm(x, scale, offset, mean, variance, is_training,
                                                                   1 - data.MOMENTUM, data.EPSILON)

        def call():
            return torch.ops.aten.native_batch_norm_backward(dy, x, scale, mean, variance, saved_mean, saved_inverse,
                                                             is_training, data.EPSILON, [True, True, True])
    timed_call = torch.compile(call) if mode == "compiled" else call

    def calls(count):
        with torch.no_grad():
            for _ in range(count):
                timed_call()

    def result():
        with torch.no_grad():
            y = timed_call()
        first, *others = [y] if is_forward else y
        first = (first if pixels == 1 else first.permute(0, 2, 3, 1)).reshape(n, pixels, channels)
        return [array.numpy() for array in [first, *others]]

    return data.Racer(calls, result)


def prepare(job, mode, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    torch._dynamo.reset()
    return train_step(job, mode) if job["job"] == "mlp" else kernel(job, mode)
