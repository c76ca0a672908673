"""TorchScript files that do more than calculate: whatever they try, nothing is written, and the answer is one line."""

import warnings
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from facewarden.detector.identity import Identity, identify, identify_bytes
from facewarden.detector.identity.known import Knowledge

torch: Any = pytest.importorskip("torch")
Entries = list[tuple[str, bytes]]

_SAVES = b"torch.save(x, "
# The same, as the reader of the text does not see it.
_HIDDEN = {
    "through getattr": lambda code: code.replace(_SAVES, b'getattr(torch, "save")(x, '),
    "over two lines": lambda code: code.replace(_SAVES, b"torch.\\\n    save(x, "),
    "behind a comment": lambda code: code.replace(_SAVES, b"(torch.  # a comment\n save)(x, "),
}


def scripted(module: Any) -> bytes:
    with warnings.catch_warnings(), BytesIO() as file:
        warnings.simplefilter("ignore", DeprecationWarning)  # deprecated, and in use
        torch.jit.save(torch.jit.script(module), file)
        return file.getvalue()


def entries(content: bytes) -> Entries:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist() if "debug_pkl" not in name]


def packed(parts: Sequence[tuple[str, bytes]]) -> bytes:
    with warnings.catch_warnings(), BytesIO() as file:
        warnings.simplefilter("ignore", UserWarning)  # that a name comes twice
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in parts:
                archive.writestr(name, data)
        return file.getvalue()


def recoded(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return packed([(name, change(data) if "/code/" in name else data) for name, data in entries(content)])


def reason(answer: Identity) -> str:
    assert (answer.recogniser, answer.function) == (None, "unknown")
    return answer.evidence[-1].detail


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """What a hostile file writes to, where it can."""
    path = tmp_path / "written"
    path.write_text("the user's own")
    return path


@pytest.fixture
def writing(target: Path) -> bytes:
    """A module that saves its input, as scripted by torch."""

    class Writes(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.place: str = str(target)

        def forward(self, x):
            torch.save(x, self.place)
            return x.mean((2, 3))

    return scripted(Writes())


@pytest.fixture
def looked_at(target: Path, nothing_known: Knowledge) -> Callable[[bytes], str]:
    def look(content: bytes) -> str:
        """Also where another model would be looked at in this process, as those of a watched program are."""
        found = {reason(identify_bytes(content, "x", nothing_known, here=here)) for here in (False, True)}
        assert target.read_text() == "the user's own"
        return found.pop()

    return look


def test_code_that_writes_is_not_loaded(writing: bytes, looked_at: Callable[[bytes], str]) -> None:
    assert "reads or writes files" in looked_at(writing)


def test_names_that_differ_only_in_case_are_refused(writing: bytes, looked_at: Callable[[bytes], str]) -> None:
    moved = [(name.replace("/code/", "/Code/"), data) for name, data in entries(writing)]
    decoy = (f"{moved[0][0].split('/')[0]}/code/zz.py", b"")

    assert "differ only in case" in looked_at(packed([*moved, decoy]))
    assert "reads or writes files" in looked_at(packed(moved))


@pytest.mark.parametrize("order", [1, -1])
def test_names_that_come_twice_are_refused(order: int, writing: bytes, looked_at: Callable[[bytes], str]) -> None:
    parts = entries(writing)
    code = next(name for name, _ in parts if name.endswith(".py"))
    harmless = [(name, data.replace(b"torch.save(x, self.place)", b"pass")) for name, data in parts if name == code]

    assert "have one name" in looked_at(packed([*parts, *harmless][::order]))


@pytest.mark.parametrize("how", _HIDDEN)
def test_an_operator_written_otherwise_is_found_in_the_graph(
    how: str, writing: bytes, looked_at: Callable[[bytes], str]
) -> None:
    content = recoded(writing, _HIDDEN[how])
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert not any(_SAVES in archive.read(name) for name in archive.namelist())

    assert "aten::save" in looked_at(content)


def test_so_is_one_in_a_branch_of_a_function_of_a_submodule(target: Path, looked_at: Callable[[bytes], str]) -> None:
    class Inner(torch.nn.Module):
        def forward(self, x, place: str):
            if bool(x.sum() > 1e9):
                torch.save(x, place)
            return x

    class Outer(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.place = Inner(), str(target)

        def forward(self, x):
            return self.inner(x, self.place).mean((2, 3))

    assert "aten::save" in looked_at(recoded(scripted(Outer()), _HIDDEN["through getattr"]))


def test_code_that_runs_while_it_is_loaded_cannot_write(target: Path, looked_at: Callable[[bytes], str]) -> None:
    class Wakes(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.place: str = str(target)

        @torch.jit.export
        def __getstate__(self) -> tuple[str, bool]:
            return self.place, self.training

        @torch.jit.export
        def __setstate__(self, state: tuple[str, bool]) -> None:
            self.place, self.training = state
            x = torch.zeros(4)
            torch.save(x, self.place)

        def forward(self, x):
            return x.mean((2, 3))

    assert "aten::save in __setstate__" in looked_at(recoded(scripted(Wakes()), _HIDDEN["through getattr"]))


def test_memory_of_a_file_is_not_read_into_a_tensor(target: Path, looked_at: Callable[[bytes], str]) -> None:
    class Reads(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.place: str = str(target)

        def forward(self, x):
            return x.mean((2, 3)) + torch.from_file(self.place, True, 4).sum()

    assert "reads or writes files" in looked_at(scripted(Reads()))


def test_a_thread_of_its_own_is_not_started(looked_at: Callable[[bytes], str]) -> None:
    class Forks(torch.nn.Module):
        def forward(self, x):
            return torch.jit.wait(torch.jit.fork(torch.relu, x)).mean((2, 3))

    assert "prim::fork" in looked_at(scripted(Forks()))


def test_code_that_asks_for_more_memory_than_there_is_is_undecided(nothing_known: Knowledge) -> None:
    class Greedy(torch.nn.Module):
        def forward(self, x):
            return torch.ones(60000, 60000).sum() + x.mean((2, 3))

    assert "cannot be run" in reason(identify_bytes(scripted(Greedy()), "x", nothing_known))


def test_an_honest_module_runs_with_loops_branches_and_noise_and_says_the_same_twice(
    tmp_path: Path, nothing_known: Knowledge
) -> None:
    class Honest(torch.nn.Module):
        def forward(self, x):
            for _ in range(3):
                x = torch.relu(x) if bool(x.sum() > 0) else -x
            pooled = x.mean((2, 3)).repeat(1, 8)
            return torch.nn.functional.normalize(pooled + torch.randn(1, 24), dim=1)

    (tmp_path / "model.pt").write_bytes(scripted(Honest()))
    answers = [identify(tmp_path / "model.pt", nothing_known) for _ in range(2)]

    assert answers[0].recogniser is False
    assert answers[0] == answers[1]
