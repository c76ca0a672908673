"""What is known of the models of a server, and how much is found out at once."""

import asyncio
import gc
import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager

import pytest

from facewarden.detector.identity.model import Run
from facewarden.detector.sidecar.gateway import models
from facewarden.detector.sidecar.gateway.asking import Described, Server, TensorMeta, Unasked
from facewarden.detector.sidecar.gateway.limits import UNDER_WAY
from facewarden.detector.sidecar.gateway.models import Models

TEXT = TensorMeta("text", "BYTES", (1,))


class Hanging(Server):
    """A server that says what it knows of `light`, and of other names nothing until it is let go."""

    def __init__(self) -> None:
        self.let_go, self.asked = threading.Event(), 0

    def describe(self, model: str, version: str) -> Described:  # noqa: ARG002
        self.asked += 1
        if model != "light" and not self.let_go.wait(20):
            raise AssertionError("nobody has let it go")
        if model != "light":
            raise Unasked("there is no such model")
        return Described((TEXT,), (TEXT,), model)

    def running(self, model: str, version: str, described: Described) -> AbstractContextManager[Run]:
        raise NotImplementedError


def asking(do: Callable[[Models], Awaitable[None]]) -> Hanging:
    """Do that with the models of a server that hangs, which know `light` and whose table is full of other names."""
    server = Hanging()

    async def done() -> None:
        known = Models(server, None, {"light": "other"}, lambda _: None)
        assert (await known.find("light", "")).task == "other"
        waiting = [asyncio.create_task(known.find(f"n{n}", "")) for n in range(UNDER_WAY)]
        while server.asked < 3:  # `light`, and the two that are asked about at once
            await asyncio.sleep(0.01)
        try:
            await do(known)
        finally:
            server.let_go.set()
            await asyncio.gather(*waiting)

    asyncio.run(done())
    return server


def test_names_that_clients_invent_are_held_once_so_many_of_them_wait() -> None:
    async def ask(known: Models) -> None:
        gc.collect()
        before = len(gc.get_objects())
        found = [await known.find(f"more{n}", "") for n in range(5000)]
        assert {(one.task, one.why) for one in found} == {(None, "too many models are being found out; ask again")}
        del found
        gc.collect()
        assert len(gc.get_objects()) < before + 100

    asked = asking(ask).asked
    assert asked == 1 + UNDER_WAY


def test_models_that_are_known_are_asked_for_again_beside_names_that_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(known: Models) -> None:
        monkeypatch.setattr(models, "FRESH_S", 0.0)
        assert (await known.find("light", "")).task == "other"

    asking(ask)


def test_a_load_lets_nothing_pile_up_behind_a_server_that_hangs() -> None:
    async def ask(known: Models) -> None:
        for n in range(200):
            known.forget()
            assert (await known.find(f"more{n}", "")).why.startswith("too many")

    asked = asking(ask).asked
    assert asked == 3  # the others' turn came after the load


@pytest.mark.parametrize(
    ("name", "shown"), [("n" * 20_000, ()), ("n", tuple(TensorMeta(f"t{n}", "FP32", (1,)) for n in range(5000)))]
)
def test_what_is_too_long_to_be_kept_is_not_asked_for(name: str, shown: tuple[TensorMeta, ...]) -> None:
    async def ask(known: Models) -> None:
        assert (await known.find(name, "", shown)).why == "its name, or what it takes, is too long"

    asking(ask)
