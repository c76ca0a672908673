"""Who may ask."""

import base64
from collections.abc import Generator
from pathlib import Path

import pytest
from helpers.services import CALL, SITE, Running, running

TOKEN = "a-token-of-32-characters-or-less"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """A service that asks for a token."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "site.toml").write_text(SITE + '\n[serve]\ntoken_file = "token"\n')
    (folder / "token").write_text(TOKEN + "\n")
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


def test_a_proxy_is_refused_as_it_understands(locked: Running) -> None:
    assert locked.http.get("/v1/check?source=street&service=azure_openai&task=speech").status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_whoever_starts_containers_needs_none(locked: Running, path: str) -> None:
    assert locked.http.get(path).status_code == 200


def test_a_page_of_another_origin_may_not_ask(shared: Running) -> None:
    assert shared.http.post("/v1/reload", headers={"origin": "https://elsewhere.example"}).status_code == 403
    assert shared.http.get("/v1/sources", headers={"origin": shared.url}).status_code == 200


def test_a_token_is_read_again_with_the_site_file(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE + '\n[serve]\ntoken_file = "token"\n')
    (tmp_path / "token").write_text(TOKEN)
    with running(tmp_path / "site.toml") as found:
        (tmp_path / "token").write_text("another-token-for-all")
        assert found.http.post("/v1/reload", headers={"x-facewarden-token": TOKEN}).status_code == 200
        assert found.http.get("/v1/sources", headers={"x-facewarden-token": TOKEN}).status_code == 401
