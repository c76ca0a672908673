"""What programs ask face services and chat models for, each by the library that people use, and whether it may be asked
where nobody may be identified."""

# The libraries are there only after make services.
# pyright: reportAttributeAccessIssue=false, reportMissingImports=false, reportMissingModuleSource=false, reportArgumentType=false, reportCallIssue=false

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .clients import DATA_URL, PICTURE, SECRET

WHO, WHAT, ADA = "Who is the person in this photo?", "What colour is the car?", "Who was Ada Lovelace?"
Ask = Callable[[str], Any]


@dataclass(frozen=True)
class Asked:
    """A kind of request.

    Attributes:
        name: library and operation.
        kind: of the gateway's upstream.
        library: that it needs.
        may: whether it may be asked.
        ask: asks it of a service at that address.
    """

    name: str
    kind: str
    library: str
    may: bool
    ask: Ask


def _aws(operation: str, **what: Any) -> Ask:
    def ask(url: str) -> None:
        import boto3
        from botocore.config import Config

        once = Config(retries={"max_attempts": 0})
        keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": SECRET}
        client = boto3.client("rekognition", "us-east-1", endpoint_url=url, config=once, **keys)
        getattr(client, operation)(**what)

    return ask


_IMAGE, _VIDEO = {"Image": {"Bytes": PICTURE}}, {"Video": {"S3Object": {"Bucket": "bucket", "Name": "n"}}}
_AWS: dict[str, tuple[bool, dict[str, Any]]] = {
    "search_faces_by_image": (False, {"CollectionId": "c", **_IMAGE}),
    "search_faces": (False, {"CollectionId": "c", "FaceId": "0" * 8 + "-0000-0000-0000-" + "0" * 12}),
    "search_users_by_image": (False, {"CollectionId": "c", **_IMAGE}),
    "search_users": (False, {"CollectionId": "c", "UserId": "u"}),
    "compare_faces": (False, {"SourceImage": _IMAGE["Image"], "TargetImage": _IMAGE["Image"]}),
    "index_faces": (False, {"CollectionId": "c", **_IMAGE}),
    "recognize_celebrities": (False, _IMAGE),
    "start_face_search": (False, {"CollectionId": "c", **_VIDEO}),
    "start_celebrity_recognition": (False, _VIDEO),
    "detect_faces": (True, {"Attributes": ["DEFAULT"], **_IMAGE}),
    "detect_labels": (True, _IMAGE),
    "detect_text": (True, _IMAGE),
    "detect_moderation_labels": (True, _IMAGE),
    "start_label_detection": (True, _VIDEO),
    "list_collections": (True, {}),  # runs no inference
}


def _face(**what: Any) -> Ask:
    def ask(url: str) -> None:
        from azure.ai.vision.face import FaceClient
        from azure.core.credentials import AzureKeyCredential

        models = {"detection_model": "detection_03", "recognition_model": "recognition_04"}
        with FaceClient(url, AzureKeyCredential(SECRET), retry_total=0) as client:
            client.detect(PICTURE, **models, **what)

    return ask


def _face_to_face(url: str) -> None:
    from azure.ai.vision.face import FaceClient
    from azure.core.credentials import AzureKeyCredential

    with FaceClient(url, AzureKeyCredential(SECRET), retry_total=0) as client:
        client.verify_face_to_face(face_id1="0" * 36, face_id2="1" * 36)


def _similar(url: str) -> None:
    from azure.ai.vision.face import FaceClient
    from azure.core.credentials import AzureKeyCredential

    with FaceClient(url, AzureKeyCredential(SECRET), retry_total=0) as client:
        client.find_similar(face_id="0" * 36, face_ids=["1" * 36])


def _parts(text: str, picture: bool) -> list[Any]:
    shown = [{"type": "image_url", "image_url": {"url": DATA_URL}}] if picture else []
    return [{"role": "user", "content": [{"type": "text", "text": text}, *shown]}]


def _openai(text: str, *, picture: bool = True, azure: bool = False, stream: bool = False) -> Ask:
    def ask(url: str) -> None:
        from openai import AzureOpenAI, OpenAI

        if azure:
            made = AzureOpenAI(api_key=SECRET, azure_endpoint=url, api_version="2024-10-21", max_retries=0)
        else:
            made = OpenAI(api_key=SECRET, base_url=f"{url}/v1", max_retries=0)
        with made as client:
            answer = client.chat.completions.create(model="m", messages=_parts(text, picture), stream=stream)
            if stream:
                list(answer)

    return ask


def _responses(text: str) -> Ask:
    def ask(url: str) -> None:
        from openai import OpenAI

        content = [{"type": "input_text", "text": text}, {"type": "input_image", "image_url": DATA_URL}]
        with OpenAI(api_key=SECRET, base_url=f"{url}/v1", max_retries=0) as client:
            client.responses.create(model="m", input=[{"role": "user", "content": content}])

    return ask


def _embeddings(url: str) -> None:
    from openai import OpenAI

    with OpenAI(api_key=SECRET, base_url=f"{url}/v1", max_retries=0) as client:
        client.with_raw_response.embeddings.create(model="m", input="a", encoding_format="float")


def _claude(text: str, *, picture: bool = True, stream: bool = False) -> Ask:
    def ask(url: str) -> None:
        from anthropic import Anthropic

        source = {"type": "base64", "media_type": "image/jpeg", "data": DATA_URL.split(",")[1]}
        shown = [{"type": "image", "source": source}] if picture else []
        said = [{"role": "user", "content": [*shown, {"type": "text", "text": text}]}]
        with Anthropic(api_key=SECRET, base_url=url, max_retries=0) as client:
            answer = client.messages.create(model="m", max_tokens=9, messages=said, stream=stream)
            if stream:
                answer.close()

    return ask


def _gemini(text: str, *, picture: bool = True) -> Ask:
    def ask(url: str) -> None:
        from google import genai
        from google.genai import types

        shown = [types.Part.from_bytes(data=PICTURE, mime_type="image/jpeg")] if picture else []
        with genai.Client(api_key=SECRET, http_options=types.HttpOptions(base_url=url)) as client:
            client.models.generate_content(model="g", contents=[*shown, text])

    return ask


ASKED = [
    *(Asked(f"boto3 {name}", "rekognition", "boto3", may, _aws(name, **what)) for name, (may, what) in _AWS.items()),
    Asked("boto3 detect_faces, all", "rekognition", "boto3", False, _aws("detect_faces", Attributes=["ALL"], **_IMAGE)),
    *(
        Asked(f"azure face {name}", "azure_face", "azure.ai.vision.face", may, ask)
        for name, may, ask in (
            ("detect, with ids", False, _face(return_face_id=True)),
            ("detect, boxes alone", True, _face(return_face_id=False)),
            ("verify", False, _face_to_face),
            ("find similar", False, _similar),
        )
    ),
    *(
        Asked(f"openai {name}", kind, "openai", may, ask)
        for name, kind, may, ask in (
            ("chat, who", "openai", False, _openai(WHO)),
            ("chat, what", "openai", True, _openai(WHAT)),
            ("chat, text alone", "openai", True, _openai(ADA, picture=False)),
            ("stream, who", "openai", False, _openai(WHO, stream=True)),
            ("stream, what", "openai", True, _openai(WHAT, stream=True)),
            ("responses, who", "openai", False, _responses(WHO)),
            ("responses, what", "openai", True, _responses(WHAT)),
            ("embeddings", "openai", True, _embeddings),
            ("azure, who", "azure_openai", False, _openai(WHO, azure=True)),
            ("azure, what", "azure_openai", True, _openai(WHAT, azure=True)),
            ("own server, who", "chat", False, _openai(WHO)),
            ("own server, what", "chat", True, _openai(WHAT)),
        )
    ),
    *(
        Asked(f"anthropic {name}", "anthropic", "anthropic", may, ask)
        for name, may, ask in (
            ("who", False, _claude(WHO)),
            ("what", True, _claude(WHAT)),
            ("text alone", True, _claude(ADA, picture=False)),
            ("stream, who", False, _claude(WHO, stream=True)),
            ("stream, what", True, _claude(WHAT, stream=True)),
        )
    ),
    *(
        Asked(f"google-genai {name}", "gemini", "google.genai", may, ask)
        for name, may, ask in (
            ("who", False, _gemini(WHO)),
            ("what", True, _gemini(WHAT)),
            ("text alone", True, _gemini(ADA, picture=False)),
        )
    ),
]  # fmt: skip
