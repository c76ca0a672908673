"""The reference evaluator of the package onnx, which runs models in numpy."""

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from ..arguments import Look, content_of, name_of
from ..handle import Handle
from ..patch import Patches
from ..tap import Tap


class OnnxReferenceTap(Tap):
    """`ReferenceEvaluator.run`; what it runs of a model's own functions and branches belongs to that call."""

    runtime = "onnx-reference"
    modules = ("onnx.reference",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        evaluator: Any = module.ReferenceEvaluator
        patches.wrap(evaluator, "run", lambda original: self.outermost(original, Look(_fed)))

    def prove(self) -> bool:
        evaluator = self.module.ReferenceEvaluator
        own = evaluator.__new__(evaluator)
        model = self.remember(own, Handle(self.runtime, "our own call", watched=False))
        try:
            own.run(None, None)
        except Exception:  # noqa: BLE001 - it has no graph; that it came to us is enough
            return model.counted == 1
        return False

    def adopt(self, holder: Any) -> Handle:
        """Opened when it is first called: each of a model's functions is an evaluator too, and called in another."""
        proto = holder.proto_
        serialised = proto.SerializeToString() if type(proto).__name__ == "ModelProto" else None
        content = content_of((serialised,), {})
        return self.gate.opened(self.runtime, name_of(content), content)


def _fed(_: object, __: object, feed: Mapping[str, object], *___: object, **____: object) -> Iterable[object]:
    return feed.values()
