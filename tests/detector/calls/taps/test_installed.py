"""The taps together: states, the heart, imports, and what no tap covers."""

import importlib
import importlib.util
import sys
import threading
import time
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from facewarden.detector.calls.taps import ALL, Kind, Tap, Taps, TapState, uncovered
from facewarden.detector.calls.taps.arguments import Look
from facewarden.detector.calls.taps.handle import Handle, Holders
from facewarden.detector.calls.taps.imports import ImportWatch
from facewarden.detector.calls.taps.patch import Patches
from facewarden.detector.calls.taps.scripted import ScriptedGate


class EchoTap(Tap):
    """Of a runtime made here."""

    runtime = "echo"
    modules = ("echo_runtime",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self.watch_calls(patches, module.Echo, "run", Look(lambda _, value: [value]))


ECHO = """
class Echo:
    def run(self, value):
        return value
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that modules can be imported from, and whose modules are forgotten again."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "echo_runtime.py").write_text(ECHO)
    sys.modules.pop("echo_runtime", None)
    importlib.invalidate_caches()
    return tmp_path


@pytest.fixture
def taps(gate: ScriptedGate, folder: Path) -> Taps:  # noqa: ARG001 - its runtime is there
    return Taps(gate, [EchoTap])


def test_a_tap_waits_for_its_runtime_and_is_on_once_that_is_imported(taps: Taps, gate: ScriptedGate) -> None:
    taps.install()
    try:
        assert taps.check() == [TapState("echo", "waiting")]
        echo = importlib.import_module("echo_runtime")
        assert taps.check() == [TapState("echo", "on")]
        assert echo.Echo().run(3) == 3
        assert [inputs for _, inputs in gate.admitted] == [[3]]
    finally:
        taps.remove()


def test_a_module_that_is_loaded_anew_is_watched_anew(taps: Taps, gate: ScriptedGate) -> None:
    taps.install()
    try:
        echo = importlib.import_module("echo_runtime")
        importlib.reload(echo).Echo().run(1)
        del sys.modules["echo_runtime"]
        importlib.import_module("echo_runtime").Echo().run(2)
        assert [inputs for _, inputs in gate.admitted] == [[1], [2]]
    finally:
        taps.remove()


def test_a_module_that_came_without_the_import_system_is_found_at_the_next_check(taps: Taps) -> None:
    taps.install()
    module = ModuleType("echo_runtime")
    exec(ECHO, module.__dict__)
    sys.modules["echo_runtime"] = module
    try:
        assert taps.check() == [TapState("echo", "on")]
    finally:
        taps.remove()
        del sys.modules["echo_runtime"]


def test_a_runtime_that_we_do_not_know_is_imported_all_the_same_and_its_tap_is_lost(folder: Path) -> None:
    (folder / "echo_runtime.py").write_text("VERSION = 99\n")
    taps = Taps(ScriptedGate(), [EchoTap])
    taps.install()
    try:
        assert importlib.import_module("echo_runtime").VERSION == 99
        (state,) = taps.check()
        assert state.state == "lost"
        assert "echo_runtime cannot be watched" in state.detail
    finally:
        taps.remove()


def test_a_runtime_that_fails_to_import_fails_as_without_us(taps: Taps, folder: Path) -> None:
    (folder / "echo_runtime.py").write_text("raise ImportError('no GPU')\n")
    taps.install()
    try:
        with pytest.raises(ImportError, match="no GPU"):
            importlib.import_module("echo_runtime")
        assert taps.check() == [TapState("echo", "waiting")]
    finally:
        taps.remove()


def test_each_change_of_a_state_is_told_once(taps: Taps) -> None:
    told: list[TapState] = []
    heard = threading.Condition()

    def hear(state: TapState) -> None:
        with heard:
            told.append(state)
            heard.notify()

    def states(count: int) -> list[str]:
        with heard:
            assert heard.wait_for(lambda: len(told) >= count, timeout=10)
        return [state.state for state in told]

    taps.install()
    taps.watch(hear, seconds=0.01)
    assert states(1) == ["waiting"]
    echo = importlib.import_module("echo_runtime")
    assert states(2) == ["waiting", "on"]
    echo.Echo.run = lambda self, value: value  # noqa: ARG005
    assert states(3) == ["waiting", "on", "lost"]
    time.sleep(0.05)
    taps.remove()

    assert states(3) == ["waiting", "on", "lost"]
    assert taps.checked_at is not None
    assert not any(thread.name == "facewarden-heartbeat" for thread in threading.enumerate())


def test_a_wrapper_of_somebody_else_around_ours_is_no_loss(taps: Taps) -> None:
    taps.install()
    echo = importlib.import_module("echo_runtime")
    theirs = Patches()
    theirs.wrap(echo.Echo, "run", lambda original: lambda self, value: original(self, value))
    try:
        assert taps.check() == [TapState("echo", "on")]
    finally:
        theirs.undo()
        taps.remove()


def test_two_taps_of_one_module_are_both_on_as_soon_as_it_is_imported(gate: ScriptedGate, folder: Path) -> None:
    class OtherTap(EchoTap):
        runtime = "other"

    assert (folder / "echo_runtime.py").exists()
    taps = Taps(gate, [EchoTap, OtherTap])
    taps.install()
    try:
        importlib.import_module("echo_runtime").Echo().run(3)
        assert [model.runtime for model, _ in gate.admitted] == ["other", "echo"]
    finally:
        taps.remove()


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.runtime)
def test_the_table_says_of_each_tap_what_it_says_of_itself(kind: Kind) -> None:
    tap = kind.load()
    assert (tap.runtime, tap.modules) == (kind.runtime, kind.modules)


def test_a_tap_is_loaded_with_its_runtime_and_not_before(folder: Path, gate: ScriptedGate) -> None:
    (folder / "echo_tap.py").write_text(
        "from facewarden.detector.calls.taps import Tap\n"
        "from facewarden.detector.calls.taps.arguments import Look, first\n"
        "class EchoTap(Tap):\n"
        "    runtime, modules = 'echo', ('echo_runtime',)\n"
        "    def patch(self, module, patches):\n"
        "        self.watch_calls(patches, module.Echo, 'run', Look(first))\n"
    )
    taps = Taps(gate, [Kind("echo", ("echo_runtime",), "echo_tap:EchoTap")])
    taps.install()
    try:
        assert (taps.check(), taps.taps) == ([TapState("echo", "waiting")], [])
        assert "echo_tap" not in sys.modules
        importlib.import_module("echo_runtime").Echo().run(3)
        assert [inputs for _, inputs in gate.admitted] == [[3]]
        assert [state.state for state in taps.check()] == ["on"]
    finally:
        taps.remove()
        sys.modules.pop("echo_tap", None)


def test_a_tap_that_cannot_be_loaded_is_lost_and_its_runtime_imported_all_the_same(
    folder: Path, gate: ScriptedGate
) -> None:
    (folder / "echo_tap.py").write_text("raise ImportError('no numpy')\n")
    taps = Taps(gate, [Kind("echo", ("echo_runtime",), "echo_tap:EchoTap")])
    taps.install()
    try:
        assert importlib.import_module("echo_runtime").Echo().run(3) == 3
        assert taps.check() == [TapState("echo", "lost", "its tap cannot be loaded: no numpy")]
    finally:
        taps.remove()


@pytest.mark.usefixtures("folder")
def test_two_who_wait_for_the_same_module_are_both_told() -> None:
    told: list[str] = []
    watches = {name: ImportWatch() for name in ("one", "other")}
    for name, watch in watches.items():
        watch.wait("echo_runtime", lambda _, __, name=name: told.append(name))
    try:
        echo = importlib.import_module("echo_runtime")
    finally:
        for watch in watches.values():
            watch.stop()

    assert sorted(told) == ["one", "other"]
    assert echo.__loader__
    assert "exec_module" not in vars(echo.__loader__)


def test_modules_of_one_zip_file_share_a_loader_and_only_the_one_waited_for_is_told(folder: Path) -> None:
    with zipfile.ZipFile(folder / "both.zip", "w") as archive:
        archive.writestr("zipped_one.py", "")
        archive.writestr("zipped_two.py", "")
    sys.path.append(str(folder / "both.zip"))
    told: list[str] = []
    watch = ImportWatch()
    watch.wait("zipped_one", lambda module, _: told.append(module.__name__))
    try:
        assert importlib.util.find_spec("zipped_one")  # found, and not loaded
        importlib.import_module("zipped_two")
        assert told == []
        importlib.import_module("zipped_one")
        assert told == ["zipped_one"]
    finally:
        watch.stop()


def test_a_module_that_imports_another_of_its_own_name_is_told_of_once(folder: Path) -> None:
    (folder / "twice.py").write_text(
        "import importlib, sys\n"
        "if not hasattr(sys, 'twice_native'):\n"
        "    sys.twice_native = True\n"
        "    own = sys.modules.pop('twice')\n"
        "    native = importlib.import_module('twice')\n"
        "    sys.modules['twice'] = own\n"
        "    del sys.twice_native\n"
    )
    told: list[tuple[ModuleType, bool]] = []
    watch = ImportWatch()
    watch.wait("twice", lambda *what: told.append(what))
    try:
        module = importlib.import_module("twice")
    finally:
        watch.stop()
        del sys.modules["twice"]

    assert told == [(module, True)]


def test_what_takes_no_weak_reference_is_let_go_once_the_host_has() -> None:
    class Bare:
        __slots__ = ()

    holders, bare = Holders(), Bare()
    model = holders.add(bare, Handle("echo", "bare", watched=True))
    holders.sweep()
    assert holders.models == {id(bare): model}

    del bare
    holders.sweep()
    assert holders.models == {}


def test_runtimes_that_no_tap_covers_are_named_by_module_and_by_mapped_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "7f0000000000-7f0000001000 r-xp 00000000 08:01 1234   "
    maps = tmp_path / "maps"
    libraries = ("/usr/lib/libnvinfer.so.10", "/opt/a b/libncnn.so", "/lib/libc.so.6", "/opt/libonnxruntime.so.1")
    maps.write_text("".join(f"{line}{path}\n" for path in (*libraries, libraries[0], "")))
    monkeypatch.setitem(sys.modules, "tensorrt", ModuleType("tensorrt"))
    monkeypatch.setitem(sys.modules, "onnxruntime", ModuleType("onnxruntime"))
    found = [(one.runtime, one.seen) for one in uncovered(maps)]

    assert found == [
        ("TensorRT", "/usr/lib/libnvinfer.so.10"),
        ("TensorRT", "module tensorrt"),
        ("ncnn", "/opt/a b/libncnn.so"),
    ]
    monkeypatch.delitem(sys.modules, "onnxruntime")
    assert ("ONNX Runtime", "/opt/libonnxruntime.so.1") in [(one.runtime, one.seen) for one in uncovered(maps)]


def test_where_there_is_no_map_of_memory_modules_are_still_named(tmp_path: Path) -> None:
    assert all(one.seen.startswith("module ") for one in uncovered(tmp_path / "none"))
