"""PyTorch's state files: read without torch and without unpickling. Most need torch, to be made."""

import io
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facewarden.detector.errors import ModelError
from facewarden.detector.identity import identify_bytes
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.runtimes.pytorch.pickle_codes import Followed
from facewarden.detector.identity.runtimes.pytorch.state_file import StateModel
from facewarden.detector.identity.shapes import along_one_axis, in_turns, shaped_as

NOTHING = Knowledge()


class Harmful:
    """What runs a command where it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        import os

        return os.system, (f"touch {self.place}",)


def in_archive(pickled: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("net/data.pkl", pickled)
        archive.writestr("net/version", "3")
    return packed.getvalue()


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch")


def saved(torch: Any, value: object, **how: bool) -> bytes:
    content = io.BytesIO()
    torch.save(value, content, **how)
    return content.getvalue()


def module(torch: Any) -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 32, 3), torch.nn.BatchNorm2d(32), torch.nn.Linear(25088, 128))


@pytest.mark.parametrize("how", [{}, {"_use_new_zipfile_serialization": False}], ids=["new", "old"])
@pytest.mark.parametrize("kind", ["state", "half", "checkpoint", "module"])
def test_weights_come_out_as_torch_put_them_in(torch: Any, kind: str, how: dict[str, bool]) -> None:
    net = module(torch)
    state = net.state_dict()
    value: Any = {
        "state": state,
        "half": {name: one.bfloat16() for name, one in state.items()},
        "checkpoint": {"epoch": 3, "net": state, "best": [0.5, None, True]},
        "module": net,
    }[kind]
    read = list(StateModel(saved(torch, value, **how), None, None).weights())
    wanted = [one for one in (value if kind == "half" else state).values() if one.is_floating_point()]

    assert sorted(one.shape for one in read) == sorted(tuple(one.shape) for one in wanted)
    for one in wanted:
        assert any(one.shape == mine.shape and np.array_equal(one.float().numpy(), mine) for mine in read)


def test_weights_that_python_2_saved_are_read_as_well(torch: Any) -> None:
    content = saved(torch, {"a": torch.ones(2, 3)}, _use_new_zipfile_serialization=False)
    old = re.sub(rb"X(.)\0\0\0", rb"U\1", content, flags=re.DOTALL)  # words as short byte strings
    model = StateModel(old, None, None)

    assert [one.tolist() for one in model.weights()] == [[[1, 1, 1], [1, 1, 1]]]
    assert not any("larger than what is stored" in note for note in model.notes)


def test_a_view_of_a_larger_storage_is_that_part_of_it(torch: Any) -> None:
    (read,) = StateModel(saved(torch, {"a": torch.arange(12.0).reshape(3, 4)[1]}), None, None).weights()

    assert read.tolist() == [4, 5, 6, 7]


def test_weights_that_lie_in_another_order_are_what_they_were(torch: Any) -> None:
    kept = torch.arange(24.0).reshape(1, 2, 3, 4).to(memory_format=torch.channels_last)
    spread = torch.zeros(2, 3).expand(5, 2, 3)
    (read,) = StateModel(saved(torch, {"a": kept, "b": spread}), None, None).weights()

    assert np.array_equal(read, kept.numpy())


def test_weights_shaped_as_a_recogniser_are_undecided_and_said_to_be_a_candidate(torch: Any) -> None:
    answer = identify_bytes(saved(torch, module(torch).state_dict()), "a.pth", NOTHING)

    assert answer.recogniser is None
    assert any("shaped as ArcFace's ResNet" in one.detail and "candidate" in one.detail for one in answer.evidence)
    assert any("export the network to ONNX" in one.detail for one in answer.evidence)


def test_a_pickle_that_would_run_a_command_is_read_and_not_obeyed(tmp_path: Path) -> None:
    content = in_archive(pickle.dumps({"weights": Harmful(tmp_path / "done")}, protocol=2))
    answer = identify_bytes(content, "a.pth", NOTHING)

    assert answer.recogniser is None
    assert any("would run posix.system" in one.detail for one in answer.evidence)
    assert not (tmp_path / "done").exists()


@pytest.mark.parametrize("pickled", [b"", b"\x80\x02}q\x00", b"\x80\x02R.", b"\x80\x02(\x8a\x01\x02h\x07.", b"junk"])
def test_a_broken_pickle_is_an_error_of_ours(pickled: bytes) -> None:
    with pytest.raises(ModelError, match="pickle"):
        identify_bytes(in_archive(pickled), "a.pth", NOTHING)


@pytest.mark.parametrize(
    ("shapes", "name"),
    [
        ([(64, 3, 3, 3), (512, 25088)], "ArcFace's ResNet"),
        ([(512, 1792)], "FaceNet's Inception-ResNet"),
        ([(512, 1, 7, 7), (128, 512, 1, 1)], "MobileFaceNet"),
        ([(32, 3, 7, 7), (128, 256), (64, 32, 3, 3)], "dlib's ResNet"),
        ([(2622, 4096)], "VGG-Face"),
    ],
)
def test_families_are_told_by_their_last_matrix(shapes: list[tuple[int, ...]], name: str) -> None:
    assert (shaped_as(shapes) or "").startswith(name)


@pytest.mark.parametrize("shapes", [[], [(1000, 2048), (64, 3, 7, 7)], [(4096, 25088), (1000, 4096)], [(512, 768)]])
def test_other_networks_are_shaped_as_no_recogniser(shapes: list[tuple[int, ...]]) -> None:
    assert shaped_as(shapes) is None


def test_a_few_numbers_are_no_recogniser_whatever_they_are_of(torch: Any) -> None:
    said = {}
    for count in (40, 400):
        heads = {f"lin{at}.weight": torch.rand(1, count, 1, 1).exp() for at in range(30)}
        said[count] = identify_bytes(saved(torch, heads), "x", NOTHING).recogniser

    assert said == {40: False, 400: None}


def test_weights_for_sound_alone_are_no_recogniser(torch: Any) -> None:
    net = torch.nn.Sequential(torch.nn.Conv1d(1, 64, 9), torch.nn.Conv1d(64, 64, 3), torch.nn.Linear(64, 128))
    answer = identify_bytes(saved(torch, net.state_dict()), "a.pth", NOTHING)

    assert answer.recogniser is False
    assert "none goes over a picture" in answer.evidence[-1].detail


@pytest.mark.parametrize(
    ("shapes", "along"),
    [
        ([(128, 1, 512, 1), (16, 128, 64, 1), (360, 256)], True),
        ([(196, 48, 3), (139, 48)], True),
        ([(64, 3, 7, 7), (196, 48, 3)], False),
        ([(64, 3, 1, 7), (64, 64, 7, 1)], False),
        ([(1024, 256), (256, 256)], False),
        ([(1, 197, 768), (197, 1, 768), (1, 1, 768), (768, 768)], False),
        ([(512, 256, 1)], False),
        ([], False),
    ],
)
def test_kernels_along_one_axis_are_told_from_those_over_pictures_and_from_places(
    shapes: list[tuple[int, ...]], along: bool
) -> None:
    assert along_one_axis(shapes) is along


@pytest.mark.parametrize(
    ("shapes", "recurrent"),
    [
        ([(1024, 40), (1024, 256), (1024,), (1024,), (256, 256), (256,)], True),
        ([(1024, 40), (1024, 256), (256, 256), (256,)], False),
        ([(1024, 256), (1024,), (1024,), (256, 256)], False),
        ([(1024, 256), (1024, 256), (1024,), (1024,), (256, 1024)], False),
        ([(1024, 40), (1024, 256), (1024,), (1024,), (64, 3, 3, 3)], False),
        ([], False),
    ],
)
def test_networks_of_gates_alone_are_told_from_those_that_may_take_a_picture(
    shapes: list[tuple[int, ...]], recurrent: bool
) -> None:
    assert in_turns(shapes) is recurrent


def test_a_speaker_s_voice_through_gates_is_no_recogniser(torch: Any) -> None:
    net = torch.nn.ModuleList([torch.nn.LSTM(40, 64, 2), torch.nn.Linear(64, 64)])
    answer = identify_bytes(saved(torch, net.state_dict()), "a.pth", NOTHING)

    assert answer.recogniser is False
    assert "those of an LSTM" in answer.evidence[-1].detail


def test_a_pickle_that_would_be_copied_for_ever_is_given_up() -> None:
    pairs = b"".join(b"X\4\0\0\0%04dN" % key for key in range(1000))
    whole = b"\x80\x02}q\x00(" + pairs + b"uq\x01cfoo\nbar\n)\x81" + b"h\x01b" * 3000 + b"."

    with pytest.raises(ValueError, match="pairs"):
        Followed(io.BytesIO(whole))


def test_a_key_that_takes_for_ever_to_look_up_is_passed_over() -> None:
    doubled = b"\x80\x02}K\x01" + b"2\x86" * 60 + b"K\x01s."

    assert Followed(io.BytesIO(doubled)).answer == {}
