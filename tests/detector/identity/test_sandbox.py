"""The process that looks at model files: what it cannot do, and that it outlives what ends it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facewarden.detector.identity import Limits, identify, identify_bytes
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.model import Unrunnable
from facewarden.detector.identity.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confined by Linux alone")

# Tried after confinement by one of the two ways; what the kernel lets pass is printed.
_TRIES = """
import os, socket, sys
from contextlib import suppress
from facewarden.detector.identity.sandbox import landlock, seccomp
folder, way = sys.argv[1:]
os.chdir(folder)
held = {"landlock": landlock.forbid_writing, "seccomp": seccomp.forbid_calls}[way]()
tries = {
    "read": lambda: open("there").read(), "create": lambda: open("new", "w"), "append": lambda: open("there", "a"),
    "empty": lambda: os.open("there", os.O_RDONLY | os.O_TRUNC), "remove": lambda: os.unlink("there"),
    "rename": lambda: os.rename("there", "elsewhere"), "folder": lambda: os.mkdir("folder"),
    "link": lambda: os.symlink("there", "link"), "connect": lambda: socket.create_connection(("127.0.0.1", 9), 1),
    "run": lambda: os.execv("/bin/true", ["true"]),
}
done = []
for name, attempt in tries.items():
    try:
        attempt()
    except PermissionError:
        continue
    except OSError:
        pass
    done.append(name)
print(held, *done)
"""


@pytest.fixture
def own() -> Iterator[Sandbox]:
    """A process that no other test uses."""
    made = Sandbox()
    yield made
    made.close()


@pytest.mark.parametrize("way", ["landlock", "seccomp"])
def test_each_of_the_two_ways_leaves_reading_and_nothing_else(way: str, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("content")
    command = [sys.executable, "-c", _TRIES, str(tmp_path), way]
    held, *done = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    if held == "False":
        pytest.skip(f"this kernel has no {way}")

    assert done == ["read"]
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_file_that_never_ends_is_one_answer_and_the_next_one_is_looked_at(
    recogniser: bytes, nothing_known: Knowledge
) -> None:
    endless = identify_bytes(looping(), "x", nothing_known, limits=Limits(seconds=1))

    assert endless.recogniser is None
    assert "takes more than 1 s of processor time" in endless.evidence[-1].detail
    assert identify_bytes(recogniser, "x", nothing_known).recogniser is True


def test_a_file_that_wants_more_memory_than_it_may_have_is_undecided(nothing_known: Knowledge) -> None:
    answer = identify_bytes(growing(), "x", nothing_known, limits=Limits(memory=1 << 30))

    assert (answer.recogniser, "not tried" in answer.evidence[-1].detail) == (None, True)


def test_inputs_and_outputs_beyond_all_measure_are_not_tried(nothing_known: Knowledge) -> None:
    answer = identify_bytes(model([60000, 60000]), "x", nothing_known)

    assert (answer.recogniser, answer.evidence[-1].detail) == (None, "not tried: it takes inputs of 14.4 GB")


def test_one_process_does_for_many_files_and_another_follows_one_that_is_killed(own: Sandbox) -> None:
    first = pid_of(own)
    assert pid_of(own) == first
    os.kill(first, 9)

    assert pid_of(own) != first


def test_threads_take_turns(recogniser: bytes, own: Sandbox) -> None:
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(own.examine(recogniser, None, Knowledge()))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers)


def test_a_fork_has_a_process_of_its_own(own: Sandbox) -> None:
    ours = pid_of(own)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, str(pid_of(own)).encode())
        own.close()
        os._exit(0)
    os.waitpid(child, 0)

    assert int(os.read(reading, 20)) != ours
    assert pid_of(own) == ours


def test_the_answer_is_the_one_that_this_process_would_give(
    recogniser: bytes, nothing_known: Knowledge, tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(recogniser)

    assert identify(path, nothing_known) == identify(path, nothing_known, here=True)


def pid_of(one: Sandbox) -> int:
    one.examine(model([1]), None, Knowledge())
    assert one._child
    return one._child._process.pid


def model(second: list[int]) -> bytes:
    """The mean of each colour of a picture, and a second input that is asked for and does not matter."""
    inputs = [("x", [1, 3, 16, 16]), ("z", second)]
    steps = [
        helper.make_node("ReduceMean", ["z"], ["m"], keepdims=0),
        helper.make_node("GlobalAveragePool", ["x"], ["p"]),
        helper.make_node("Add", ["p", "m"], ["y"]),
    ]
    return as_bytes(steps, inputs)


def growing() -> bytes:
    """Makes 14 GB of one number."""
    steps = [
        helper.make_node("Expand", ["one", "shape"], ["e"]),
        helper.make_node("ReduceSum", ["e"], ["s"], keepdims=0),
        helper.make_node("GlobalAveragePool", ["x"], ["p"]),
        helper.make_node("Add", ["p", "s"], ["y"]),
    ]
    stored = [
        numpy_helper.from_array(np.ones(1, np.float32), "one"),
        numpy_helper.from_array(np.full(2, 60000), "shape"),
    ]
    return as_bytes(steps, [("x", [1, 3, 16, 16])], stored)


def looping() -> bytes:
    inner = [helper.make_node("Identity", ["c"], ["again"]), helper.make_node("Identity", ["v"], ["w"])]
    state = [("i", TensorProto.INT64, []), ("c", TensorProto.BOOL, []), ("v", TensorProto.FLOAT, [1, 3, 16, 16])]
    after = [("again", TensorProto.BOOL, []), ("w", TensorProto.FLOAT, [1, 3, 16, 16])]
    before, after = ([helper.make_tensor_value_info(*one) for one in side] for side in (state, after))
    body = helper.make_graph(inner, "body", before, after)
    steps = [
        helper.make_node("Loop", ["most", "yes", "x"], ["l"], body=body),
        helper.make_node("GlobalAveragePool", ["l"], ["y"]),
    ]
    stored = [numpy_helper.from_array(np.array(2**62), "most"), numpy_helper.from_array(np.array(True), "yes")]
    return as_bytes(steps, [("x", [1, 3, 16, 16])], stored)


def as_bytes(
    steps: list[onnx.NodeProto], inputs: list[tuple[str, list[int]]], stored: list[onnx.TensorProto] | None = None
) -> bytes:
    graph = helper.make_graph(
        steps,
        "g",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, 1, 1])],
        stored,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString()


@pytest.mark.parametrize(
    "shape", [[60000, 60000], [50000, 3, 112, 112]], ids=["a second input of 14 GB", "a batch of 50,000"]
)
def test_one_file_that_asks_for_too_much_leaves_its_honest_neighbour_to_be_found(
    shape: list[int], recogniser: bytes, nothing_known: Knowledge
) -> None:
    answer = identify_bytes(model(shape), "x", nothing_known)

    assert answer.recogniser is None
    assert answer.evidence[-1].detail.startswith("not tried: it takes inputs of")
    assert identify_bytes(recogniser, "x", nothing_known).recogniser is True


def test_functions_that_unfold_half_a_billion_times_end_in_time(nothing_known: Knowledge) -> None:
    answer = identify_bytes(unfolding(29), "x", nothing_known, limits=Limits(seconds=1))

    assert answer.recogniser is None
    assert "takes more than 1 s of processor time" in answer.evidence[-1].detail


def unfolding(depth: int) -> bytes:
    """ONNX in which each local function calls the one before it twice."""
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    functions = [helper.make_function("own", "f0", ["a"], ["b"], [helper.make_node("Neg", ["a"], ["b"])], opsets)]
    for number in range(1, depth + 1):
        twice = [helper.make_node(f"f{number - 1}", [a], [b], domain="own") for a, b in ("am", "mb")]
        functions.append(helper.make_function("own", f"f{number}", ["a"], ["b"], twice, opsets))
    picture = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 112, 112])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, 112, 112])
    graph = helper.make_graph([helper.make_node(f"f{depth}", ["x"], ["y"], domain="own")], "g", [picture], [out])
    return helper.make_model(graph, opset_imports=opsets, functions=functions, ir_version=9).SerializeToString()


def test_a_process_that_sleeps_is_ended_by_the_wall(own: Sandbox) -> None:
    first = pid_of(own)
    os.kill(first, signal.SIGSTOP)

    with pytest.raises(Unrunnable, match="too long by the wall"):
        own.examine(model([1]), None, Knowledge(), Limits(seconds=1))
    assert pid_of(own) != first
