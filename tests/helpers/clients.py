"""Programs that ask a service, each with the real library, and the call that each makes."""

# The libraries are there only after make services.
# pyright: reportMissingImports=false, reportMissingModuleSource=false

import asyncio
import base64
import importlib.util
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import pytest

from facewarden.detector import Call

SECRET = "not-to-be-seen"
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF a picture of nobody \xff\xd9"
DATA_URL = f"data:image/jpeg;base64,{base64.b64encode(PICTURE).decode()}"
WHO = [
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "Who is this man?"},
            {"type": "image_url", "image_url": {"url": DATA_URL}},
        ],
    }
]
WHO_RESPONSE = [
    {
        "role": "user",
        "content": [{"type": "input_text", "text": "Who is this?"}, {"type": "input_image", "image_url": DATA_URL}],
    }
]
WHO_ANTHROPIC = [
    {
        "role": "user",
        "content": [
            {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": DATA_URL.split(",")[1]}},
            {"type": "text", "text": "Who is this man?"},
        ],
    }
]
RECOGNIZE = "/api/v1/recognition/recognize"
FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + PICTURE + b"\r\n--b--\r\n"
HEADERS = {"Content-Type": "multipart/form-data; boundary=b", "x-api-key": SECRET}
COMPREFACE = Call(service="local", model="api/v1/recognition/recognize")


@dataclass(frozen=True)
class Client:
    """A program: the library it needs, what it does with a server's address, and the call that it makes."""

    name: str
    library: str
    ask: Callable[[str], Any]
    call: Call

    def answer(self, url: str) -> Any:
        """What it gets, or the kind of error that it sees."""
        try:
            return self.ask(url)
        except Exception as error:  # noqa: BLE001 - whatever the library raises is its answer
            return type(error)


def boto3(url: str) -> Any:
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "rekognition", "us-east-1", endpoint_url=url, aws_access_key_id="AKIA", aws_secret_access_key=SECRET,
        config=Config(retries={"max_attempts": 0}),
    )  # fmt: skip
    return client.search_faces_by_image(CollectionId="staff", Image={"Bytes": PICTURE})["FaceMatches"]


def azure_face(url: str) -> Any:
    from azure.ai.vision.face import FaceClient
    from azure.core.credentials import AzureKeyCredential

    with FaceClient(url, AzureKeyCredential(SECRET), retry_total=0) as client:
        return client.detect(
            PICTURE, detection_model="detection_03", recognition_model="recognition_04", return_face_id=True
        )


def azure_face_async(url: str) -> Any:
    from azure.ai.vision.face.aio import FaceClient
    from azure.core.credentials import AzureKeyCredential

    async def ask() -> Any:
        async with FaceClient(url, AzureKeyCredential(SECRET), retry_total=0) as client:
            return await client.detect(
                PICTURE, detection_model="detection_03", recognition_model="recognition_04", return_face_id=True
            )

    return asyncio.run(ask())


def openai(url: str) -> Any:
    from openai import OpenAI

    with OpenAI(api_key=SECRET, base_url=f"{url}/v1", max_retries=0) as client:
        return client.chat.completions.create(model="gpt-4o", messages=WHO).to_dict()  # pyright: ignore


def openai_async(url: str) -> Any:
    from openai import AsyncOpenAI

    async def ask() -> Any:
        async with AsyncOpenAI(api_key=SECRET, base_url=f"{url}/v1", max_retries=0) as client:
            return (await client.chat.completions.create(model="gpt-4o", messages=WHO)).to_dict()  # pyright: ignore

    return asyncio.run(ask())


def openai_responses(url: str) -> Any:
    from openai import OpenAI

    with OpenAI(api_key=SECRET, base_url=f"{url}/v1", max_retries=0) as client:
        return client.responses.create(model="gpt-4o", input=WHO_RESPONSE).id  # pyright: ignore


def openai_stream(url: str) -> Any:
    from openai import OpenAI

    with OpenAI(api_key=SECRET, base_url=f"{url}/v1", max_retries=0) as client:
        chunks = client.chat.completions.create(model="gpt-4o", messages=WHO, stream=True)  # pyright: ignore
        return [chunk.choices[0].delta.content for chunk in chunks]


def azure_openai(url: str) -> Any:
    from openai import AzureOpenAI

    with AzureOpenAI(api_key=SECRET, azure_endpoint=url, api_version="2024-10-21", max_retries=0) as client:
        return client.chat.completions.create(model="eyes", messages=WHO).to_dict()  # pyright: ignore


def azure_openai_async(url: str) -> Any:
    from openai import AsyncAzureOpenAI

    async def ask() -> Any:
        async with AsyncAzureOpenAI(
            api_key=SECRET, azure_endpoint=url, api_version="2024-10-21", max_retries=0
        ) as client:
            return (await client.chat.completions.create(model="eyes", messages=WHO)).to_dict()  # pyright: ignore

    return asyncio.run(ask())


def anthropic(url: str) -> Any:
    from anthropic import Anthropic

    with Anthropic(api_key=SECRET, base_url=url, max_retries=0) as client:
        return client.messages.create(model="claude", max_tokens=9, messages=WHO_ANTHROPIC).to_dict()  # pyright: ignore


def anthropic_async(url: str) -> Any:
    from anthropic import AsyncAnthropic

    async def ask() -> Any:
        async with AsyncAnthropic(api_key=SECRET, base_url=url, max_retries=0) as client:
            message = await client.messages.create(model="claude", max_tokens=9, messages=WHO_ANTHROPIC)  # pyright: ignore
            return message.to_dict()

    return asyncio.run(ask())


def httpx(url: str, library: str = "httpx") -> Any:
    with importlib.import_module(library).Client() as client:
        return client.post(url + RECOGNIZE, content=FORM, headers=HEADERS).raise_for_status().json()


def httpx_async(url: str, library: str = "httpx") -> Any:
    async def ask() -> Any:
        async with importlib.import_module(library).AsyncClient() as client:
            return (await client.post(url + RECOGNIZE, content=FORM, headers=HEADERS)).raise_for_status().json()

    return asyncio.run(ask())


def requests(url: str) -> Any:
    import requests

    with requests.Session() as session:
        answer = session.post(url + RECOGNIZE, data=FORM, headers=HEADERS)
        answer.raise_for_status()
        return answer.json()


def urllib3(url: str) -> Any:
    import urllib3

    with urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("POST", url + RECOGNIZE, body=FORM, headers=HEADERS)
        return answer.status, answer.json()


def http_client(url: str) -> Any:
    connection = HTTPConnection(url.removeprefix("http://"))
    try:
        connection.request("POST", RECOGNIZE, FORM, HEADERS)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def urllib_request(url: str) -> Any:
    request = urllib.request.Request(url + RECOGNIZE, FORM, HEADERS)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        error.close()
        raise


def aiohttp(url: str) -> Any:
    import aiohttp

    async def ask() -> Any:
        session = aiohttp.ClientSession(raise_for_status=True)
        async with session, session.post(url + RECOGNIZE, data=FORM, headers=HEADERS) as answer:
            return await answer.json()

    return asyncio.run(ask())


AZURE = Call(service="azure_face", model="detect with face ids", runtime="azure-core")
CLIENTS = [
    Client("boto3", "boto3", boto3, Call(service="aws_rekognition", model="SearchFacesByImage", runtime="boto3")),
    Client("azure face", "azure.ai.vision.face", azure_face, AZURE),
    Client("azure face, async", "azure.ai.vision.face", azure_face_async, AZURE),
    Client("openai", "openai", openai, Call(model="gpt-4o", runtime="openai")),
    Client("openai, async", "openai", openai_async, Call(model="gpt-4o", runtime="openai")),
    Client("openai, responses", "openai", openai_responses, Call(model="gpt-4o", runtime="openai")),
    Client("openai, streaming", "openai", openai_stream, Call(model="gpt-4o", runtime="openai")),
    Client("azure openai", "openai", azure_openai, Call(service="azure_openai", model="eyes", runtime="openai")),
    Client(
        "azure openai, async",
        "openai",
        azure_openai_async,
        Call(service="azure_openai", model="eyes", runtime="openai"),
    ),
    Client("anthropic", "anthropic", anthropic, Call(model="claude", runtime="anthropic")),
    Client("anthropic, async", "anthropic", anthropic_async, Call(model="claude", runtime="anthropic")),
    Client("httpx", "httpx", httpx, COMPREFACE),
    Client("httpx, async", "httpx", httpx_async, COMPREFACE),
    Client("httpx2", "httpx2", lambda url: httpx(url, "httpx2"), COMPREFACE),
    Client("httpx2, async", "httpx2", lambda url: httpx_async(url, "httpx2"), COMPREFACE),
    Client("requests", "requests", requests, COMPREFACE),
    Client("urllib3", "urllib3", urllib3, COMPREFACE),
    Client("http.client", "http.client", http_client, COMPREFACE),
    Client("urllib.request", "urllib.request", urllib_request, COMPREFACE),
    Client("aiohttp", "aiohttp", aiohttp, COMPREFACE),
]


def installed(library: str) -> bool:
    try:
        return importlib.util.find_spec(library) is not None
    except ModuleNotFoundError:
        return False


def needs(library: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not installed(library), reason=f"{library} is not here: make services installs it")


EACH = [pytest.param(client, id=client.name, marks=needs(client.library)) for client in CLIENTS]
