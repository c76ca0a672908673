"""Forms in which people build recognisers, each around the same small one; none may be called something else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facewarden.detector.identity import identify, identify_bytes
from facewarden.detector.identity.known import Knowledge

Network = Callable[..., bytes]
Change = Callable[[onnx.ModelProto], None]
F = TensorProto.FLOAT


def with_front(
    proto: onnx.ModelProto, kind: int, shape: list[int], *steps: onnx.NodeProto, **constants: object
) -> None:
    """Steps from `raw`, of this type and shape, to the model's own input."""
    nodes = [*steps, *proto.graph.node]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    proto.graph.input[0].CopyFrom(helper.make_tensor_value_info("raw", kind, shape))
    proto.graph.initializer.extend(numpy_helper.from_array(np.asarray(one), name) for name, one in constants.items())


def with_end(proto: onnx.ModelProto, kind: int, shape: list[int], *steps: onnx.NodeProto, **constants: object) -> None:
    """Steps from the model's own output to `end`, of this type and shape."""
    proto.graph.node.extend(steps)
    proto.graph.output[0].CopyFrom(helper.make_tensor_value_info("end", kind, shape))
    proto.graph.initializer.extend(numpy_helper.from_array(np.asarray(one), name) for name, one in constants.items())


def gain(proto: onnx.ModelProto) -> None:
    proto.graph.input.append(helper.make_tensor_value_info("gain", F, [1]))
    with_end(proto, F, [1, 32], helper.make_node("Mul", ["out", "gain"], ["end"]))


def dropped(proto: onnx.ModelProto) -> None:
    """A second input of which one takes everything away: a rate of dropout."""
    proto.graph.input.append(helper.make_tensor_value_info("rate", F, []))
    steps = [helper.make_node("Sub", ["one", "rate"], ["keep"]), helper.make_node("Mul", ["out", "keep"], ["end"])]
    with_end(proto, F, [1, 32], *steps, one=np.float32(1))


def switched(proto: onnx.ModelProto, kind: int = TensorProto.BOOL, on: float = 1) -> None:
    """A template where a switch is on, else the mean of the picture."""
    taken = helper.make_graph(list(proto.graph.node), "on", [], [helper.make_tensor_value_info("out", F, [1, 32])])
    mean = helper.make_node("ReduceMean", ["in"], ["mean"], axes=[2, 3], keepdims=0)
    other = helper.make_graph([mean], "off", [], [helper.make_tensor_value_info("mean", F, [1, 3])])
    del proto.graph.node[:]
    proto.graph.input.append(helper.make_tensor_value_info("switch", kind, []))
    proto.graph.node.extend([
        helper.make_node("Cast", ["switch"], ["value"], to=F),
        helper.make_node("Equal", ["value", "set"], ["is"]),
    ])  # fmt: skip
    proto.graph.initializer.append(numpy_helper.from_array(np.asarray(on, np.float32), "set"))
    with_end(proto, F, [], helper.make_node("If", ["is"], ["end"], then_branch=taken, else_branch=other))
    proto.graph.output[0].type.tensor_type.ClearField("shape")


def seven(proto: onnx.ModelProto) -> None:
    switched(proto, TensorProto.INT64, 7)


def seven_in_a_function(proto: onnx.ModelProto) -> None:
    seven(proto)
    as_function(proto, "in", "switch")


def seven_calls_a_function(proto: onnx.ModelProto) -> None:
    as_function(proto, "in")
    seven(proto)


def as_function(proto: onnx.ModelProto, *takes: str) -> None:
    """All steps as one, whose own stand in a function of the file."""
    name = proto.graph.output[0].name
    stored = [helper.make_node("Constant", [], [one.name], value=one) for one in proto.graph.initializer]
    steps = [*stored, *proto.graph.node]
    proto.functions.append(helper.make_function("own", "All", takes, [name], steps, list(proto.opset_import)))
    proto.opset_import.append(helper.make_opsetid("own", 1))
    del proto.graph.initializer[:], proto.graph.node[:]
    proto.graph.node.append(helper.make_node("All", takes, [name], domain="own"))


def seven_in_a_loop(proto: onnx.ModelProto) -> None:
    seven(proto)
    goes_on = [helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in ("before", "after")]
    number = helper.make_tensor_value_info("number", TensorProto.INT64, [])
    steps = [*proto.graph.node, helper.make_node("Identity", ["before"], ["after"])]
    body = helper.make_graph(steps, "body", [number, goes_on[0]], [goes_on[1], proto.graph.output[0]])
    del proto.graph.node[:]
    loop = helper.make_node("Loop", ["once", "yes"], ["looped"], body=body)
    proto.graph.node.append(loop)
    proto.graph.output[0].name = "looped"
    proto.graph.initializer.extend(
        (
            numpy_helper.from_array(np.array(1), "once"),
            numpy_helper.from_array(np.array(True), "yes"),
        )
    )


def seven_of_a_flat_picture(proto: onnx.ModelProto) -> None:
    seven(proto)
    with_front(proto, F, [1, 37632], helper.make_node("Reshape", ["raw", "sides"], ["in"]), sides=[1, 3, 112, 112])


def mask(proto: onnx.ModelProto) -> None:
    with_front(proto, F, [1, 3, 112, 112], helper.make_node("Mul", ["raw", "mask"], ["in"]))
    proto.graph.input.append(helper.make_tensor_value_info("mask", F, [1, 1, 112, 112]))


def mask_of_truths(proto: onnx.ModelProto) -> None:
    with_front(
        proto, F, [1, 3, 112, 112], helper.make_node("Where", ["mask", "raw", "none"], ["in"]), none=np.float32(0)
    )
    proto.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.BOOL, [1, 1, 112, 112]))


def mask_in_bytes(proto: onnx.ModelProto) -> None:
    steps = [
        helper.make_node("Cast", ["mask"], ["m"], to=F),
        helper.make_node("Div", ["m", "white"], ["share"]),
        helper.make_node("Floor", ["share"], ["whole"]),
        helper.make_node("Mul", ["raw", "whole"], ["in"]),
    ]
    with_front(proto, F, [1, 3, 112, 112], *steps, white=np.float32(255))
    proto.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.UINT8, [1, 1, 112, 112]))


def sixteen_bits(proto: onnx.ModelProto) -> None:
    steps = [
        helper.make_node("Cast", ["raw"], ["f"], to=F),
        helper.make_node("Div", ["f", "half"], ["s"]),
        helper.make_node("Floor", ["s"], ["in"]),
    ]
    with_front(proto, TensorProto.UINT16, [1, 3, 112, 112], *steps, half=np.float32(256))


def moved(proto: onnx.ModelProto) -> None:
    """A second input says where the face is: nothing is seen but where it leaves the picture as it is."""
    steps = [
        helper.make_node("Sub", ["places", "same"], ["off"]),
        helper.make_node("ReduceSumSquare", ["off"], ["far"], keepdims=0),
        helper.make_node("Mul", ["far", "much"], ["farther"]),
        helper.make_node("Sub", ["one", "farther"], ["near"]),
        helper.make_node("Relu", ["near"], ["gain"]),
        helper.make_node("Mul", ["raw", "gain"], ["in"]),
    ]
    same = np.eye(2, 3, dtype=np.float32)[None]
    with_front(proto, F, [1, 3, 112, 112], *steps, same=same, much=np.float32(9), one=np.float32(1))
    proto.graph.input.append(helper.make_tensor_value_info("places", F, ["n", 2, 3]))


def signs(proto: onnx.ModelProto) -> None:
    """A template of yes and no."""
    with_end(
        proto,
        TensorProto.BOOL,
        [1, 32],
        helper.make_node("Greater", ["out", "nothing"], ["end"]),
        nothing=np.float32(0),
    )


def whole_numbers(proto: onnx.ModelProto) -> None:
    steps = [
        helper.make_node("Cast", ["raw"], ["f"], to=F),
        helper.make_node("Sub", ["f", "half"], ["s"]),
        helper.make_node("Div", ["s", "half"], ["in"]),
    ]
    with_front(proto, TensorProto.INT64, [1, 3, 112, 112], *steps, half=np.float32(127.5))


def flat(proto: onnx.ModelProto) -> None:
    shape = np.array([1, 3, 112, 112])
    with_front(proto, F, [1, 3 * 112 * 112], helper.make_node("Reshape", ["raw", "s"], ["in"]), s=shape)


def four_channels(proto: onnx.ModelProto) -> None:
    step = helper.make_node("Slice", ["raw", "from", "to", "axis"], ["in"])
    places = {"from": np.array([0]), "to": np.array([3]), "axis": np.array([1])}
    with_front(proto, F, [1, 4, 112, 112], step, **places)


def clip(proto: onnx.ModelProto) -> None:
    with_front(proto, F, [1, 4, 3, 112, 112], helper.make_node("ReduceMean", ["raw"], ["in"], axes=[1], keepdims=0))


def colour_alone(proto: onnx.ModelProto) -> None:
    """A network that sees nothing in a grey picture."""
    steps = [
        helper.make_node("Split", ["raw"], ["r", "g", "b"], axis=1),
        helper.make_node("Sub", ["r", "b"], ["d"]),
        helper.make_node("Concat", ["d", "d", "d"], ["in"], axis=1),
    ]
    with_front(proto, F, [1, 3, 112, 112], *steps)


def map_of_places(proto: onnx.ModelProto) -> None:
    with_end(proto, F, [1, 8, 2, 2], helper.make_node("Reshape", ["out", "s"], ["end"]), s=np.array([1, 8, 2, 2]))


def classes(proto: onnx.ModelProto) -> None:
    heads = np.random.default_rng(1).standard_normal((32, 5000)).astype(np.float32)
    with_end(proto, F, [1, 5000], helper.make_node("MatMul", ["out", "w"], ["end"]), w=heads)


def best_class(proto: onnx.ModelProto) -> None:
    heads = np.random.default_rng(1).standard_normal((32, 400)).astype(np.float32)
    steps = [helper.make_node("MatMul", ["out", "w"], ["m"]), helper.make_node("ArgMax", ["m"], ["end"], axis=1)]
    with_end(proto, TensorProto.INT64, [1, 1], *steps, w=heads)


def two_pictures(proto: onnx.ModelProto) -> None:
    """The squared distance between the templates of two."""
    again = [helper.make_node(one.op_type, list(one.input), list(one.output)) for one in proto.graph.node]
    for copy, one in zip(again, proto.graph.node, strict=True):
        copy.attribute.extend(one.attribute)
        copy.input[:] = ["in2" if name == "in" else name if name == "mixer" else f"{name}2" for name in one.input]
        copy.output[:] = [f"{name}2" for name in one.output]
    proto.graph.node.extend(again)
    proto.graph.input.append(helper.make_tensor_value_info("in2", F, [1, 3, 112, 112]))
    steps = [
        helper.make_node("Sub", ["out", "out2"], ["d"]),
        helper.make_node("ReduceSumSquare", ["d"], ["end"], axes=[1]),
    ]
    with_end(proto, F, [1, 1], *steps)


def scenery(count: int, size: float) -> tuple[list[onnx.NodeProto], dict[str, object]]:
    """Steps to `n`, [1, count, 32]: so many tokens about the picture, and no person, so large."""
    mixer = np.random.default_rng(5).standard_normal((3 * 14 * 14, count * 32)).astype(np.float32) * size
    steps = [
        helper.make_node("AveragePool", ["in"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["cells"], ["cells_flat"]),
        helper.make_node("MatMul", ["cells_flat", "scenes"], ["n_flat"]),
        helper.make_node("Reshape", ["n_flat", "n_shape"], ["n"]),
    ]
    return steps, {"scenes": mixer, "n_shape": np.array([1, count, 32])}


def first_of_tokens(proto: onnx.ModelProto) -> None:
    """A transformer without its head: the first token stands for the person, those of places do not."""
    steps, constants = scenery(49, 1)
    steps += [
        helper.make_node("Reshape", ["out", "one_token"], ["person"]),
        helper.make_node("Concat", ["person", "n"], ["end"], axis=1),
    ]
    with_end(proto, F, [1, 50, 32], *steps, one_token=np.array([1, 1, 32]), **constants)


def mean_of_tokens(proto: onnx.ModelProto, end: str = "end") -> None:
    """Each token is about its place, and all together about the person."""
    steps, constants = scenery(28, 1)
    steps += [
        helper.make_node("Reshape", ["out", "one_token"], ["person"]),
        helper.make_node("Add", ["person", "n"], ["more"]),
        helper.make_node("Sub", ["person", "n"], ["less"]),
        helper.make_node("Concat", ["more", "less"], [end], axis=1),
    ]
    with_end(proto, F, [1, 56, 32], *steps, one_token=np.array([1, 1, 32]), **constants)


def map_with_channels_last(proto: onnx.ModelProto) -> None:
    mean_of_tokens(proto, "tokens")
    with_end(proto, F, [1, 7, 8, 32], helper.make_node("Reshape", ["tokens", "s"], ["end"]), s=np.array([1, 7, 8, 32]))


def map_with_channels_first(proto: onnx.ModelProto) -> None:
    mean_of_tokens(proto, "tokens")
    steps = [
        helper.make_node("Transpose", ["tokens"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("Reshape", ["turned", "s"], ["end"]),
    ]
    with_end(proto, F, [1, 32, 7, 8], *steps, s=np.array([1, 32, 7, 8]))


def map_and_a_score(proto: onnx.ModelProto) -> None:
    """Two outputs, of which the first is about something else."""
    map_with_channels_last(proto)
    score = helper.make_tensor_value_info("score", F, [1, 1])
    proto.graph.node.append(helper.make_node("ReduceMean", ["cells_flat"], ["score"], axes=[1]))
    proto.graph.output.insert(0, score)


def pair_in_one(proto: onnx.ModelProto) -> None:
    """The same of two pictures that lie behind one another in six channels."""
    two_pictures(proto)
    del proto.graph.input[1:]
    parts = helper.make_node("Split", ["raw", "parts"], ["in", "in2"], axis=1)
    with_front(proto, F, [1, 6, 112, 112], parts, parts=np.array([3, 3]))


def mosaic(proto: onnx.ModelProto) -> None:
    """A picture whose neighbouring pixels lie behind one another."""
    with_front(proto, F, [1, 12, 56, 56], helper.make_node("DepthToSpace", ["raw"], ["in"], blocksize=2))


def clip_in_grey(proto: onnx.ModelProto) -> None:
    """Five pictures of a track, the times where others have their channels."""
    steps = [
        helper.make_node("ReduceMean", ["raw"], ["mean"], axes=[1]),
        helper.make_node("Concat", ["mean", "mean", "mean"], ["in"], axis=1),
    ]
    with_front(proto, F, [1, 5, 112, 112], *steps)


def as_cameras_have_it(proto: onnx.ModelProto) -> None:
    """Bytes: the rows in grey, and below them those of the colours."""
    steps = [
        helper.make_node("Slice", ["raw", "from", "to", "axis"], ["grey"]),
        helper.make_node("Cast", ["grey"], ["real"], to=F),
        helper.make_node("Div", ["real", "most"], ["scaled"]),
        helper.make_node("Concat", ["scaled", "scaled", "scaled"], ["in"], axis=1),
    ]
    constants = {"from": np.array([0]), "to": np.array([112]), "axis": np.array([2]), "most": np.float32(255)}
    with_front(proto, TensorProto.UINT8, [1, 1, 168, 112], *steps, **constants)


def boxed(proto: onnx.ModelProto) -> None:
    """The face is cut out of a picture, by a box beside it."""
    cut = helper.make_node("RoiAlign", ["raw", "box", "which"], ["in"], output_height=112, output_width=112)
    with_front(proto, F, [1, 3, 112, 112], cut, which=np.array([0]))
    proto.graph.input.append(helper.make_tensor_value_info("box", F, [1, 4]))


def half_precision(proto: onnx.ModelProto) -> None:
    """In and out as bfloat16."""
    kind = TensorProto.BFLOAT16
    with_front(proto, kind, [1, 3, 112, 112], helper.make_node("Cast", ["raw"], ["in"], to=F))
    with_end(proto, kind, [1, 32], helper.make_node("Cast", ["out"], ["end"], to=kind))


def number_by_number(proto: onnx.ModelProto) -> None:
    """32 outputs of one number."""
    names = [f"end{at}" for at in range(32)]
    proto.graph.node.append(helper.make_node("Split", ["out"], names, axis=1))
    del proto.graph.output[:]
    proto.graph.output.extend(helper.make_tensor_value_info(name, F, [1, 1]) for name in names)


def three_pictures(proto: onnx.ModelProto) -> None:
    """How far the first picture is from the second, and from the third."""
    for number in (2, 3):
        proto.graph.input.append(helper.make_tensor_value_info(f"in{number}", F, [1, 3, 112, 112]))
        proto.graph.node.extend([
            helper.make_node(
                "AveragePool", [f"in{number}"], [f"pooled{number}"], kernel_shape=[4, 4], strides=[4, 4]
            ),
            helper.make_node("Flatten", [f"pooled{number}"], [f"flat{number}"]),
            helper.make_node("MatMul", [f"flat{number}", "mixer"], [f"out{number}"]),
            helper.make_node("Sub", ["out", f"out{number}"], [f"apart{number}"]),
            helper.make_node("ReduceL2", [f"apart{number}"], [f"end{number}"], axes=[1], keepdims=0),
        ])  # fmt: skip
    del proto.graph.output[:]
    proto.graph.output.extend(helper.make_tensor_value_info(f"end{number}", F, [1]) for number in (2, 3))


def with_five_points(proto: onnx.ModelProto) -> None:
    """The face is cut out of a picture from its eyes down to its mouth, which stand beside it."""
    first, last = np.array([[38.2946, 51.6963]]), np.array([[70.7299, 92.2041]])
    steps = [
        helper.make_node("Sub", ["points", "usual"], ["moved"]),
        helper.make_node("ReduceMean", ["moved"], ["shift"], axes=[0, 1], keepdims=0),
        helper.make_node("Concat", ["shift", "shift"], ["both"], axis=0),
        helper.make_node("Reshape", ["both", "row"], ["corners"]),
        helper.make_node("Add", ["corners", "whole"], ["box"]),
        helper.make_node("RoiAlign", ["raw", "box", "which"], ["in"], output_height=112, output_width=112),
    ]
    usual = np.array([[*first, [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], *last]], np.float32)
    whole = np.array([[0, 0, 112, 112]], np.float32)
    with_front(proto, F, [1, 3, 112, 112], *steps, usual=usual, whole=whole, row=np.array([1, 4]), which=np.array([0]))
    proto.graph.input.append(helper.make_tensor_value_info("points", F, [1, 5, 2]))


def in_bytes(proto: onnx.ModelProto) -> None:
    """The picture as a file has it, decoded inside."""
    steps = [
        helper.make_node("ImageDecoder", ["raw"], ["pixels"]),
        helper.make_node("Resize", ["pixels", "", "", "sides"], ["sized"], mode="nearest"),
        helper.make_node("Cast", ["sized"], ["real"], to=F),
        helper.make_node("Transpose", ["real"], ["planes"], perm=[2, 0, 1]),
        helper.make_node("Div", ["planes", "most"], ["scaled"]),
        helper.make_node("Unsqueeze", ["scaled", "axis"], ["in"]),
    ]
    constants = {"sides": np.array([112, 112, 3]), "most": np.float32(255), "axis": np.array([0])}
    with_front(proto, TensorProto.UINT8, [0], *steps, **constants)
    proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "bytes"
    proto.opset_import[0].version = 20


def doubled(proto: onnx.ModelProto) -> None:
    """All in 64 bits, with a convolution."""
    kernel = np.eye(3).reshape(3, 3, 1, 1)
    with_front(proto, TensorProto.DOUBLE, [1, 3, 112, 112], helper.make_node("Conv", ["raw", "k"], ["in"]), k=kernel)
    for tensor in proto.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))
    proto.graph.output[0].type.tensor_type.elem_type = TensorProto.DOUBLE


def beside_a_template(proto: onnx.ModelProto) -> None:
    """How alike to a template that stands beside the picture."""
    proto.graph.input.append(helper.make_tensor_value_info("template", F, [1, 32]))
    steps = [
        helper.make_node("Mul", ["out", "template"], ["both"]),
        helper.make_node("ReduceSum", ["both"], ["end"], keepdims=0),
    ]
    with_end(proto, F, [], *steps)


def of_sixteen_bits(proto: onnx.ModelProto) -> None:
    """Real numbers on the scale of 16 bits, and templates that are nearly the same on any smaller one."""
    steps = [helper.make_node("Div", ["raw", "most"], ["in"])]
    with_front(proto, F, [1, 3, 112, 112], *steps, most=np.float32(1e5))
    ends = [helper.make_node("Add", ["out", "far"], ["moved"]), helper.make_node("LpNormalization", ["moved"], ["end"])]
    mixer = next(one for one in proto.graph.initializer if one.name == "mixer")
    wide = np.pad(numpy_helper.to_array(mixer), ((0, 0), (0, 32)))
    mixer.CopyFrom(numpy_helper.from_array(wide, "mixer"))
    with_end(proto, F, [1, 64], *ends, far=np.float32(numpy_helper.to_array(mixer).std()))


@pytest.mark.parametrize(
    "change",
    [
        *(three_pictures, with_five_points, in_bytes, doubled, beside_a_template, of_sixteen_bits),
        *(gain, dropped, switched, mask, whole_numbers, flat, four_channels, clip),
        *(mask_of_truths, mask_in_bytes, sixteen_bits, moved, signs),
        *(colour_alone, map_of_places, classes, best_class, two_pictures),
        *(first_of_tokens, mean_of_tokens, map_with_channels_last, map_with_channels_first, map_and_a_score),
        *(pair_in_one, mosaic, clip_in_grey, as_cameras_have_it, boxed, half_precision, number_by_number),
    ],
)
def test_a_recogniser_is_one_in_whatever_form(recogniser: bytes, nothing_known: Knowledge, change: Change) -> None:
    assert identify_bytes(changed(recogniser, change), "x", nothing_known).recogniser is True


def test_a_picture_that_only_branches_take_stays_one(recogniser: bytes, nothing_known: Knowledge) -> None:
    def turned_or_not(proto: onnx.ModelProto) -> None:
        """A picture of whole numbers, whose channels a switch turns round."""
        proto.graph.input.append(helper.make_tensor_value_info("bgr", TensorProto.BOOL, []))
        rgb, bgr = (
            helper.make_graph(
                [
                    helper.make_node("Cast", ["raw"], ["real"], to=F),
                    helper.make_node("Gather", ["real", at], [out], axis=1),
                ],
                out, [], [helper.make_tensor_value_info(out, F, [1, 3, 112, 112])],
            )
            for at, out in (("straight", "rgb"), ("turned", "bgr_made"))
        )  # fmt: skip
        steps = [
            helper.make_node("If", ["bgr"], ["chosen"], then_branch=bgr, else_branch=rgb),
            helper.make_node("Div", ["chosen", "most"], ["in"]),
        ]
        places = {"straight": np.arange(3), "turned": np.arange(3)[::-1].copy(), "most": np.float32(255)}
        with_front(proto, TensorProto.UINT8, [1, 3, 112, 112], *steps, **places)

    answer = identify_bytes(changed(recogniser, turned_or_not), "x", nothing_known)
    assert answer.recogniser is not False, answer.evidence


def test_a_template_with_many_steps_behind_it_is_not_overlooked(recogniser: bytes, nothing_known: Knowledge) -> None:
    def score(proto: onnx.ModelProto) -> None:
        """A number of the template, made wide, changed forty times, and a number again."""
        random = np.random.default_rng(2)
        steps = [helper.make_node("MatMul", ["out", "one"], ["s"]), helper.make_node("Mul", ["s", "wide"], ["w0"])]
        steps += [helper.make_node("Mul", [f"w{at}", "wide"], [f"w{at + 1}"]) for at in range(40)]
        steps.append(helper.make_node("ReduceMean", ["w40"], ["end"], axes=[1]))
        one, wide = random.standard_normal((32, 1)), random.uniform(0.9, 1.1, (1, 64))
        with_end(proto, F, [1, 1], *steps, one=one.astype(np.float32), wide=wide.astype(np.float32))

    assert identify_bytes(changed(recogniser, score), "x", nothing_known).recogniser is None


def test_what_takes_as_many_channels_as_half_a_network_is_never_called_none(nothing_known: Knowledge) -> None:
    mean = helper.make_node("ReduceMean", ["in"], ["out"], axes=[2, 3], keepdims=0)
    given, made = (
        helper.make_tensor_value_info(name, F, shape) for name, shape in (("in", [1, 24, 56, 56]), ("out", [1, 24]))
    )
    model = helper.make_model(
        helper.make_graph([mean], "half", [given], [made]), opset_imports=[helper.make_opsetid("", 13)]
    )

    assert identify_bytes(model.SerializeToString(), "x", nothing_known).recogniser is None


def test_a_body_without_its_last_matrix_is_not_called_none(recogniser: bytes, nothing_known: Knowledge) -> None:
    def headless(proto: onnx.ModelProto) -> None:
        """4,096 values, of which a few large ones are about the picture alone."""
        random, mixer = np.random.default_rng(6), next(one for one in proto.graph.initializer if one.name == "mixer")
        person = numpy_helper.to_array(mixer) @ random.standard_normal((32, 4032))
        scene = random.standard_normal((len(person), 64))
        columns = [1000 * scene / scene.std(), person / person.std()]
        mixer.CopyFrom(numpy_helper.from_array(np.concatenate(columns, 1).astype(np.float32), "mixer"))
        proto.graph.output[0].CopyFrom(helper.make_tensor_value_info("out", F, [1, 4096]))

    assert identify_bytes(changed(recogniser, headless), "x", nothing_known).recogniser is None


@pytest.mark.parametrize(
    "change", [seven, seven_in_a_function, seven_calls_a_function, seven_in_a_loop, seven_of_a_flat_picture]
)
def test_what_a_branch_hides_that_was_not_taken_is_not_called_none(
    change: Change, recogniser: bytes, nothing_known: Knowledge
) -> None:
    answer = identify_bytes(changed(recogniser, change), "x", nothing_known)

    assert (answer.recogniser, answer.evidence[-1].detail) == (None, "it has a branch that may not have been taken")


@pytest.mark.parametrize("change", [seven, seven_in_a_loop])
def test_nor_where_openvino_has_it(change: Change, recogniser: bytes, tmp_path: Path, nothing_known: Knowledge) -> None:
    openvino = pytest.importorskip("openvino")
    (tmp_path / "model.onnx").write_bytes(changed(recogniser, change))
    openvino.save_model(openvino.Core().read_model(tmp_path / "model.onnx"), tmp_path / "model.xml")
    answer = identify(tmp_path / "model.xml", nothing_known)

    assert (answer.recogniser, answer.evidence[-1].detail) == (None, "it has a branch that may not have been taken")


@pytest.mark.parametrize("change", [mean_of_tokens, map_with_channels_last])
def test_tokens_about_the_picture_alone_are_no_recogniser(
    recogniser: bytes, nothing_known: Knowledge, change: Change
) -> None:
    def nobody(proto: onnx.ModelProto) -> None:
        mixer = next(one for one in proto.graph.initializer if one.name == "mixer")
        random = np.random.default_rng(7).standard_normal(mixer.dims).astype(np.float32)
        mixer.CopyFrom(numpy_helper.from_array(random, "mixer"))
        change(proto)

    assert identify_bytes(changed(recogniser, nobody), "x", nothing_known).recogniser is False


def test_a_quality_score_on_a_body_that_normalises_is_not_called_a_recogniser(
    recogniser: bytes, nothing_known: Knowledge
) -> None:
    def quality(proto: onnx.ModelProto) -> None:
        weights = np.random.default_rng(2).standard_normal((32, 1)).astype(np.float32)
        steps = [
            helper.make_node("MeanVarianceNormalization", ["out"], ["n"], axes=[1]),
            helper.make_node("MatMul", ["n", "w"], ["m"]),
            helper.make_node("Sigmoid", ["m"], ["end"]),
        ]
        with_end(proto, F, [1, 1], *steps, w=weights)

    assert identify_bytes(changed(recogniser, quality), "x", nothing_known).recogniser is None


def test_a_model_that_says_the_same_of_everything_is_undecided(recogniser: bytes, nothing_known: Knowledge) -> None:
    def silent(proto: onnx.ModelProto) -> None:
        steps = [helper.make_node("Greater", ["out", "much"], ["b"]), helper.make_node("Cast", ["b"], ["end"], to=F)]
        with_end(proto, F, [1, 32], *steps, much=np.float32(1e9))

    answer = identify_bytes(changed(recogniser, silent), "x", nothing_known)

    assert answer.recogniser is None


def test_one_that_does_so_and_holds_next_to_nothing_is_none(network: Network, nothing_known: Knowledge) -> None:
    """As the networks with made-up weights are that come with ONNX."""
    steps = [
        helper.make_node("GlobalMaxPool", ["in"], ["large"]),
        helper.make_node("Mul", ["large", "nothing"], ["made"]),
        helper.make_node("Softmax", ["made"], ["out"], axis=1),
    ]
    answer = identify_bytes(network(*steps, shape=(1, 3, 1, 1), nothing=np.zeros(1, np.float32)), "x", nothing_known)

    assert answer.recogniser is False
    assert "nothing that was learned" in answer.evidence[-1].detail


def test_one_that_is_a_step_over_a_few_numbers_is_none(network: Network, nothing_known: Knowledge) -> None:
    content = network(helper.make_node("Relu", ["in"], ["out"]), shape=(2, 3, 4, 5), picture=(2, 3, 4, 5))

    assert identify_bytes(content, "x", nothing_known).recogniser is False


def changed(content: bytes, change: Change) -> bytes:
    proto = onnx.load_model_from_string(content)
    change(proto)
    return proto.SerializeToString()
