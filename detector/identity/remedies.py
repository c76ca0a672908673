"""What a user can do about a model file of a kind that is known and not looked into."""

_CONVERT = "convert the network it was made from to ONNX, and have that looked at"
_NAMES = {
    "espresso": "Core ML's compiler",
    "gguf": "GGUF",
    "tensorrt": "TensorRT",
    "rknn": "RKNN",
    "mxnet": "MXNet",
}
_REMEDIES = {
    "gguf": "it is told by its hash alone; such files mostly hold language models",
}


def unopened(kind: str) -> str:
    """That a file of this format is not looked into, and what to do."""
    return f"a model file of {_NAMES.get(kind, kind)}, not looked into: {_REMEDIES.get(kind, _CONVERT)}"
