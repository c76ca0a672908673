"""What single clients and libraries do besides: redirects, streams, cancellation, the order of imports."""

# The libraries are there only after make services.
# pyright: reportMissingImports=false, reportMissingModuleSource=false

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from helpers.clients import CLIENTS, FORM, HEADERS, PICTURE, RECOGNIZE, SECRET, WHO, installed, needs
from helpers.local_server import LocalServer

from facewarden.detector.calls.taps.scripted import ScriptedGate

pytestmark = [
    pytest.mark.usefixtures("taps"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the libraries' own, among each other
]
OUT_OF_ORDER = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.kinds import CLIENTS, HTTP
from facewarden.detector.calls.taps.scripted import ScriptedGate

order, *libraries = sys.argv[1:]
taps = Taps(ScriptedGate(), (*CLIENTS, *HTTP))
if order == "before":
    taps.install()
for library in libraries:
    importlib.import_module(library)
if order == "after":
    taps.install()
print(*(f"{state.runtime}={state.state}" for state in taps.check()))
"""


class Refused(Exception):
    """What the gate raises here."""


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_library_is_watched_whether_it_comes_before_us_or_after(order: str) -> None:
    libraries = sorted({client.library for client in CLIENTS if installed(client.library)})
    command = [sys.executable, "-c", OUT_OF_ORDER, order, *libraries]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    states = dict(state.split("=") for state in done.stdout.split())

    assert set(states.values()) <= {"on", "waiting"}
    assert {library for library in libraries if states.get(library, "on") != "on"} == set()
    assert states["http.client"] == "on"


@pytest.mark.parametrize("library", [pytest.param(name, marks=needs(name)) for name in ("httpx", "httpx2", "requests")])
def test_a_request_that_is_redirected_to_a_face_service_is_refused_there(
    library: str, server: LocalServer, gate: ScriptedGate
) -> None:
    session: Any = pytest.importorskip(library)
    server.redirects = {"/harmless": RECOGNIZE}
    gate.refusal = Refused()
    given = {"follow_redirects": True} if library != "requests" else {"allow_redirects": True}
    with pytest.raises(Refused):
        session.post(f"{server.url}/harmless", headers=HEADERS, timeout=10, **given)
    assert [arrived.path for arrived in server.arrived] == ["/harmless"]


@needs("aiohttp")
def test_a_cancelled_request_is_cancelled_and_the_next_one_is_judged(server: LocalServer, gate: ScriptedGate) -> None:
    import aiohttp

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            task = asyncio.create_task(session._request("POST", server.url + RECOGNIZE, data=FORM, headers=HEADERS))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            server.seconds = 0
            async with session.post(server.url + RECOGNIZE, data=FORM, headers=HEADERS):
                pass

    server.seconds = 1
    asyncio.run(ask())
    assert len(gate.requests) == 2


@needs("httpx")
def test_many_requests_at_once_in_one_loop_are_each_judged(server: LocalServer, gate: ScriptedGate) -> None:
    import httpx

    async def ask() -> None:
        async with httpx.AsyncClient() as client:
            await asyncio.gather(
                *(client.post(server.url + RECOGNIZE, content=FORM, headers=HEADERS) for _ in range(20))
            )

    asyncio.run(ask())
    assert len(gate.requests) == len(server.arrived) == 20


@needs("requests")
def test_a_body_that_is_streamed_is_left_to_the_host(server: LocalServer, gate: ScriptedGate) -> None:
    import requests

    requests.post(server.url + RECOGNIZE, data=iter([FORM[:20], FORM[20:]]), headers=HEADERS, timeout=10)

    assert server.arrived[0].body == FORM
    assert [(call.task, pictures) for call, pictures in gate.requests] == [("identification", [])]


@needs("httpx")
def test_a_form_of_files_is_left_to_the_host(server: LocalServer, gate: ScriptedGate) -> None:
    import httpx

    httpx.post(server.url + RECOGNIZE, files={"file": ("a.jpg", PICTURE)})

    assert PICTURE in server.arrived[0].body
    assert gate.requests[0][0].task == "identification"


@needs("aiohttp")
def test_aiohttp_sends_to_its_base_url_with_parameters_beside_it(server: LocalServer, gate: ScriptedGate) -> None:
    import aiohttp

    async def ask() -> None:
        async with aiohttp.ClientSession(f"{server.url}/face/v1.0/") as session:
            await (
                await session.post("detect", params={"returnFaceId": "false"}, json={"url": "http://x/a.jpg"})
            ).read()

    asyncio.run(ask())
    assert [(call.service, call.task) for call, _ in gate.requests] == [("azure_face", "detection")]


@needs("openai")
def test_openai_reports_speech_and_text_as_such(server: LocalServer, gate: ScriptedGate) -> None:
    from openai import AzureOpenAI

    with AzureOpenAI(api_key=SECRET, azure_endpoint=server.url, api_version="2024-10-21", max_retries=0) as client:
        client.chat.completions.create(model="eyes", messages=[{"role": "user", "content": "Who is the mayor?"}])
        client.audio.transcriptions.with_raw_response.create(model="whisper", file=("a.wav", b"RIFF"))
        client.chat.completions.with_raw_response.create(model="eyes", messages=WHO)  # pyright: ignore

    assert [(call.service, call.task) for call, _ in gate.requests] == [
        ("azure_openai", "text"),
        ("azure_openai", "speech"),
        ("azure_openai", "identification"),
    ]


@needs("openai")
def test_the_header_of_a_single_request_declares_its_source(server: LocalServer, gate: ScriptedGate) -> None:
    from openai import OpenAI

    with OpenAI(api_key=SECRET, base_url=server.url, max_retries=0) as client:
        headers = {"baggage": "facewarden.source=unit-17"}
        client.chat.completions.create(model="m", messages=WHO, extra_headers=headers)  # pyright: ignore

    assert gate.baggage == ["facewarden.source=unit-17"]


@needs("azure.ai.vision.face")
def test_azure_face_builds_galleries_verifies_and_identifies(server: LocalServer, gate: ScriptedGate) -> None:
    from azure.ai.vision.face import FaceAdministrationClient, FaceClient
    from azure.core.credentials import AzureKeyCredential

    with FaceClient(server.url, AzureKeyCredential(SECRET)) as client:
        client.verify_face_to_face(face_id1="1", face_id2="2")
        client.identify_from_large_person_group(face_ids=["1"], large_person_group_id="staff")
        client.find_similar_from_large_face_list(face_id="1", large_face_list_id="staff")
    with FaceAdministrationClient(server.url, AzureKeyCredential(SECRET)) as admin:
        admin.large_person_group.create("staff", name="staff", recognition_model="recognition_04")

    tasks = [call.task for call, _ in gate.requests]
    assert tasks == ["verification", "identification", "identification", "gallery_building"]


@needs("google.cloud.vision")
def test_google_vision_is_asked_through_its_client(gate: ScriptedGate) -> None:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import vision  # pyright: ignore

    client = vision.ImageAnnotatorClient(credentials=AnonymousCredentials())
    gate.refusal = Refused()
    with pytest.raises(Refused):
        client.face_detection(image=vision.Image(content=PICTURE))  # pyright: ignore
    with pytest.raises(Refused):
        client.batch_annotate_images(requests=[{"image": {"content": PICTURE}, "features": [{"type_": 5}]}])  # pyright: ignore

    assert [(call.task, pictures) for call, pictures in gate.requests] == [("emotion", [PICTURE]), ("other", [PICTURE])]


@needs("boto3")
def test_bedrock_is_a_chat_and_other_services_of_amazon_are_not_ours(server: LocalServer, gate: ScriptedGate) -> None:
    import boto3

    keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": SECRET, "endpoint_url": server.url}
    content = [{"text": "Who is this?"}, {"image": {"format": "jpeg", "source": {"bytes": PICTURE}}}]
    bedrock = boto3.client("bedrock-runtime", "us-east-1", **keys)
    bedrock.converse(modelId="anthropic.claude", messages=[{"role": "user", "content": content}])
    boto3.client("dynamodb", "us-east-1", **keys).list_tables()

    assert [(call.service, call.task, pictures) for call, pictures in gate.requests] == [
        ("other", "identification", [PICTURE])
    ]


def test_a_model_that_runs_while_a_request_is_made_is_a_call_of_its_own(
    server: LocalServer, gate: ScriptedGate
) -> None:
    from http.client import HTTPConnection

    from facewarden.detector.calls.aside import is_aside

    def body() -> Any:
        hidden.append(is_aside())
        yield FORM

    hidden: list[bool] = []
    connection = HTTPConnection(server.url.removeprefix("http://"))
    connection.request("POST", RECOGNIZE, body(), {**HEADERS, "Content-Length": str(len(FORM))})
    connection.getresponse().read()
    connection.close()

    assert hidden == [False]
    assert len(gate.requests) == 1
