# SPDX-License-Identifier: Apache-2.0
"""onnxruntime, which infers only, with the channels first."""

import onnx
import onnxruntime

import data


def version(mode):
    return f"onnxruntime {onnxruntime.__version__} {mode}"


def prepare(job, mode, threads):
    if job["job"] != "kernel" or job["kernel"] != "forward-infer" or job["layout"] != "nchw":
        return None
    n, pixels, channels = data.sizes(job)
    x, _, *parameters = data.tensors(job)
    x = x.transpose(0, 2, 1).copy()
    names = ["scale", "offset", "mean", "variance"]
    node = onnx.helper.make_node("BatchNormalization", ["x"] + names, ["y"], epsilon=data.EPSILON)
    values = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [n, channels, pixels]) for name in "xy"]
    constants = [onnx.numpy_helper.from_array(array, name) for array, name in zip(parameters, names)]
    graph = onnx.helper.make_graph([node], "batch_norm", values[:1], values[1:], constants)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 15)], ir_version=8)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()  # without copies
    binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(x))
    binding.bind_ortvalue_output("y", onnxruntime.OrtValue.ortvalue_from_shape_and_type(list(x.shape), x.dtype))

    def calls(count):
        for _ in range(count):
            session.run_with_iobinding(binding)

    return data.Racer(calls, lambda: [binding.copy_outputs_to_cpu()[0].transpose(0, 2, 1)])
