"""Which requests are calls, and what they ask for."""

import base64
import json
import time
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.calls.services import Request, candidates
from facewarden.detector.calls.services.contents import links_picture
from facewarden.detector.calls.services.endpoints import table
from facewarden.detector.calls.services.understand import understand
from facewarden.detector.facts import CHOICES

AZURE, OPENAI = "https://x.openai.azure.com", "https://api.openai.com/v1"
GEMINI = "https://generativelanguage.googleapis.com/v1beta/models/g"
JPEG = b"\xff\xd8\xff\xe0 nobody"
FORM = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n' + JPEG + b"\r\n--b--\r\n"
SHOWN = {"type": "image_url", "image_url": {"url": "https://example.org/a.jpg"}}


def understood(
    url: str, body: object = None, method: str = "POST", **headers: str
) -> tuple[str | None, str | None] | None:
    call = understand(
        Request(method, url, {key.replace("_", "-"): text for key, text in headers.items()}, body), "test"
    )
    return call and (call.service, call.task)


def chat(*content: object, **more: object) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": list(content)}], **more}).encode()


def says(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


@pytest.mark.parametrize(
    ("url", "service", "task"),
    [
        ("https://x.cognitiveservices.azure.com/face/v1.0/identify", "azure_face", "identification"),
        ("https://X.CognitiveServices.Azure.com/Face/V1.2/FindSimilars?x=1", "azure_face", "identification"),
        ("http://container:5000/face/v1.0/verify", "azure_face", "verification"),
        ("http://container/face/v1.0/%69dentify", "azure_face", "identification"),
        ("http://container//face/v1.0//identify/", "azure_face", "identification"),
        ("https://x/face/v1.1-preview.1/detectLiveness/singleModal/sessions", "azure_face", "analysis"),
        ("https://x/face/v1.2/detectLivenessWithVerify-sessions", "azure_face", "verification"),
        ("https://x/face/v1.0/largepersongroups/staff/persons/1/persistedfaces", "azure_face", "gallery_building"),
        ("https://x/face/v1.0/detect", "azure_face", "identification"),
        ("https://x/face/v1.0/detect?returnFaceId=true", "azure_face", "identification"),
        ("https://x/face/v1.0/detect?returnFaceId=false", "azure_face", "detection"),
        ("https://x/face/v1.0/detect?returnfaceid=False&returnFaceAttributes=age", "azure_face", "analysis"),
        ("https://x/face/v1.0/detect?returnFaceId=false&returnFaceAttributes=age,Emotion", "azure_face", "emotion"),
        ("https://api.videoindexer.ai/trial/Accounts/1/Videos?name=a", "azure_video_indexer", "identification"),
        ("https://x/vision/v3.2/analyze?details=Celebrities", "other", "identification"),
        ("https://x/vision/v3.2/analyze?visualFeatures=Tags", "other", "other"),
        ("https://developers.clearview.ai/v1/search", "clearview", "identification"),
        ("http://cam.local:8000/api/v1/recognition/recognize", "local", "identification"),
        ("http://cam.local/compreface/api/v1/recognition/faces/7/verify", "local", "verification"),
        ("http://cam.local/api/v1/recognition/faces?subject=a", "local", "gallery_building"),
        ("http://cam.local/api/v1/verification/verify", "local", "verification"),
        ("http://cam.local/api/v1/detection/detect", "local", "detection"),
        ("http://cam.local/api/v1/detection/detect?face_plugins=age", "local", "analysis"),
        ("http://cam.local/api/v1/detection/detect?face_plugins=calculator", "local", "identification"),
        ("http://cam.local:32168/v1/vision/face", "local", "detection"),
        ("http://cam.local:32168/v1/vision/face/recognize", "local", "identification"),
        ("http://cam.local:32168/v1/vision/face/register", "local", "gallery_building"),
        ("http://cam.local:32168/v1/vision/face/match", "local", "verification"),
        ("http://nvr:5000/api/faces/recognize", "local", "identification"),
        ("http://nvr:5000/api/faces/ada/register", "local", "gallery_building"),
        ("http://triton:8000/v2/models/resnet/infer", "local", None),
        ("http://triton:8000/v2/models/resnet/versions/3/infer", "local", None),
        (f"{AZURE}/openai/deployments/whisper/audio/transcriptions?api-version=1", "azure_openai", "speech"),
        (f"{AZURE}/openai/v1/embeddings", "azure_openai", None),
        ("https://gateway.example.org/openai/deployments/eyes/embeddings", "azure_openai", None),
        (f"{OPENAI}/responses/resp_1/cancel", "openai", "other"),
        (f"{OPENAI}/audio/speech", "openai", "speech"),
        (f"{OPENAI}/images/edits", "openai", "other"),
        (f"{OPENAI}/chat/completions", "openai", None),
        ("https://api-us.faceplusplus.com/facepp/v3/search", "other", "identification"),
    ],
)
def test_an_endpoint_tells_the_service_and_the_task(url: str, service: str, task: str | None) -> None:
    assert understood(url) == (service, task)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "https://x/face/v1.0/persongroups/staff"),
        ("DELETE", "https://x/face/v1.0/persongroups/staff"),
        ("GET", f"{OPENAI}/models"),
        ("POST", "https://example.org/api/detect"),
        ("POST", "https://example.org/users/verify"),
        ("POST", "https://example.org/account/identify"),
        ("POST", "https://example.org/survey/responses"),
        ("POST", "https://example.org/audio/upload"),
        ("POST", "https://notclearview.ai/v1/search"),
        ("POST", "https://clearview.ai.example.org/v1/search"),
        ("POST", "https://example.org/face/v1.0/identify/help"),
        ("POST", "https://example.org/?next=/face/v1.0/identify"),
        ("POST", "https://dynamodb.us-east-1.amazonaws.com/"),
    ],
)
def test_what_only_looks_alike_is_no_call(method: str, url: str) -> None:
    assert understood(url, method=method) is None


@pytest.mark.parametrize(
    ("operation", "body", "task"),
    [
        ("CompareFaces", {}, "verification"),
        ("SearchUsersByImage", {}, "identification"),
        ("IndexFaces", {}, "gallery_building"),
        ("DetectFaces", {"Image": {}}, "detection"),
        ("DetectFaces", {"Attributes": ["DEFAULT"]}, "detection"),
        ("DetectFaces", {"Attributes": ["AGE_RANGE"]}, "analysis"),
        ("DetectFaces", {"Attributes": ["DEFAULT", "EMOTIONS"]}, "emotion"),
        ("StartFaceDetection", {"FaceAttributes": "ALL"}, "emotion"),
        ("DetectText", {}, "other"),
        ("CreateStreamProcessor", {"Settings": {"FaceSearch": {"CollectionId": "staff"}}}, "identification"),
        ("CreateStreamProcessor", {"Settings": {"ConnectedHome": {"Labels": ["PERSON"]}}}, "other"),
        ("StartStreamProcessor", {"Name": "door"}, None),
        ("RecogniseAllOfThem", {}, None),
    ],
)
def test_an_operation_of_rekognition_tells_its_task(operation: str, body: dict[str, object], task: str | None) -> None:
    wire = json.dumps(body).encode()
    target = f"RekognitionService.{operation}"
    assert understood("https://rekognition.eu-west-1.amazonaws.com/", wire, X_Amz_Target=target) == (
        "aws_rekognition",
        task,
    )


def test_every_operation_of_rekognition_is_classified() -> None:
    session = pytest.importorskip("botocore.session", reason="boto3 is not here: make services installs it")
    operations = session.get_session().get_service_model("rekognition").operation_names
    listed = [name for names in table().rekognition.values() for name in names]
    assert sorted(set(operations) - set(listed)) == []
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("operation", ["ListCollections", "DeleteFaces", "StopStreamProcessor"])
def test_an_operation_that_runs_no_inference_is_no_call(operation: str) -> None:
    url = "https://rekognition.eu-west-1.amazonaws.com/"
    assert understood(url, b"{}", X_Amz_Target=f"RekognitionService.{operation}") is None


@pytest.mark.parametrize(
    ("content", "task"),
    [
        ([says("Who is this man?"), SHOWN], "identification"),
        ([says("Are they the same person?"), SHOWN, SHOWN], "verification"),
        ([says("What does the sign say?"), SHOWN], "other"),
        ([SHOWN], "other"),
        ([says("Who is"), SHOWN, says("?")], "identification"),
        ([says("Wh"), says("o is this per"), says("son?"), SHOWN], "identification"),
        ([says("Who is <image> ?"), SHOWN], "identification"),
        ([says("Here is Bob."), SHOWN, says("Is he in this one?"), SHOWN], "verification"),
        ([says("Same guy?"), SHOWN, SHOWN], "verification"),
        ([says("Is the driver in this picture?"), SHOWN], "other"),
        ([says("Who is this man?"), {"type": "custom", "bitmap": "Qk1GAAAAAAAAADYAAAAoAAAA"}], "identification"),
        ([says("Who is this man?"), {"type": "blob", "mime_type": "image/x-raw", "content": "AAAA"}], "identification"),
        ([says("Read the plate in"), SHOWN, says("and in"), SHOWN], "other"),
        ([SHOWN, says("Describe"), SHOWN], "other"),
        ([says("Do not identify this man."), SHOWN, says("Count the cars.")], "other"),
        ([says("Who is this man?")], "text"),
        (
            [
                says("Who"),
                says("is this?"),
                {"type": "input_audio", "input_audio": {"data": "UklGRgAA", "format": "wav"}},
            ],
            "speech",
        ),
        ([says("Who is it?"), {"type": "input_image", "file_id": "file-1"}], "identification"),
        (
            [says("Who is it?"), {"type": "image", "source": {"type": "base64", "data": "/9j/4AAQSkZJRg=="}}],
            "identification",
        ),
        (
            [says("Who is it?"), {"inline_data": {"mime_type": "image/png", "data": "iVBORw0KGgoAAAA="}}],
            "identification",
        ),
    ],
)
def test_the_task_of_a_chat_is_what_its_text_asks_about_its_pictures(content: list[object], task: str) -> None:
    assert understood(f"{OPENAI}/chat/completions", chat(*content)) == ("openai", task)


def test_a_question_in_the_system_prompt_counts() -> None:
    body = {
        "model": "m",
        "instructions": "Return the name of the person.",
        "input": [{"role": "user", "content": [SHOWN]}],
    }
    assert understood(f"{AZURE}/openai/v1/responses", json.dumps(body)) == ("azure_openai", "identification")


def test_a_question_in_the_schema_of_the_answer_counts() -> None:
    schema = {"type": "json_schema", "json_schema": {"schema": {"properties": {"person_name": {"type": "string"}}}}}
    assert understood(f"{OPENAI}/chat/completions", chat(says("Fill in."), SHOWN, response_format=schema)) == (
        "openai",
        "identification",
    )


@pytest.mark.parametrize("place", ["format", "guided_json", "generationConfig"])
@pytest.mark.parametrize("name", ["personName", "name_of_the_person"])
def test_a_question_in_a_schema_counts_wherever_the_schema_stands(place: str, name: str) -> None:
    schema = {"responseSchema": {"properties": {name: {"type": "string"}}}}
    body = chat(says("Fill in."), SHOWN, **{place: schema})
    assert understood(f"{OPENAI}/chat/completions", body) == ("openai", "identification")


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"type": "web_fetch_20250910", "name": "web_fetch"}]},
        {"tools": [{"url_context": {}}]},
        {"tools": [{"type": "mcp", "server_url": "https://recorder.example"}]},
        {"mcp_servers": [{"type": "url", "url": "https://recorder.example"}]},
    ],
)
def test_a_question_about_a_picture_that_the_service_may_fetch_counts(more: dict[str, object]) -> None:
    asked = chat(says("Who is the person at https://camera.example/snapshot?channel=3"), **more)
    other = chat(says("Who is the president of France?"), **more)
    assert understood(f"{OPENAI}/chat/completions", asked) == ("openai", "identification")
    assert understood(f"{OPENAI}/chat/completions", other) == ("openai", "text")


def test_a_question_about_the_picture_of_an_earlier_turn_counts() -> None:
    body = json.dumps({"model": "m", "previous_response_id": "r1", "input": "And who is she?"})
    assert understood(f"{OPENAI}/responses", body) == ("openai", "identification")


@pytest.mark.parametrize(
    ("url", "body", "task"),
    [
        (f"{OPENAI}/threads/t/runs", {"assistant_id": "a"}, None),
        (f"{OPENAI}/threads/t/runs", {"assistant_id": "a", "instructions": "Who is this man?"}, "identification"),
        (
            f"{GEMINI}:generateContent",
            {"cachedContent": "c", "contents": [{"parts": [says("Who is he?")]}]},
            "identification",
        ),
        (f"{GEMINI}:generateContent", {"cachedContent": "c", "contents": [{"parts": [says("Go on.")]}]}, None),
        (f"{GEMINI}:batchGenerateContent", {"batch": {}}, None),
        (f"{GEMINI}:batchGenerateContent", {"batch": {"input_config": {"file_name": "files/1"}}}, None),
        (f"{GEMINI}:batchGenerateContent", {"batch": {"inputConfig": {"fileName": "files/1"}}}, None),
        (
            f"{GEMINI}:batchGenerateContent",
            {"batch": {"inputConfig": {"fileName": "files/1", "requests": {"requests": []}}}},
            None,
        ),
        (
            GEMINI.replace("models/g", "cachedContents"),
            {"systemInstruction": {"parts": [says("Who is this man?")]}, "contents": [SHOWN]},
            "identification",
        ),
    ],
)
def test_a_picture_or_a_question_that_the_service_has_already_counts(url: str, body: object, task: str | None) -> None:
    assert understood(url, json.dumps(body)) == ("openai" if url.startswith(OPENAI) else "other", task)


@pytest.mark.parametrize(
    ("prompt", "task"), [("Write below it: who is this?", "identification"), ("Make the sky blue.", "other")]
)
def test_a_question_in_the_prompt_of_an_edit_counts(prompt: str, task: str) -> None:
    edit = {"model": "m", "images": [{"image_url": "https://example.org/a.jpg"}], "prompt": prompt}
    field = f'--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n{prompt}\r\n'.encode()
    form = understood(f"{OPENAI}/images/edits", field + FORM, content_type="multipart/form-data; boundary=b")
    assert understood(f"{OPENAI}/images/edits", json.dumps(edit).encode()) == form == ("openai", task)
    assert understood(f"{OPENAI}/images/edits", FORM, content_type="multipart/form-data; boundary=b") == (
        "openai",
        None,
    )


@pytest.mark.parametrize("beside", ["\r\nX-Note: a filename", "; note=filename", "\r\nX-Note: a; filename=b"])
def test_a_prompt_of_a_form_counts_whatever_else_stands_in_its_head(beside: str) -> None:
    field = f'--b\r\nContent-Disposition: form-data; name="prompt"{beside}\r\n\r\nWho is this?\r\n'.encode()
    form = understood(f"{OPENAI}/images/edits", field + FORM, content_type="multipart/form-data; boundary=b")
    assert form == ("openai", "identification")


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_prompt_of_a_form_counts_whatever_its_lines_end_in(end: bytes) -> None:
    field = b'--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nWho is this?\r\n'
    harmless = field.replace(b"prompt", b"size").replace(b"Who is this?", b"auto")
    body = harmless + field.replace(b"\r\n", end) + FORM
    form = understood(f"{OPENAI}/images/edits", body, content_type="multipart/form-data; boundary=b")
    assert form == ("openai", "identification")


@pytest.mark.parametrize(
    "path", ["chat/completions/moderations", "responses/x/files", "uploads/a/b", "messages/v1/uploads/a/complete"]
)
def test_what_is_below_a_question_or_near_what_asks_nothing_is_no_call_that_is_known(path: str) -> None:
    assert understood(f"{OPENAI}/{path}", chat(says("Who is this?"), SHOWN)) is None


def test_a_host_that_nobody_knows_fetches_no_model() -> None:
    assert understood("https://shop.example/api/show", b'{"model": "m"}') is None


def test_a_text_full_of_tags_is_read_in_time_that_grows_with_its_length() -> None:
    began = time.process_time()
    assert not links_picture("<img " * 200_000)
    assert links_picture("<b>" * 1000 + "<img alt=a\n src = 'a'>")
    assert time.process_time() - began < 5


def test_a_mark_before_a_body_is_passed_over() -> None:
    body = b"\xef\xbb\xbf" + chat(SHOWN, says("Who is this?"))
    assert understood(f"{OPENAI}/chat/completions", body) == ("openai", "identification")
    assert understood(f"{OPENAI}/chat/completions", (b"\xef\xbb\xbf" + chat(says("Hello"))).decode()) == (
        "openai",
        "text",
    )


@pytest.mark.parametrize("key", ["file_name", "fileName", "filename", "assistant_id"])
def test_what_a_tool_is_told_is_no_picture_and_no_question(key: str) -> None:
    used = {"type": "tool_use", "id": "t", "name": "read", "input": {key: "a.py"}}
    tool = {"name": "read", "input_schema": {"type": "object", "properties": {key: {"type": "string"}}}}
    assert understood("https://api.anthropic.com/v1/messages", chat(used, tools=[tool])) == ("anthropic", "text")


@pytest.mark.parametrize(
    ("body", "task"),
    [
        ({"content": {"parts": [says("Who is this man?")]}}, "text"),
        ({"content": {"parts": [{"inline_data": {"mime_type": "image/png", "data": "iVBORw0KGgo="}}]}}, None),
        ({"batch": {"inputConfig": {"fileName": "files/1"}}}, None),
    ],
)
def test_a_vector_of_a_text_is_text_and_one_of_a_picture_may_be_anything(body: object, task: str | None) -> None:
    assert understood(f"{GEMINI}:embedContent", json.dumps(body)) == ("other", task)


WHO = "Who is the person in this photo?"
SOUND, SEEN = ({"inlineData": {"mimeType": kind, "data": "AAAA"}} for kind in ("audio/wav", "image/png"))
LONG_LINK = "https://files.example.org/" + "a1b2" * 80
BASE64, HEX = base64.b64encode(JPEG + bytes(60)).decode(), (JPEG + bytes(60)).hex()
INLINE = f"![](data:image/png;base64,iVBOR{'k3Zq' * 30_000})"
PAGE = "The barrier is open and the lot is wet. " * 1000


@pytest.mark.parametrize(
    ("url", "body", "task"),
    [
        (f"{OPENAI}/completions", {"prompt": f"![](data:image/png;base64,iVBOR) {WHO}"}, "identification"),
        (f"{OPENAI}/completions", {"prompt": {"prompt_string": WHO, "multimodal_data": ["iVBOR"]}}, "identification"),
        (f"{OPENAI}/completions", {"prompt": f"{INLINE} {WHO} {INLINE}"}, "identification"),
        (f"{OPENAI}/completions", {"prompt": f"{INLINE} Is the barrier open? {INLINE}"}, "other"),
        (f"{OPENAI}/completions", {"prompt": f"{PAGE} {WHO} {INLINE} {PAGE}"}, "identification"),
        (f"{OPENAI}/completions", {"prompt": f"{PAGE} ![a](data:image/svg+xml,%3Csvg%3E) {PAGE}"}, "other"),
        (f"{OPENAI}/completions", {"prompt": "Who was the first president?"}, "text"),
        (f"{OPENAI}/completions", {"prompt": [1, 2, 3]}, "text"),
        (f"{OPENAI}/chat/completions", {"messages": f"{WHO} https://example.org/a.JPG?s=1"}, "identification"),
        (f"{OPENAI}/chat/completions", {"messages": f"{WHO} s3://shots/a.jpg"}, "identification"),
        (f"{OPENAI}/chat/completions", {"messages": f"{WHO} https://example.org/about"}, "text"),
        (f"{OPENAI}/chat/completions", {"messages": f"Here: {BASE64} {WHO}"}, "identification"),
        (f"{OPENAI}/chat/completions", {"messages": f"{WHO} It is 0x{HEX.upper()}."}, "identification"),
        (f"{OPENAI}/chat/completions", {"messages": f'{WHO} <img class="a" src="/shot?id=3">'}, "identification"),
        (f"{OPENAI}/chat/completions", {"messages": 'Is this Tom Hanks? <img src="/shot">'}, None),
        (f"{OPENAI}/chat/completions", {"messages": f'What is 0x{"ab" * 60}? <img alt="a"> {WHO}'}, "text"),
        (f"{OPENAI}/chat/completions", {"messages": [SHOWN, f"{LONG_LINK} {WHO}"]}, "identification"),
        (f"{OPENAI}/chat/completions", {"messages": [SHOWN, f"{PAGE} {WHO} {PAGE}"]}, "identification"),
        (f"{OPENAI}/chat/completions", {"messages": [SHOWN, f"{PAGE} {PAGE}"]}, "other"),
        (f"{OPENAI}/chat/completions", {"messages": [SHOWN, "Who_is_the_man_in_this_photo?_" * 10]}, "identification"),
        (f"{OPENAI}/chat/completions", {"messages": [SHOWN, '{"ask":"who_is_this"}' * 20]}, "identification"),
        (f"{GEMINI}:generateContent", {"contents": [SEEN, {"inlineData": {"data": "who_is_he_" * 30}}]}, "other"),
        (f"{OPENAI}/chat/completions", {"messages": f"{PAGE * 4} ![badge](a.svg)"}, "text"),
        (f"{OPENAI}/chat/completions", {"messages": [SHOWN, {"type": "input_audio", "input_audio": {}}]}, None),
        (f"{OPENAI}/chat/completions", {"messages": [SHOWN], "audio": {"voice": "alloy"}}, "other"),
        (f"{OPENAI}/chat/completions", {"messages": [SHOWN, {"audio": {"voice": "alloy", "data": "AAAA"}}]}, None),
        (f"{OPENAI}/chat/completions", {"messages": [SHOWN, {"role": "assistant", "audio": None}]}, "other"),
        (f"{OPENAI}/chat/completions", {"stop": ["a"] * 120_000, "messages": [SHOWN, WHO]}, None),
        (f"{OPENAI}/responses", {"input": [{"type": "item_reference", "id": "i"}, WHO]}, "identification"),
        (f"{OPENAI}/responses", {"input": WHO, "tools": [{"container": {"file_ids": ["f"]}}]}, "identification"),
        (f"{GEMINI}:generateContent", {"contents": [SOUND, SEEN]}, None),
        (f"{GEMINI}:generateContent", {"contents": [WHO, {"data": "AAAA", "mimeType": "Image/PNG"}]}, "identification"),
        (f"{GEMINI}:generateContent", {"contents": [SOUND, "Write down what is said"]}, "speech"),
        (f"{OPENAI}/embeddings", {"input": [[1] * 5000] * 100}, "text"),
        (f"{OPENAI}/embeddings", {"messages": [SHOWN]}, None),
    ],
)
def test_a_picture_and_a_question_count_wherever_they_stand(url: str, body: object, task: str | None) -> None:
    found = understood(url, json.dumps({"model": "m", **cast(dict[str, object], body)}).encode())
    assert found
    assert found[1] == task


def test_to_count_the_words_of_a_question_answers_it_not() -> None:
    url = "https://api.anthropic.com/v1/messages/count_tokens"
    assert understood(url, chat(says("Who is this man?"), SHOWN)) == ("anthropic", "other")


def test_a_prompt_that_the_service_keeps_asks_nobody_knows_what() -> None:
    body = json.dumps({"model": "m", "prompt": {"id": "pmpt_1"}, "input": [{"role": "user", "content": [SHOWN]}]})
    assert understood(f"{OPENAI}/responses", body) == ("openai", None)


def test_a_chat_at_a_host_that_nobody_knows_may_be_any_service() -> None:
    url = "http://gateway.internal:4000/v1/chat/completions"
    assert understood(url, chat(says("Who is this?"), SHOWN)) == (None, "identification")
    assert understood(url, b'{"name": "no chat"}') is None


def test_a_chat_of_ollama_is_one_at_a_host_that_nobody_knows() -> None:
    body = {"model": "llava", "messages": [{"role": "user", "content": "Who is this?", "images": ["/9j/4AAQSkZJRg=="]}]}
    assert understood("http://localhost:11434/api/chat", json.dumps(body)) == (None, "identification")
    assert understood("http://localhost:3000/api/chat", '{"message": "Who is this?"}') is None


@pytest.mark.parametrize("body", [None, b"", b"{", b"\xff\xfe", b"[" * 100_000, object(), iter([b"{}"])])
def test_a_body_that_cannot_be_read_has_an_unknown_task(body: object) -> None:
    assert understood(f"{AZURE}/openai/deployments/eyes/chat/completions", body) == ("azure_openai", None)


@pytest.mark.parametrize(
    ("features", "task"),
    [(["FACE_DETECTION"], "emotion"), (["TEXT_DETECTION", "LABEL_DETECTION"], "other"), ([], "emotion")],
)
def test_google_vision_is_asked_by_its_features(features: list[str], task: str) -> None:
    body = {"requests": [{"image": {"content": "/9j/4AAQ"}, "features": [{"type": name} for name in features]}]}
    assert understood("https://vision.googleapis.com/v1/images:annotate", json.dumps(body)) == ("google_vision", task)


def test_of_an_inference_request_only_the_head_is_read() -> None:
    head = json.dumps({"inputs": [{"name": "x", "shape": [1, 3, 112, 112], "datatype": "FP32"}]}).encode()
    url, headers = "http://triton/v2/models/resnet/infer", {"Inference-Header-Content-Length": str(len(head))}
    call = understand(Request("POST", url, headers, head + b"\0" * 150_528), "test")
    assert call is not None
    assert (call.task, call.model) == (None, "resnet FP32[1, 3, 112, 112]")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (JPEG, "application/octet-stream"),
        (FORM, "multipart/form-data; boundary=b"),
        (json.dumps({"file": base64.b64encode(JPEG + b"..").decode()}).encode(), "application/json"),
        ({"Image": {"Bytes": JPEG}}, "application/json"),
        (json.dumps({"url": "data:image/jpeg;base64," + base64.b64encode(JPEG).decode()}), "application/json"),
    ],
)  # fmt: skip
def test_the_pictures_of_a_request_are_found(body: Any, content_type: str) -> None:
    (picture,) = Request("POST", "http://x/", {"content-type": content_type}, body).pictures()
    assert picture.startswith(JPEG)


@pytest.mark.parametrize(
    "body", [b"", b"{}", None, b"a=b", '{"text": "no picture"}', b'{"url": "data:image/png;base64,?"}']
)
def test_a_request_without_a_picture_has_none(body: object) -> None:
    assert list(filter(None, Request("POST", "http://x/", {}, body).pictures())) == []


@given(st.binary(max_size=200), st.sampled_from(["chat/completions", "images:annotate", "v2/models/m/infer"]))
def test_no_body_breaks_the_hosts_request(body: bytes, path: str) -> None:
    understand(Request("POST", f"https://vision.googleapis.com/{path}", {}, body), "test")


@given(st.text(max_size=100), st.text(max_size=10))
def test_no_address_breaks_the_hosts_request(url: str, method: str) -> None:
    candidates(method, url)


def test_the_table_names_only_facts() -> None:
    assert {endpoint.task for endpoint in table().endpoints} <= {*CHOICES["task"], None}
    assert {endpoint.service for endpoint in table().endpoints} | set(table().hosts) <= {*CHOICES["service"], None}
    assert all((endpoint.task is None) != (endpoint.read is None) for endpoint in table().endpoints)


@pytest.mark.parametrize("begun", ["/9j/4AAQSkZJRgAB ", "data:image/png;base64,AAAA\n", "/9j/4AAQSkZJRgAB\u3000"])
def test_a_question_behind_the_beginning_of_a_picture_is_still_asked(begun: str) -> None:
    assert understood(f"{OPENAI}/chat/completions", chat(SHOWN, says(f"{begun}Who is this person?"))) == (
        "openai",
        "identification",
    )


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes])
def test_a_large_picture_in_any_base64_asks_nothing(encode: Any) -> None:
    picture = encode(JPEG + bytes(range(256)) * 5000).decode()
    body = json.dumps({"model": "m", "prompt": "What colour is the car?", "images": [picture]}).encode()

    assert understood(f"{OPENAI}/chat/completions", body) == ("openai", "other")
