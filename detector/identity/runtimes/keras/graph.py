"""A network of Keras, from its settings: layers that take from each other, networks in networks."""

# Settings are whatever the file says.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ...model import Array
from ..tensorflow.node import Node
from .layers import write_layer
from .steps import Steps

Weights = Callable[[str, str, Mapping[str, Any]], Mapping[str, Array]]  # of a layer's name, kind and settings
_NETWORKS = frozenset(("Functional", "Model", "Sequential"))


def steps_of(model: Mapping[str, Any], weights: Weights) -> tuple[list[Node], dict[str, Array]]:
    """Nodes of a TensorFlow graph and its constants; raises `ValueError` where the settings make no network.

    Args:
        model: `class_name` and `config`, as `model.to_json()` gives them.
        weights: of each layer by name: `kernel`, `bias`, `gamma` and so on.
    """
    reader = _Reader(weights)
    try:
        reader.network(model, "", [])
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"no network of Keras ({type(error).__name__}: {error})"[:200]) from error
    return reader.steps.nodes, reader.steps.constants


def by_layer(numbers: Mapping[str, Array]) -> Mapping[str, Mapping[str, Array]]:
    """Weights by the layer, and by what they are: `model_weights/conv/conv/kernel:0` is the kernel of conv."""
    found: defaultdict[str, dict[str, Array]] = defaultdict(dict)
    for name, value in numbers.items():
        *path, last = name.split("/")
        for part in path:
            found[part].setdefault(last.split(":")[0], value)
    return found


def networks_in(model: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any] | None]]:
    """The layers of a network in their order: name, kind, and the network that it is, if it is one."""
    config = model["config"]
    for layer in config if isinstance(config, list) else config["layers"]:
        yield _name(layer), layer["class_name"], layer if layer["class_name"] in _NETWORKS else None


class _Use(NamedTuple):
    """One use of a layer, and what it takes there: layer, which use of that, which of its outputs."""

    layer: Mapping[str, Any]
    place: int
    taken: list[tuple[str, int, int]]


class _Reader:
    def __init__(self, weights: Weights) -> None:
        self.steps = Steps()
        self._weights = weights

    def network(self, model: Mapping[str, Any], prefix: str, given: list[str]) -> list[str]:
        """All layers of a network; what it gives."""
        config = model["config"]
        layers = config if isinstance(config, list) else config["layers"]
        if model["class_name"] == "Sequential":
            return self._sequence(layers, prefix, given)
        return self._functional(config, layers, prefix, given)

    def _sequence(self, layers: list[Any], prefix: str, given: list[str]) -> list[str]:
        for place, layer in enumerate(layers):
            settings = layer["config"]
            if layer["class_name"] == "InputLayer":
                given = given or [self._input(f"{prefix}{_name(layer)}", settings)]
                continue
            if not given:
                shape = {"shape": _first_shape(layers[place:])}
                given = [self._input(f"{prefix}input", shape)]
            given = self._layer(layer, prefix, 0, given)
        return given

    def _functional(self, config: Any, layers: list[Any], prefix: str, given: list[str]) -> list[str]:
        """Each use of a layer after those that it takes from."""
        made = self._inputs(layers, prefix, list(given))
        waiting = [_Use(layer, place, taken) for layer in layers for place, taken in enumerate(_taken(layer))]
        while waiting:
            later: list[_Use] = []
            for use in waiting:
                if any((name, node) not in made for name, node, _ in use.taken):
                    later.append(use)
                    continue
                inputs = [made[name, node][tensor] for name, node, tensor in use.taken]
                made[_name(use.layer), use.place] = self._layer(use.layer, prefix, use.place, inputs)
            if len(later) == len(waiting):
                raise KeyError("layers that take from each other in a circle")
            waiting = later
        return [made[name, node][tensor] for name, node, tensor in _references(config["output_layers"])]

    def _inputs(self, layers: list[Any], prefix: str, given: list[str]) -> dict[tuple[str, int], list[str]]:
        """What the input layers give, by layer and use: what a network in a network is given, or inputs."""
        made: dict[tuple[str, int], list[str]] = {}
        for layer in layers:
            if layer["class_name"] == "InputLayer":
                own = f"{prefix}{_name(layer)}"
                made[_name(layer), 0] = [given.pop(0) if given else self._input(own, layer["config"])]
        return made

    def _layer(self, layer: Mapping[str, Any], prefix: str, place: int, inputs: list[str]) -> list[str]:
        name, kind = f"{prefix}{_name(layer)}{f'@{place}' * bool(place)}", layer["class_name"]
        if kind in _NETWORKS:
            return self.network(layer, f"{name}/", inputs)
        held = self._weights(_name(layer), kind, layer["config"])
        return [write_layer(self.steps, kind, name, inputs, layer["config"], held)]

    def _input(self, name: str, settings: Mapping[str, Any]) -> str:
        shape = settings.get("batch_input_shape") or settings.get("batch_shape") or settings.get("shape") or ()
        dims = [{"size": -1 if side is None else int(side)} for side in shape]
        kind = "DT_INT32" if "int" in str(settings.get("dtype")) else "DT_FLOAT"
        self.steps.nodes.append(
            Node(name, "Placeholder", (), {"shape": {"shape": {"dim": dims}}, "dtype": {"type": kind}})
        )
        return name


def _name(layer: Mapping[str, Any]) -> str:
    return str(layer.get("name") or layer["config"]["name"])


def _first_shape(layers: list[Any]) -> list[int | None]:
    """Of a sequence without an input layer: what its first layer says that it takes."""
    while True:
        settings = layers[0]["config"]
        if layers[0]["class_name"] not in _NETWORKS:
            return list(settings.get("batch_input_shape") or layers[0]["build_config"]["input_shape"])
        layers = settings if isinstance(settings, list) else settings["layers"]
        if layers[0]["class_name"] == "InputLayer":
            inner = layers[0]["config"]
            return list(inner.get("batch_input_shape") or inner["batch_shape"])


def _taken(layer: Mapping[str, Any]) -> list[list[tuple[str, int, int]]]:
    """For each time that a layer is used: what it takes."""
    return [list(_references(node)) for node in layer["inbound_nodes"]]


def _references(node: Any) -> Iterator[tuple[str, int, int]]:
    """Layer, which use of it, which of its outputs: in lists of any depth, or in Keras 3's own words."""
    if isinstance(node, dict):
        history = node.get("config", {}).get("keras_history") if node.get("class_name") == "__keras_tensor__" else None
        for inner in [history] if history else node.values():
            yield from _references(inner)
    elif isinstance(node, list) and len(node) >= 3 and isinstance(node[0], str) and isinstance(node[1], int):
        yield node[0], node[1], int(node[2])
        yield from _references(node[3:])
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)
