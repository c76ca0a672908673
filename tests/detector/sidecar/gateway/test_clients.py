"""Who asks a service through the gateway goes on record, and may say whose pictures it sends."""

import json
from hashlib import sha256
from typing import Any

import pytest
from helpers.local_server import LocalServer
from helpers.services import DESK, DESK_SITE

from facewarden.detector.errors import FactError
from facewarden.detector.records import Decided, read_entries
from facewarden.detector.sidecar.gateway.clients import Known, who
from facewarden.detector.site.upstreams import Client, Upstream

from .conftest import Front
from .test_services import WHAT, WHO, aws, chat

KEY, ACCESS = "sk-of-the-booking-desk", "AKIABOOKINGDESK"
CLIENTS = """
client_header = "X-Forwarded-User"
clients.booking = {{ key_sha256 = "{}", source = "desk" }}
clients.batch = {{ key_sha256 = "{}" }}
clients.kiosk = {{ source = "desk" }}
""".format(*(sha256(key.encode()).hexdigest() for key in (KEY, ACCESS)))
SHOWN: dict[str, tuple[dict[str, str], tuple[str | None, str | None, str]]] = {
    "a bearer's": ({"authorization": f"Bearer {KEY}"}, ("booking", "key", "desk")),
    "an API key": ({"x-api-key": KEY}, ("booking", "key", "desk")),
    "a key beats what a proxy says": ({"api-key": KEY, "x-forwarded-user": "kiosk"}, ("booking", "key", "desk")),
    "what a proxy says": ({"x-forwarded-user": "kiosk"}, ("kiosk", "header", "desk")),
    "somebody the site does not know": ({"x-forwarded-user": "ann"}, ("ann", "header", "street")),
    "a key that nobody knows": ({"authorization": "Bearer other"}, (None, None, "street")),
    "who names a camera": ({"x-api-key": KEY, "x-facewarden-source": "street"}, ("booking", "key", "street")),
}  # fmt: skip


def decided(folder: Any) -> list[Decided]:
    found = (entry for path in folder.rglob("calls.jsonl") for entry in read_entries(path))
    return [entry for entry in found if isinstance(entry, Decided)]


def test_who_asked_is_on_record_and_no_key(front: Front) -> None:
    with LocalServer() as cloud:
        about = f'url = "{cloud.url}"\nsource = "street"\n{CLIENTS}'
        fronted = front(openai=f'kind = "openai"\n{about}', rekognition=f'kind = "rekognition"\n{about}')
        for headers, _ in SHOWN.values():
            assert fronted.raw("openai", "/v1/chat/completions", chat(WHO), headers).status == 403
        assert fronted.raw("openai", "/v1/chat/completions", chat(WHAT), {"x-api-key": KEY}).status == 200
        signed = {"authorization": f"AWS4-HMAC-SHA256 Credential={ACCESS}/20261126/us-east-1/rekognition/aws4_request"}
        fronted.raw("rekognition", "/", b'{"CollectionId":"c"}', {**aws("SearchFacesByImage"), **signed})
        record = fronted.record('"upstream":"rekognition"')

    calls = decided(fronted.folder)
    told = [(call.own.get("client"), call.own.get("client_by"), call.source) for call in calls if call.refused]
    assert told == [*(expected for _, expected in SHOWN.values()), ("batch", "key", "street")]
    assert KEY not in record
    assert ACCESS not in record


def test_a_rule_may_ask_who_asks(front: Front, tmp_path: Any) -> None:
    (tmp_path / "desk.toml").write_text(DESK)
    site = DESK_SITE.replace("desk.toml", str(tmp_path / "desk.toml"))
    with LocalServer() as cloud:
        fronted = front(site=site, openai=f'kind = "openai"\nurl = "{cloud.url}"\nsource = "street"\n{CLIENTS}')
        said = [
            {"x-api-key": KEY},
            {"x-forwarded-user": "booking"},
            {"x-forwarded-user": "kiosk"},
            {"x-api-key": "x"},
            {},
        ]
        asked = [fronted.raw("openai", "/v1/chat/completions", chat(WHO), headers) for headers in said]

    assert [answer.status for answer in asked] == [200, 200, 403, 403, 403]
    assert [b"prohibited" in answer.body for answer in asked[2:]] == [True, False, False]


def test_a_certificate_names_its_client() -> None:
    upstream = Upstream("http://a:1", "openai", "127.0.0.1:0", clients={"kiosk": Client(source="desk")})
    shown = {"subject": ((("organizationName", "City"),), (("commonName", "kiosk"),))}
    assert who(upstream, lambda _: "", shown) == Known("kiosk", "certificate", "desk")
    assert who(upstream, lambda _: "", {}) == Known()


def test_a_key_in_the_clear_is_told() -> None:
    with pytest.raises(FactError, match="64 digits"):
        Client(key_sha256=json.dumps(KEY))
