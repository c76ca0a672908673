"""A face recogniser made in code: linear, and really trained."""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportPrivateUsage=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from ....detector.identity import probes
from ....detector.identity.model import Array
from ...material.mixtures import drawn_pose


def linear_recogniser(pictures: int = 80) -> bytes:
    """A linear recogniser of the people in the probes, learned from other pictures of them than those of the probes.

    Args:
        pictures: so many of each are learned from.

    Returns:
        ONNX, from `in`, [1, 3, 112, 112], to `out`.
    """
    mixer = _learn(pictures)
    nodes = [
        helper.make_node("AveragePool", ["in"], ["small"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Flatten", ["small"], ["flat"]),
        helper.make_node("MatMul", ["flat", "mixer"], ["out"]),
    ]
    given = helper.make_tensor_value_info("in", TensorProto.FLOAT, (1, 3, 112, 112))
    answer = helper.make_tensor_value_info("out", TensorProto.FLOAT, (1, mixer.shape[1]))
    graph = helper.make_graph(nodes, "g", [given], [answer], [numpy_helper.from_array(mixer, "mixer")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9).SerializeToString()


def _learn(pictures: int, width: int = 32) -> Array:
    """Ridge regression (Hoerl and Kennard, 1970) of small pictures on one code for each person, none for textures."""
    random = np.random.default_rng(11)
    codes = random.standard_normal((probes.PEOPLE, width))
    codes /= np.linalg.norm(codes, axis=1, keepdims=True)
    rows, wanted = [], []
    for who, face in enumerate(probes.stored_faces()):
        for _ in range(pictures):
            rows.append(_shrink(probes._variant(face, drawn_pose(random), random)))
            wanted.append(codes[who])
    rows += [_shrink(probes._texture(kind, random)) for kind in range(pictures)]
    wanted += [np.zeros(width)] * pictures
    x, y = np.stack(rows), np.stack(wanted)
    weights = np.linalg.solve(x.T @ x + 20 * np.eye(x.shape[1]), x.T @ y)
    return (np.tile(weights, (3, 1)) / 3).astype(np.float32)


def _shrink(picture: Array) -> Array:
    crop = picture[probes.CROP, probes.CROP].astype(np.float64)
    return ((crop - 127.5) / 127.5).reshape(28, 4, 28, 4).mean((1, 3)).ravel()
