"""The taps that there are. Each is loaded when a module of its runtime is first imported: most programs need few."""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .tap import Tap


class Kind(NamedTuple):
    """A tap that need not be loaded yet.

    Attributes:
        runtime, modules: as the tap itself has them, see `Tap`.
        home: where it is, as `module:class`, from this package on.
    """

    runtime: str
    modules: tuple[str, ...]
    home: str

    def load(self) -> "type[Tap]":
        """The tap itself; raises what importing it raises."""
        module, _, name = self.home.partition(":")
        return getattr(import_module(module, __package__), name)


# Runtimes of models in this process.
RUNTIMES = (
    Kind("onnxruntime", ("onnxruntime.capi.onnxruntime_pybind11_state",), ".runtimes.onnx_runtime:OnnxRuntimeTap"),
    Kind("opencv", ("cv2",), ".runtimes.opencv:OpenCVTap"),
    Kind("pytorch", ("torch",), ".runtimes.pytorch:PyTorchTap"),
    Kind(
        "litert",
        (
            "ai_edge_litert.interpreter",
            "ai_edge_litert.compiled_model",
            "tflite_runtime.interpreter",
            "tensorflow.lite.python.interpreter",
        ),
        ".runtimes.litert:LiteRTTap",
    ),
    Kind("openvino", ("openvino",), ".runtimes.openvino:OpenVinoTap"),
    Kind("dlib", ("_dlib_pybind11",), ".runtimes.dlib:DlibTap"),
    Kind("onnx-reference", ("onnx.reference",), ".runtimes.onnx_reference:OnnxReferenceTap"),
    Kind("keras", ("keras",), ".runtimes.keras:KerasTap"),
    Kind(
        "tritonclient",
        ("tritonclient.http", "tritonclient.grpc", "tritonclient.http.aio", "tritonclient.grpc.aio"),
        ".runtimes.triton:TritonTap",
    ),
    Kind("face_recognition", ("face_recognition",), ".runtimes.face_recognition:FaceRecognitionTap"),
    Kind(
        "frigate",
        (
            "frigate.data_processing.real_time.face",
            "frigate.data_processing.common.face.model",
            "frigate.data_processing.common.face.recognizer",
        ),
        ".runtimes.frigate:FrigateTap",
    ),
)
# Clients of services, and under them the HTTP libraries as a net.
CLIENTS = (
    Kind("boto3", ("botocore.client",), ".clients.aws:AwsClientTap"),
    Kind("azure-core", ("azure.core.pipeline",), ".clients.azure:AzureClientTap"),
    Kind("openai", ("openai",), ".clients.openai:OpenAiTap"),
    Kind("anthropic", ("anthropic",), ".clients.openai:AnthropicTap"),
    Kind("google-cloud-vision", ("google.cloud.vision_v1",), ".clients.google:GoogleClientTap"),
)
HTTP = (
    Kind("httpx", ("httpx",), ".clients.http:HttpxTap"),
    Kind("httpx2", ("httpx2",), ".clients.http:Httpx2Tap"),
    Kind("urllib3", ("urllib3",), ".clients.http:Urllib3Tap"),
    Kind("aiohttp", ("aiohttp",), ".clients.http:AiohttpTap"),
    Kind("http.client", ("http.client",), ".clients.http:HttpClientTap"),
)
# Pictures that the host reads.
PICTURES = (
    Kind("opencv-video", ("cv2",), ".readers.video_capture:VideoCaptureTap"),
    Kind("pyav-video", ("av",), ".readers.pyav:PyAvTap"),
    Kind("decord-video", ("decord.video_reader",), ".readers.decord:DecordTap"),
    Kind("ffmpeg-pipe", ("subprocess", "asyncio.base_subprocess"), ".readers.ffmpeg_pipe:FfmpegPipeTap"),
    Kind("picture-files", ("cv2", "PIL.Image", "_dlib_pybind11", "numpy"), ".readers.files:FilesTap"),
)

# Requests and jobs that the host serves.
SERVED = (
    Kind(
        "requests",
        (
            "wsgiref.handlers",
            "werkzeug.serving",
            "gunicorn.workers.sync",
            "gunicorn.workers.gthread",
            "gunicorn.workers.base_async",
            "waitress.task",
            "uvicorn.protocols.http.h11_impl",
            "uvicorn.protocols.http.httptools_impl",
            "flask.app",
            "django.core.handlers.wsgi",
            "bottle",
            "pyramid.router",
            "starlette.applications",
            "django.core.handlers.asgi",
            "quart.app",
            "aiohttp.web_app",
            "tornado.web",
            "rq.job",
            "huey.api",
            "dramatiq.worker",
            "celery.app.trace",
            "anyio.to_thread",
        ),
        ".served:ServedTap",
    ),
)

ALL = (*RUNTIMES, *CLIENTS, *HTTP, *PICTURES, *SERVED)
