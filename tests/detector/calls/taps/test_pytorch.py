"""What is PyTorch's own: modules in modules, tracing, compiling, training."""

import random
from collections.abc import Iterator
from pathlib import Path
from types import MethodType
from typing import Any

import numpy as np
import pytest
from helpers.runtimes import open_module

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.runtimes.pytorch import PyTorchTap
from facewarden.detector.calls.taps.scripted import ScriptedGate

torch: Any = pytest.importorskip("torch", reason="torch is not installed here: make taps")
HERE = Path()
X = np.random.default_rng(2).random((1, 3, 112, 112), np.float32)


@pytest.fixture(autouse=True)
def taps(gate: ScriptedGate) -> Iterator[Taps]:
    taps = Taps(gate, [PyTorchTap])
    taps.install()
    yield taps
    taps.remove()


def test_only_the_outermost_module_is_a_call(gate: ScriptedGate) -> None:
    module = open_module(HERE)
    module(torch.from_numpy(X))

    assert [model.name for model, _ in gate.admitted] == ["Sequential"]


def test_the_picture_is_the_hosts_own_memory(gate: ScriptedGate) -> None:
    picture = torch.from_numpy(X.copy())
    open_module(HERE)(picture)

    (array,) = gate.admitted[0][1]
    assert np.shares_memory(array, picture.numpy())


def test_a_module_runs_on_a_batch_for_the_gate_and_learns_nothing_from_it(gate: ScriptedGate) -> None:
    module = torch.nn.Sequential(torch.nn.BatchNorm2d(3), torch.nn.Flatten()).eval()
    module(torch.from_numpy(X))
    before = {name: value.clone() for name, value in module.state_dict().items()}
    run = gate.opened_with[0][1]
    assert run

    (answer,) = run(X)
    assert answer.shape == (1, 3 * 112 * 112)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert len(gate.admitted) == 2  # without `aside` it is a call like any other

    module.train()
    with pytest.raises(RuntimeError, match="training"):
        run(X)


def test_gradients_flow_as_without_us() -> None:
    module, x = torch.nn.Linear(4, 1), torch.ones(2, 4, requires_grad=True)
    module(x).sum().backward()

    assert torch.equal(x.grad, module.weight.expand(2, 4))


def test_a_compiled_module_is_watched_in_one_piece(gate: ScriptedGate) -> None:
    module = open_module(HERE)
    compiled = torch.compile(module, backend="eager", fullgraph=True)

    assert torch.equal(compiled(torch.from_numpy(X)), module(torch.from_numpy(X)))
    assert len(gate.admitted) == 2


def test_an_error_inside_leaves_the_thread_outside_of_every_module(gate: ScriptedGate) -> None:
    module = open_module(HERE)
    with pytest.raises(AttributeError):
        module([torch.zeros(1)])
    module(torch.from_numpy(X))

    assert len(gate.admitted) == 2


class Stack(torch.nn.Module):
    """As people write them; what the first argument is called is nobody's business."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = torch.nn.Conv2d(3, 4, 3)
        self.head = torch.nn.Flatten()

    def forward(net, x: Any) -> Any:  # noqa: N805
        return net.head(net.forward_features(x))

    def forward_features(self, x: Any) -> Any:
        return self.stem(x)

    def embed(self, x: Any) -> Any:
        return self.head(self.stem(x)).mean(1)

    def extract(self, x: Any, y: Any) -> Any:
        return self.stem(x) * y

    def embed_all(self, x: list[Any]) -> Any:
        return self.stem(torch.cat([one.reshape(1, 3, 112, 112) for one in x]))

    def extract_any(self, *x: Any, **_: Any) -> Any:
        return self.stem(x[0])

    def encode(self, x: Any, *, wide: bool) -> Any:
        return self.stem(x) if wide else None


@pytest.mark.parametrize(
    ("way", "given", "name", "answer"),
    [
        ("forward", {}, "Stack", (3, 48400)),
        ("forward_features", {}, "Stack.forward_features", (3, 4, 110, 110)),
        ("embed", {}, "Stack.embed", (3,)),
        ("extract", {"y": torch.zeros(1, 1, 1, 1)}, "Stack.extract", (3, 4, 110, 110)),
        ("embed_all", None, "Stack.embed_all", (3, 4, 110, 110)),
        ("extract_any", {}, "Stack.extract_any", (3, 4, 110, 110)),
        ("encode", {"wide": True}, "Stack.encode", (3, 4, 110, 110)),
    ],
)
def test_a_method_that_is_called_by_itself_is_the_model_and_what_it_does_is_tried(
    gate: ScriptedGate, way: str, given: dict[str, Any] | None, name: str, answer: tuple[int, ...]
) -> None:
    stack, picture = Stack().eval(), torch.from_numpy(X)
    for _ in range(2):
        getattr(stack, way)([picture] if given is None else picture, **given or {})

    assert {model.name for model, _ in gate.admitted} == {name}
    ((_, run, _),) = gate.opened_with
    assert run
    assert run(np.repeat(X, 3, axis=0))[0].shape == answer


def test_what_was_exported_can_be_tried_and_is_in_no_training(gate: ScriptedGate) -> None:
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)).eval()
    pictures = torch.from_numpy(np.repeat(X, 2, axis=0))
    module = torch.export.export(net, (pictures,)).module()
    module(pictures)

    ((_, run, _),) = gate.opened_with
    assert run
    assert run(pictures.numpy())[0].shape == (2, 4, 110, 110)


@pytest.mark.parametrize(
    ("module", "answer"),
    [
        (torch.nn.Upsample(scale_factor=2), (1, 3, 224, 224)),
        (torch.nn.Sequential(torch.nn.BatchNorm2d(3).eval()), (1, 3, 112, 112)),
        (torch.nn.Sequential(torch.nn.BatchNorm2d(3)), None),
    ],
)
def test_a_module_in_training_mode_is_tried_if_nothing_in_it_would_learn(
    gate: ScriptedGate, module: Any, answer: tuple[int, ...] | None
) -> None:
    module(torch.from_numpy(X))

    ((_, run, _),) = gate.opened_with
    assert module.training
    assert run
    if answer:
        assert run(X)[0].shape == answer
    else:
        with pytest.raises(RuntimeError, match="training"):
            run(X)


class OfPictures(torch.nn.Module):
    """Takes what is no tensor yet, and has more than one part."""

    def __init__(self) -> None:
        super().__init__()
        self.prepare, self.net = torch.nn.Sequential(torch.nn.Identity()), torch.nn.Sequential(torch.nn.Flatten())

    def forward(self, picture: Any) -> Any:
        return self.net(self.prepare(torch.from_numpy(picture)))

    def embed(self, x: Any, names: object) -> Any:
        return self.net(self.prepare(x)), vars(names)


@pytest.mark.parametrize("way", ["__call__", "forward"])
def test_in_a_module_that_is_given_no_tensor_what_it_calls_counts(gate: ScriptedGate, way: str) -> None:
    module = OfPictures().eval()
    getattr(module, way)(X)

    assert [inputs[0].shape for _, inputs in gate.admitted] == [X.shape] * 2  # pyright: ignore[reportAttributeAccessIssue]
    assert [run(X)[0].shape for _, run, _ in gate.opened_with if run] == [X.shape, (1, X.size)]


def test_of_a_method_that_cannot_be_tried_the_parts_are(gate: ScriptedGate) -> None:
    module = OfPictures().eval()
    for _ in range(2):
        module.embed(torch.from_numpy(X), gate)
        for _, run, _ in gate.opened_with:
            assert run
            run(X)

    assert [model.name for model in gate.models] == ["OfPictures.embed", "Sequential", "Sequential"]


class System(torch.nn.Module):
    """A detector, and beside it what its `forward` has no part in."""

    def __init__(self) -> None:
        super().__init__()
        self.detector, self.recogniser = torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten()

    def forward(self, x: Any) -> Any:
        return self.detector(x)

    def forward_recognise(self, x: Any) -> Any:
        return self.recogniser(x)


def forward_both(system: Any, x: Any) -> Any:
    return system.recogniser(x)


def test_what_forward_has_no_part_in_is_not_taken_for_it(gate: ScriptedGate) -> None:
    system, picture = System(), torch.from_numpy(X)
    system.forward_recognise(picture)
    forward_both(system, picture)

    assert [model.name for model, _ in gate.admitted] == ["System.forward_recognise", "Flatten"]


def test_a_forward_that_is_wrapped_or_inherited_or_put_in_its_place_is_the_modules_own(gate: ScriptedGate) -> None:
    class Wrapped(Stack):
        @torch.no_grad()
        def forward(self, x: Any) -> Any:
            return super().forward(x)

    placed = Stack()

    def forward(self: Any, x: Any) -> Any:
        return self.stem(x)

    placed.forward = MethodType(forward, placed)
    for module in (Wrapped(), placed):
        module.forward(torch.from_numpy(X))

    assert {model.name for model, _ in gate.admitted} == {"Wrapped", "Stack"}


class Chance(torch.nn.Module):
    """Draws lots, from all that there is."""

    def forward(self, x: Any) -> Any:
        return x * torch.rand(1) * random.random() * float(np.random.rand())


def test_trying_a_module_leaves_the_hosts_random_numbers_as_they_are_and_is_no_matter_of_chance(
    gate: ScriptedGate,
) -> None:
    def state() -> tuple[object, ...]:
        return torch.get_rng_state().tolist(), random.getstate(), str(np.random.get_state())

    module = Chance()
    module(torch.from_numpy(X))
    run = gate.opened_with[0][1]
    assert run
    before = state()

    assert np.array_equal(run(X)[0], run(X)[0])
    assert state() == before


def exported_in_training() -> Any:
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    return torch.export.export(net, (torch.from_numpy(np.repeat(X, 2, axis=0)),)).module()


def never_told() -> Any:
    net = torch.nn.Sequential(torch.nn.BatchNorm2d(3))
    net.train = lambda mode=True: net  # noqa: ARG005
    return net


@pytest.mark.parametrize("make", [exported_in_training, never_told])
def test_what_learns_whatever_its_mode_has_learned_nothing_when_it_was_tried(gate: ScriptedGate, make: Any) -> None:
    module, pictures = make(), np.repeat(X, 2, axis=0)
    module(torch.from_numpy(pictures))
    before = {name: value.clone() for name, value in module.state_dict().items()}
    run = gate.opened_with[0][1]

    assert run
    assert run(pictures)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_a_net_in_eval_mode_is_in_no_training_although_what_it_is_wrapped_in_is(gate: ScriptedGate) -> None:
    net, pictures = torch.nn.Sequential(torch.nn.BatchNorm2d(3)), torch.from_numpy(np.repeat(X, 2, axis=0))
    wrapped = torch.nn.Sequential(net)
    wrapped(pictures)
    assert not gate.admitted

    net.eval()
    wrapped(pictures)
    assert wrapped.training
    assert len(gate.admitted) == 1


class OfOneSize(torch.nn.Module):
    """Takes pictures of one size alone, which its first part, a module of modules, does not mind."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = torch.nn.Sequential(torch.nn.AvgPool2d(2))

    def embed(self, points: Any, x: Any) -> Any:
        return self.stem(x).reshape(-1, 3, 56, 56).mean((2, 3)) + 0 * points.sum()


def test_a_method_that_has_worked_is_not_judged_by_its_first_part_where_it_fails(gate: ScriptedGate) -> None:
    module = OfOneSize().eval()
    module.embed(torch.zeros(1, 5, 2), torch.from_numpy(X))
    run = gate.opened_with[0][1]

    assert run
    assert run(X)[0].shape == (1, 3)
    with pytest.raises(RuntimeError, match="shape"):
        run(X[:, :, :80, :80])
