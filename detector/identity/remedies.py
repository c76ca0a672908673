"""What a user can do about a model file of a kind that is known and not looked into."""

_CONVERT = "convert the network it was made from to ONNX, and have that looked at"
_TF2ONNX = "convert it to ONNX (python -m tf2onnx.convert"
_NAMES = {
    "saved_model": "TensorFlow SavedModel",
    "coreml": "Core ML",
    "caffe": "Caffe",
    "pt2": "torch.export",
    "gguf": "GGUF",
    "tensorrt": "TensorRT",
    "rknn": "RKNN",
    "ncnn": "ncnn",
    "mxnet": "MXNet",
    "paddle": "Paddle",
}
_REMEDIES = {
    "saved_model": f"{_TF2ONNX} --saved-model FOLDER), and have that looked at",
    "pt2": "convert it to ONNX (torch.onnx.export of what torch.export.load gives), and have that looked at",
    "paddle": "convert it to ONNX (paddle2onnx), and have that looked at",
    "gguf": "it is told by its hash alone; such files mostly hold language models",
}


def unopened(kind: str) -> str:
    """That a file of this format is not looked into, and what to do."""
    return f"a model file of {_NAMES.get(kind, kind)}, not looked into: {_REMEDIES.get(kind, _CONVERT)}"
