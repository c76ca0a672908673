"""What asks a service how it stands, for a person at a terminal."""

import http.client
import time
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from ...streams.address import has_host, redacted
from ..console import show, show_table
from ..errors import InputError
from ..json_lines import show_json
from ..secret import read_secret
from ..unix_http import UnixConnection
from .onvif.analytics import OnvifAnswer
from .picture import Picture, Readiness, SourceAnswer

_TIMEOUT_S: Final = 5.0
_PERIOD_S: Final = 2.0


class Client:
    """Asks one service.

    Args:
        url: `http://HOST:PORT`, `https://...`, or `unix:PATH`; a password in it is the token, where there is no file.
        token_file: the file that holds the token that it asks for.

    Raises:
        InputError: the address is none, or the file cannot be read.
    """

    def __init__(self, url: str, token_file: Path | None = None) -> None:
        self._url = url
        if not url.startswith("unix:") and not has_host(url, "http", "https"):
            raise InputError(f"{redacted(url)}: no address of a service; expected http://HOST:PORT or unix:PATH")
        token = read_secret(token_file) if token_file else unquote(urlsplit(url).password or "")
        self._headers = {"X-Facewarden-Token": token} if token else {}

    def picture(self) -> Picture:
        """All there is to see.

        Raises:
            InputError: it does not answer, or not as ours does.
        """
        try:
            sources = msgspec.json.decode(self._get("/v1/sources", 200), type=list[SourceAnswer])
            readiness = msgspec.json.decode(self._get("/readyz", 200, 503), type=Readiness)
        except (OSError, http.client.HTTPException) as error:
            raise InputError(f"{redacted(self._url)}: does not answer ({error})") from error
        except msgspec.DecodeError as error:
            raise InputError(f"{redacted(self._url)}: answers, but not as facewarden does ({error})") from error
        return Picture({source.source: source for source in sources}, readiness)

    def _get(self, path: str, *statuses: int) -> bytes:
        connection = self._connection()
        try:
            connection.request("GET", path, headers=self._headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status not in statuses:
            hint = "; give --token-file" if answer.status == 401 else ""
            raise InputError(f"{redacted(self._url)}: answers {path} with status {answer.status}{hint}")
        return content

    def _connection(self) -> http.client.HTTPConnection:
        if self._url.startswith("unix:"):
            return UnixConnection(self._url.removeprefix("unix:"), _TIMEOUT_S)
        parts = urlsplit(self._url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.netloc.rpartition("@")[2], timeout=_TIMEOUT_S)


def follow(client: Client, *, as_json: bool, watch: bool) -> bool:
    """Show how it stands, once, or again and again until interrupted; says whether it was ready at the end.

    Raises:
        InputError: it does not answer.
    """
    picture = client.picture()
    try:
        while True:
            show_json({"readiness": picture.readiness, "sources": [*picture.sources.values()]}) if as_json else _show(
                picture
            )
            if not watch:
                break
            time.sleep(_PERIOD_S)
            picture = client.picture()
    except KeyboardInterrupt:
        pass  # as it was asked to
    return picture.readiness.ready


def _show(picture: Picture) -> None:
    readiness = picture.readiness
    show("[green]ready[/]" if readiness.ready else "[red]not ready[/]")
    said = {"record": readiness.record, "site file": readiness.reload, "not yet tried": ", ".join(readiness.untried)}
    for what, text in said.items():
        if text:
            show_table(what, ("",), [(text,)])
    headings = ("source", "state", "last picture", "camera", "environment", "pictures", "remarks")
    show_table("Sources", headings, map(_row, picture.sources.values()))


def _row(source: SourceAnswer) -> tuple[str, ...]:
    mobility, environment = source.mobility, source.environment
    last = "never" if source.last_picture is None else f"{source.last_picture:.1f} s ago"
    looks = "looks controlled" if environment.consistent_with_controlled else environment.value
    counts = f"{source.coverage.analysed} looked at, {source.coverage.dropped} dropped, {source.looking}"
    return (
        source.source,
        source.state,
        last,
        mobility.in_words,
        looks,
        counts,
        "; ".join(filter(None, (source.problem or source.unseen, _itself(source.onvif)))),
    )


def _itself(said: OnvifAnswer | None) -> str | None:
    """What a camera does by itself, in words; None where there is nothing to say of that."""
    if said is None or said.problem is not None:
        return said and f"by ONVIF: {said.problem}"
    return "recognises faces by itself" if said.recognises else None
