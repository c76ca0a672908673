from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from facewarden.bench.material.evasions import EVASIONS, evade, judge_quality
from facewarden.detector.errors import ModelError
from facewarden.detector.identity import Slot, identify, identify_bytes, identify_runnable
from facewarden.detector.identity.known import Knowledge, Published
from facewarden.detector.identity.model import Array

Network = Callable[..., bytes]
PICTURE = (Slot((1, 3, 112, 112)),)


def pixels(arrays: list[Array]) -> list[Array]:
    return [arrays[0][:, :, ::4, ::4].reshape(1, -1)]


# --- what is found ----------------------------------------------------------------------------------------------------


def test_a_recogniser_is_told_by_what_it_does(recogniser: bytes, nothing_known: Knowledge) -> None:
    answer = identify_bytes(recogniser, "anything.bin", nothing_known)

    assert (answer.recogniser, answer.function, answer.path) == (True, "face_recogniser", "anything.bin")
    assert answer.confidence > 0.9
    assert any(one.signal == "behaviour" and "AUC 1.000" in one.detail for one in answer.evidence)


@pytest.mark.parametrize("evasion", EVASIONS)
def test_a_recogniser_is_found_however_it_is_hidden(evasion: str, recogniser: bytes, nothing_known: Knowledge) -> None:
    answer = identify_bytes(evade(recogniser, EVASIONS[evasion]), "x", nothing_known)

    assert answer.recogniser is True, answer.evidence


def test_a_score_on_top_of_a_recogniser_s_body_is_left_undecided(recogniser: bytes, nothing_known: Knowledge) -> None:
    answer = identify_bytes(evade(recogniser, judge_quality), "x", nothing_known)

    assert (answer.recogniser, answer.function, answer.confidence) == (None, "unknown", 0.0)
    assert any("a template inside" in one.detail for one in answer.evidence)


@pytest.mark.parametrize("name", ["arcface_r100.onnx", "w600k_mbf.onnx"])
def test_a_name_makes_no_recogniser(name: str, network: Network, nothing_known: Knowledge, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(random_network(network, 512))

    assert identify(path, nothing_known).recogniser is False


@pytest.mark.parametrize("seed", range(6))
def test_a_network_that_was_never_trained_is_no_recogniser(
    seed: int, network: Network, nothing_known: Knowledge
) -> None:
    assert identify_bytes(random_network(network, 128, seed), "x", nothing_known).recogniser is False


def test_pictures_themselves_are_no_templates() -> None:
    answer = identify_runnable(pixels, PICTURE, (Slot((1, 2352)),), "x")

    assert (answer.recogniser, answer.sha256) == (False, "")


def test_a_model_that_is_open_already_is_tried_through_its_callable(recogniser: bytes) -> None:
    session = onnxruntime.InferenceSession(recogniser, providers=["CPUExecutionProvider"])
    answer = identify_runnable(lambda arrays: session.run(None, {"in": arrays[0]}), PICTURE, (Slot((1, 32)),), "host's")

    assert (answer.path, answer.recogniser) == ("host's", True)


def test_a_callable_that_fails_is_undecided_with_its_reason() -> None:
    def broken(_: object) -> list[Array]:
        raise RuntimeError("no memory")

    answer = identify_runnable(broken, PICTURE, (), "x")

    assert answer.recogniser is None
    assert any("no memory" in one.detail for one in answer.evidence)


@pytest.mark.parametrize(("of_each", "recognises"), [((), False), ((1,), False), ((9,), None), ((512,), None)], ids=str)
def test_a_list_of_as_many_boxes_as_a_picture_has_is_no_template_but_what_comes_with_them_may_be(
    of_each: tuple[int, ...], recognises: bool | None
) -> None:
    def detector(arrays: list[Array]) -> list[Array]:
        found = 1 + int(arrays[0].astype(np.float64).sum()) % 7
        return [np.full((found, 4), 9, np.float32), np.full((found, *of_each), 0.5, np.float32)]

    answer = identify_runnable(detector, PICTURE, (Slot((None, 4)), Slot((None, *of_each))), "x")

    assert answer.recogniser is recognises, answer.evidence


@pytest.mark.parametrize("of_faces", [1, 512])
def test_what_lists_boxes_alone_at_one_scale_may_give_templates_of_faces_at_another(of_faces: int) -> None:
    def pipeline(arrays: list[Array]) -> list[Array]:
        found = 1 + int(arrays[0].astype(np.float64).sum()) % 7
        faces = [np.ones((1, of_faces), np.float32)] * found if arrays[0].max() > 9 else []
        return [np.full((found, 4), 9, np.float32), *faces]

    answer = identify_runnable(pipeline, PICTURE, (Slot((None, 4)),), "x")

    assert answer.recogniser is (None if of_faces > 1 else False), answer.evidence


def test_a_model_of_text_takes_no_picture_and_is_none(nothing_known: Knowledge, network: Network) -> None:
    content = network(
        helper.make_node("MatMul", ["in", "w"], ["out"]),
        shape=(1, 4),
        picture=(1, 300),
        w=np.ones((300, 4), np.float32),
    )

    assert identify_bytes(content, "x", nothing_known).recogniser is False


def test_a_model_of_spectrograms_is_none_without_being_run() -> None:
    def never(arrays: list[Array]) -> list[Array]:
        raise AssertionError(arrays)

    answer = identify_runnable(never, [Slot((1, 1, 901, 161))], [Slot((1, 512))], "x")

    assert (answer.recogniser, answer.function) == (False, "image_embedding")


def test_identification_leaves_the_arithmetic_of_its_host_alone(recogniser: bytes, nothing_known: Knowledge) -> None:
    identify_bytes(recogniser, "x", nothing_known)

    assert np.array(5e-324) / 1 > 0  # a tiny number that a thread which flushes them to zero would lose


# --- what is known ----------------------------------------------------------------------------------------------------


def test_a_published_file_is_told_by_its_hash(recogniser: bytes) -> None:
    digest = identify_bytes(recogniser, "x", Knowledge()).sha256
    known = Knowledge(hashes={digest: Published("face_landmark", "PFLD")})
    answer = identify_bytes(recogniser, "x", known)

    assert (answer.recogniser, answer.function, answer.family, answer.confidence) == (False, "face_landmark", "PFLD", 1)
    assert [one.signal for one in answer.evidence] == ["hash"]


def test_the_same_content_gets_the_same_answer_from_every_thread(recogniser: bytes) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: identify_bytes(recogniser, "x"), range(16)))

    assert all(answer == answers[0] for answer in answers)


# --- what cannot be read ----------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_bytes_that_are_no_model_are_an_error_of_ours_or_undecided(content: bytes) -> None:
    try:
        answer = identify_bytes(content, "x")
    except ModelError:
        return
    assert answer.recogniser is None  # no more than the mark of a format


@given(st.integers(0, 600), st.integers(0, 255))
def test_a_broken_model_is_an_error_or_an_answer_and_never_a_traceback(place: int, value: int) -> None:
    content = bytearray(SMALL)
    content[place % len(content)] = value
    try:
        answer = identify_bytes(bytes(content), "x", Knowledge())
    except ModelError:
        return
    assert answer.recogniser in (False, None)


def test_a_file_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        identify(tmp_path / "missing.onnx")


def test_a_file_too_large_to_open_is_looked_up_by_its_hash_alone(
    recogniser: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facewarden.detector.identity.identifier.LARGEST", 100)
    path = tmp_path / "model.onnx"
    path.write_bytes(recogniser)
    unknown = identify(path)
    known = identify(path, Knowledge(hashes={unknown.sha256: Published("face_recogniser", "ours")}))

    assert (unknown.recogniser, known.recogniser) == (None, True)
    assert "larger than" in unknown.evidence[0].detail


def test_weights_outside_the_model_s_folder_are_not_read(tmp_path: Path, nothing_known: Knowledge) -> None:
    (tmp_path / "secret").write_bytes(b"\0" * 64)
    path = tmp_path / "models" / "model.onnx"
    path.parent.mkdir()
    path.write_bytes(with_weights_in("../secret"))
    answer = identify(path, nothing_known)

    assert answer.recogniser is None
    assert any("outside its folder" in one.detail for one in answer.evidence)


def test_weights_beside_the_model_are_read(tmp_path: Path, nothing_known: Knowledge) -> None:
    (tmp_path / "weights").write_bytes(b"\0" * 64)
    path = tmp_path / "model.onnx"
    path.write_bytes(with_weights_in("weights"))

    assert identify(path, nothing_known).recogniser is False


# --- the zoo ----------------------------------------------------------------------------------------------------------

# Fast ones; the bench does them all.
NEAR_MISSES = {
    "osnet_x0_25_msmt17.onnx": "person_reid",
    "pfld_112.onnx": "other",
    "antispoof_bin_1.5_128.onnx": "other",
    "oww_embedding.onnx": "other",
    "mobilenet_v1_embed_conv.onnx": "image_embedding",
    "gender_lite_nonq_conv.onnx": "other",
    "age_lite_nonq_conv.onnx": "other",
    "retinaface_mobile320.onnx": "face_detector",
    "mtcnn_onet_conv.onnx": "other",
    "magika_v3_3.onnx": "other",
}


@pytest.mark.parametrize("evasion", EVASIONS)
def test_a_recogniser_of_the_zoo_is_found_however_it_is_hidden(
    evasion: str, zoo: Path, nothing_known: Knowledge
) -> None:
    content = evade((zoo / "mbf_rv1126.onnx").read_bytes(), EVASIONS[evasion])

    assert identify_bytes(content, "x", nothing_known).recogniser is True


@pytest.mark.parametrize("evasion", ["free axes", "projected to 32", "gallery of 16, softmax"])
def test_so_is_one_in_eight_bits(evasion: str, zoo: Path, nothing_known: Knowledge) -> None:
    content = evade((zoo / "mbf_int8_drone.onnx").read_bytes(), EVASIONS[evasion])

    assert identify_bytes(content, "x", nothing_known).recogniser is True


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_of_the_zoo_is_no_recogniser(name: str, zoo: Path, nothing_known: Knowledge) -> None:
    answer = identify_bytes((zoo / name).read_bytes(), "x", nothing_known)

    assert (answer.recogniser, answer.function) == (False, NEAR_MISSES[name])


# --- networks ---------------------------------------------------------------------------------------------------------


def random_network(network: Network, width: int, seed: int = 0) -> bytes:
    random = np.random.default_rng(seed)
    return network(
        helper.make_node("Conv", ["in", "a"], ["c"], strides=[4, 4]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("GlobalAveragePool", ["r"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("MatMul", ["f", "b"], ["out"]),
        shape=(1, width),
        a=random.standard_normal((32, 3, 5, 5)).astype(np.float32),
        b=random.standard_normal((32, width)).astype(np.float32),
    )


def small() -> bytes:
    inputs = [helper.make_tensor_value_info("in", onnx.TensorProto.FLOAT, [1, 3, 16, 16])]
    outputs = [helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [1, 3, 1, 1])]
    graph = helper.make_graph([helper.make_node("GlobalAveragePool", ["in"], ["out"])], "g", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9).SerializeToString()


def with_weights_in(location: str) -> bytes:
    model = onnx.load_model_from_string(small())
    weights = onnx.TensorProto(name="w", dims=[16], data_type=onnx.TensorProto.FLOAT)
    weights.data_location = onnx.TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=location)
    model.graph.initializer.append(weights)
    return model.SerializeToString()


SMALL = small()
