"""A runtime for MLServer that runs ONNX files; MLServer imports it in an environment of its own."""

# pyright: basic, reportMissingImports=false

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Onnx(MLModel):
    async def load(self) -> bool:
        self._session = onnxruntime.InferenceSession(self.settings.parameters.uri)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {one.name: NumpyCodec.decode_input(one) for one in payload.inputs}
        answers = zip(self._session.get_outputs(), self._session.run(None, feeds), strict=True)
        outputs = [NumpyCodec.encode_output(node.name, array) for node, array in answers]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)
