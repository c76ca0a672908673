"""The gateway before face services and chat models: each kind of request is refused or passed rightly, unchanged."""

import base64
import gzip
import json
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from helpers.local_server import LocalServer

from .conftest import Front, Fronted

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg=="
)
URL = "data:image/png;base64," + base64.b64encode(PNG).decode()
KINDS = (
    "rekognition", "azure_face", "azure_openai", "openai", "anthropic", "gemini", "google_vision", "clearview",
    "compreface", "codeproject", "facepp", "kairos", "chat",
)  # fmt: skip
WHO, WHAT = "Who is the person in this photo?", "What colour is the car?"
PROMPT = b'{"model":"m","images":[{"file_id":"f"}],"prompt":"%b"}'
AWS = {"content-type": "application/x-amz-json-1.1"}


@pytest.fixture(scope="module")
def cloud() -> Generator[LocalServer]:
    with LocalServer() as server:
        yield server


@pytest.fixture(scope="module")
def fronted(front: Front, cloud: LocalServer) -> Fronted:
    return front(**{kind: f'url = "{cloud.url}"\nkind = "{kind}"\nsource = "street"' for kind in KINDS})


def chat(text: str, picture: bool = True) -> bytes:
    shown: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": URL}}] if picture else []
    content = [{"type": "text", "text": text}, *shown]
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}).encode()


def responses(text: str) -> bytes:
    content = [{"type": "input_text", "text": text}, {"type": "input_image", "image_url": URL}]
    return json.dumps({"model": "m", "input": [{"role": "user", "content": content}]}).encode()


def claude(text: str) -> bytes:
    source = {"type": "base64", "media_type": "image/png", "data": URL.partition(",")[2]}
    content = [{"type": "image", "source": source}, {"type": "text", "text": text}]
    return json.dumps({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": content}]}).encode()


def gemini(text: str) -> bytes:
    parts = [{"text": text}, {"inline_data": {"mime_type": "image/png", "data": URL.partition(",")[2]}}]
    return json.dumps({"contents": [{"parts": parts}]}).encode()


def vision(*features: str) -> bytes:
    asked = {"image": {"content": URL.partition(",")[2]}, "features": [{"type": one} for one in features]}
    return json.dumps({"requests": [asked]}).encode()


def aws(operation: str) -> dict[str, str]:
    return {**AWS, "x-amz-target": f"RekognitionService.{operation}"}


_FACES = "/face/v1.0"
REFUSED: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "aws search": ("rekognition", "/", b'{"CollectionId":"c"}', aws("SearchFacesByImage")),
    "aws compare": ("rekognition", "/", b"{}", aws("CompareFaces")),
    "aws index": ("rekognition", "/", b"{}", aws("IndexFaces")),
    "aws celebrities": ("rekognition", "/", b"{}", aws("RecognizeCelebrities")),
    "aws emotions": ("rekognition", "/", b'{"Attributes":["ALL"]}', aws("DetectFaces")),
    "aws of tomorrow": ("rekognition", "/", b"{}", aws("FindEverybody")),
    "aws by another protocol": ("rekognition", "/service/RekognitionService/operation/SearchFaces", b"", {}),
    "azure identify": ("azure_face", f"{_FACES}/identify", b"{}", {}),
    "azure verify": ("azure_face", f"{_FACES}/verify", b"{}", {}),
    "azure similar": ("azure_face", f"{_FACES}/findsimilars", b"{}", {}),
    "azure detect with ids": ("azure_face", f"{_FACES}/detect", PNG, {}),
    "azure gallery": ("azure_face", f"{_FACES}/persongroups/a/persons", b"{}", {}),
    "azure of tomorrow": ("azure_face", f"{_FACES}/whois", b"{}", {}),
    "azure chat": ("azure_openai", "/openai/deployments/d/chat/completions?api-version=1", chat(WHO), {}),
    "openai chat": ("openai", "/v1/chat/completions", chat(WHO), {}),
    "openai chat in gzip": (
        "openai", "/v1/chat/completions", gzip.compress(chat(WHO)), {"content-encoding": "gzip"},
    ),
    "openai chat in brotli": ("openai", "/v1/chat/completions", b"\x0b", {"content-encoding": "br"}),
    "openai responses": ("openai", "/v1/responses", responses(WHO), {}),
    "openai in a disguise": ("openai", "/v1/chat%2fcompletions", chat(WHO), {}),
    "openai by dots": ("openai", "/v1/embeddings/../chat/completions", chat(WHO), {}),
    "openai by another method": ("openai", "/v1/models", b"", {"x-http-method-override": "PUT"}),
    "openai of tomorrow": ("openai", "/v1/faces", b"{}", {}),
    "openai twice": ("openai", "/v1/chat/completions", chat(WHO)[:-1] + b',"messages":[]}', {}),
    "a prompt of a picture": ("openai", "/v1/images/edits", PROMPT % WHO.encode(), {}),
    "a batch of what was filed": ("openai", "/v1/batches", b'{"input_file_id":"f"}', {}),
    "what went before": ("chat", "/api/generate", b'{"model":"m","context":[1,2],"prompt":"Who is he?"}', {}),
    "a file below a chat": ("openai", "/v1/chat/completions/v1/files", chat(WHO), {}),
    "a model below a chat": ("chat", "/api/chat/x/api/show", b'{"model":"m"}', {}),
    "a person by name": ("openai", "/v1/chat/completions", chat("Is this Angela Merkel?"), {}),
    "claude": ("anthropic", "/v1/messages", claude(WHO), {}),
    "gemini": ("gemini", "/v1beta/models/g:generateContent", gemini(WHO), {}),
    "google celebrities": ("google_vision", "/v1/images:annotate", vision("FACE_DETECTION"), {}),
    "clearview": ("clearview", "/v1/search", b"{}", {}),
    "compreface": ("compreface", "/api/v1/recognition/recognize", b"--x--", {}),
    "codeproject": ("codeproject", "/v1/vision/face/recognize", b"--x--", {}),
    "face++": ("facepp", "/facepp/v3/search", b"", {}),
    "kairos": ("kairos", "/recognize", b"{}", {}),
    "own chat": ("chat", "/v1/chat/completions", chat(WHO), {}),
}  # fmt: skip
PASSED: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "aws list": ("rekognition", "/", b"{}", aws("ListCollections")),
    "embeddings of a text": ("chat", "/api/embed", b'{"model":"m","input":"who is this man"}', {}),
    "order of texts": ("chat", "/v1/rerank", b'{"model":"m","query":"who is this man","documents":["a"]}', {}),
    "aws labels": ("rekognition", "/", b"{}", aws("DetectLabels")),
    "aws boxes": ("rekognition", "/", b'{"Attributes":["DEFAULT"]}', aws("DetectFaces")),
    "azure boxes": ("azure_face", f"{_FACES}/detect?returnFaceId=false", PNG, {}),
    "azure chat": ("azure_openai", "/openai/deployments/d/chat/completions?api-version=1", chat(WHAT), {}),
    "openai text": ("openai", "/v1/chat/completions", chat("Who was Ada Lovelace?", picture=False), {}),
    "openai chat": ("openai", "/v1/chat/completions", chat(WHAT), {}),
    "openai chat in gzip": (
        "openai", "/v1/chat/completions", gzip.compress(chat(WHAT)), {"content-encoding": "gzip"},
    ),
    "openai responses": ("openai", "/v1/responses", responses(WHAT), {}),
    "openai with a mark before it": ("openai", "/v1/chat/completions", b"\xef\xbb\xbf" + chat(WHAT), {}),
    "a batch that is ended": ("anthropic", "/v1/messages/batches/b/cancel", b"", {}),
    "a file": ("openai", "/v1/files", b"--x--", {"content-type": "multipart/form-data; boundary=x"}),
    "a prompt of a picture": ("openai", "/v1/images/edits", PROMPT % WHAT.encode(), {}),
    "a model of ollama's": ("chat", "/api/pull", b'{"model":"m"}', {}),
    "what went before": ("chat", "/api/generate", b'{"model":"m","context":[1,2],"prompt":"And in blue?"}', {}),
    "openai embeddings": ("openai", "/v1/embeddings", b'{"model":"m","input":"a"}', {}),
    "claude": ("anthropic", "/v1/messages", claude(WHAT), {}),
    "gemini": ("gemini", "/v1beta/models/g:generateContent", gemini(WHAT), {}),
    "google labels": ("google_vision", "/v1/images:annotate", vision("LABEL_DETECTION"), {}),
    "codeproject": ("codeproject", "/v1/vision/detection", b"--x--", {}),
    "own chat": ("chat", "/v1/chat/completions", chat(WHAT), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_be_asked_is_refused_and_never_arrives(name: str, fronted: Fronted, cloud: LocalServer) -> None:
    kind, path, body, headers = REFUSED[name]
    before = len(cloud.arrived)
    answer = fronted.raw(kind, path, body, headers)

    assert answer.status == 403, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["rules"] == ["HOUSE-1"]
    assert len(cloud.arrived) == before


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
def test_a_body_whose_method_has_none_is_held(fronted: Fronted, cloud: LocalServer, method: str) -> None:
    url = fronted.url("openai") + "/v1/chat/completions"
    cloud.arrived.clear()
    refused = httpx.request(method, url, content=chat(WHO), timeout=60)
    chunked = httpx.request(method, url, content=iter([chat(WHO)]), timeout=60)

    assert [answer.status_code for answer in (refused, chunked)] == [403, 403]
    assert cloud.arrived == []


@pytest.mark.parametrize("name", PASSED)
def test_what_may_be_asked_arrives_byte_for_byte(name: str, fronted: Fronted, cloud: LocalServer) -> None:
    kind, path, body, headers = PASSED[name]
    cloud.arrived.clear()
    answer = fronted.raw(kind, path, body, headers)

    assert answer.status == 200, answer.body
    assert [tuple(one) for one in cloud.arrived] == [(path, body)]


def test_what_is_asked_is_on_record_without_its_picture_and_its_text(fronted: Fronted) -> None:
    fronted.raw("openai", "/v1/chat/completions", chat(WHO), {"baggage": "facewarden.source=desk"})
    record = fronted.record('"source":"desk"')

    assert WHO not in record
    assert URL[30:60] not in record


@pytest.mark.slow
def test_the_clients_that_people_use_are_refused_and_let_through(fronted: Fronted) -> None:
    boto3, openai, anthropic = (pytest.importorskip(name) for name in ("boto3", "openai", "anthropic"))
    rekognition = boto3.client(
        "rekognition", region_name="us-east-1", endpoint_url=fronted.url("rekognition"),
        aws_access_key_id="a", aws_secret_access_key="b",
    )  # fmt: skip
    with pytest.raises(Exception, match="403"):
        rekognition.search_faces_by_image(CollectionId="c", Image={"Bytes": PNG})
    rekognition.detect_labels(Image={"Bytes": PNG})

    client = openai.OpenAI(api_key="k", base_url=fronted.url("openai") + "/v1", max_retries=0)
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.chat.completions.create(**json.loads(chat(WHO)))
    assert "HOUSE-1" in refused.value.response.text
    assert client.chat.completions.create(**json.loads(chat(WHAT))).choices[0].message.content == "Nobody."
    streamed = client.chat.completions.create(**json.loads(chat(WHAT)), stream=True)
    assert [one.choices[0].delta.content for one in streamed] == ["No"]

    claude_client = anthropic.Anthropic(api_key="k", base_url=fronted.url("anthropic"), max_retries=0)
    with pytest.raises(anthropic.PermissionDeniedError):
        claude_client.messages.create(**json.loads(claude(WHO)))
    assert claude_client.messages.create(**json.loads(claude(WHAT))).content[0].text == "Nobody."
