"""Who may ask."""

import base64
from collections.abc import Generator
from pathlib import Path

import pytest
from helpers.services import CALL, SITE, Running, running

from facewarden.detector.errors import InputError
from facewarden.detector.sidecar.client import Client

TOKEN, PUSHES, MANAGES = "a-token-of-32-characters-or-less", "the-token-of-cameras", "the-token-of-who-runs-it"
SERVED = '\n[serve]\ntoken_file = "token"\npush_token_file = "push"\nmanage_token_file = "manage"\n'
PICTURE = "/v1/sources/street/picture"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """A service that asks for tokens."""
    folder = tmp_path_factory.mktemp("site")
    files = {"token": TOKEN, "push": PUSHES, "manage": MANAGES}
    (folder / "site.toml").write_text(SITE + SERVED)
    for name, token in files.items():
        (folder / name).write_text(token + "\n")
    with running(folder / "site.toml") as found:
        yield found


BASIC = base64.b64encode(f"x:{TOKEN}".encode()).decode()


@pytest.mark.parametrize(
    "headers",
    [{"authorization": f"Bearer {TOKEN}"}, {"authorization": f"Basic {BASIC}"}, {"x-facewarden-token": TOKEN}],
    ids=["bearer", "password", "header"],
)
def test_whoever_brings_the_token_is_answered(locked: Running, headers: dict[str, str]) -> None:
    assert locked.http.post("/v1/authorize", json=CALL, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", f"Token {TOKEN}", "Basic ###", "é"]
)
@pytest.mark.parametrize("path", ["/v1/authorize", "/v1/sources", "/metrics", "/v1/events", "/v1/reload", "/nowhere"])
def test_whoever_does_not_is_not_on_any_path(locked: Running, path: str, given: str) -> None:
    method = "POST" if path in ("/v1/authorize", "/v1/reload") else "GET"
    answer = locked.http.request(method, path, headers={b"authorization": given.encode()})

    assert answer.status_code == 401
    assert TOKEN not in answer.text


def test_whoever_looks_how_it_stands_may_have_the_token_in_the_address(locked: Running) -> None:
    assert Client(locked.url.replace("://", f"://x:{TOKEN}@")).picture().sources.keys() == {"street", "desk"}
    with pytest.raises(InputError, match=r"status 401; give --token-file") as told:
        Client(locked.url.replace("://", "://x:not-the-token@")).picture()
    assert "not-the-token" not in str(told.value)


def test_a_proxy_is_refused_as_it_understands(locked: Running) -> None:
    assert locked.http.get("/v1/check?source=street&service=azure_openai&task=speech").status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_whoever_starts_containers_needs_none(locked: Running, path: str) -> None:
    assert locked.http.get(path).status_code == 200


@pytest.mark.parametrize("origin", [b"https://elsewhere.example", b"null", b"http://[", b"ht\xfap://elsewhere"])
def test_a_page_of_another_origin_may_not_ask(shared: Running, origin: bytes) -> None:
    for path in ("/v1/reload", "/v1/authorize"):
        assert shared.http.post(path, headers={b"origin": origin}).status_code == 403
    assert shared.http.get("/v1/sources", headers={"origin": shared.url}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("PUT", PICTURE, TOKEN, 401),
        ("PUT", PICTURE, MANAGES, 401),
        ("PUT", PICTURE, PUSHES, 404),  # let in: it is no source that takes pictures
        ("POST", "/v1/reload", TOKEN, 401),
        ("POST", "/v1/reload", PUSHES, 401),
        ("POST", "/v1/reload", MANAGES, 200),
        ("POST", "/v1/authorize", PUSHES, 401),
        ("POST", "/v1/authorize", MANAGES, 401),
        ("GET", "/v1/sources", PUSHES, 401),
    ],
)
def test_each_token_opens_its_own_doors(locked: Running, method: str, path: str, token: str, status: int) -> None:
    answer = locked.http.request(method, path, json=CALL, headers={"x-facewarden-token": token})

    assert answer.status_code == status


@pytest.mark.parametrize("path", ["//v1/sources/street/picture", "/v1/sources/street/picture/", "/V1/RELOAD"])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_no_other_spelling_of_an_address_opens_it(locked: Running, method: str, path: str) -> None:
    answer = locked.http.request(method, path, headers={"x-facewarden-token": TOKEN}, follow_redirects=True)

    assert answer.status_code in (401, 404, 405)


@pytest.mark.parametrize(("method", "path"), [("PUT", PICTURE), ("POST", "/v1/reload")])
def test_where_asking_needs_a_token_nobody_does_without_one_what_needs_more(
    tmp_path: Path, method: str, path: str
) -> None:
    (tmp_path / "site.toml").write_text(SITE + '\n[serve]\ntoken_file = "token"\n')
    (tmp_path / "token").write_text(TOKEN)
    with running(tmp_path / "site.toml") as found:
        answer = found.http.request(method, path, headers={"x-facewarden-token": TOKEN})

    assert answer.status_code == 403
    assert "token_file" in answer.json()["detail"]


def test_tokens_are_read_again_with_the_site_file(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE + SERVED)
    for name, token in {"token": TOKEN, "push": PUSHES, "manage": MANAGES}.items():
        (tmp_path / name).write_text(token)
    with running(tmp_path / "site.toml") as found:
        (tmp_path / "token").write_text("another-token-for-all")
        assert found.http.post("/v1/reload", headers={"x-facewarden-token": MANAGES}).status_code == 200
        assert found.http.get("/v1/sources", headers={"x-facewarden-token": TOKEN}).status_code == 401
