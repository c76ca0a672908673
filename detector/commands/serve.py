"""`facewarden serve` and `facewarden status`: the service, and how it stands with one. No logic."""

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson

_URL = "http://127.0.0.1:7070"


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    app.command()(serve)
    app.command()(status)


def serve(
    site: Annotated[Path, typer.Option(help="What is declared, and where the sources are (TOML).", metavar="FILE")],
    source: Annotated[
        list[str] | None,
        typer.Option(help="A live source beside those of the site file; more than once.", metavar="NAME=URL"),
    ] = None,
    listen: Annotated[
        list[str] | None,
        typer.Option(help="Where to answer; more than once. By default 127.0.0.1:7070.", metavar="HOST:PORT|unix:PATH"),
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Where the record goes; by default nothing is kept.", metavar="DIR")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="Holds the bearer token that every caller must know.", metavar="FILE")
    ] = None,
    grpc: Annotated[
        str | None, typer.Option(help="Where Envoy's external authorisation asks by gRPC.", metavar="HOST:PORT")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate, PEM.", metavar="FILE")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM.", metavar="FILE")] = None,
    client_ca: Annotated[
        Path | None, typer.Option(help="Who signs the certificates that callers must show, PEM.", metavar="FILE")
    ] = None,
    otlp: Annotated[
        str | None,
        typer.Option(
            help="A collector of OpenTelemetry, which gets decisions and numbers.", metavar="http://HOST:PORT"
        ),
    ] = None,
) -> None:
    """Watch live sources, and answer whether a face-recognition call may run on one of them now.

    SIGTERM ends it once what was asked is answered; SIGHUP reads the site file again. The log is JSON, on standard
    error. Without a token or certificates of callers it listens on this machine only.

    Exit status: 0 stopped as told, 2 where it was told something wrong, or cannot listen or write where it should.

    Example: facewarden serve --site site.toml
    """
    from ..naming import name_sources
    from ..sidecar.serve import serve as run
    from ..sidecar.settings import Options

    options = Options(
        site=site,
        sources=name_sources(source or ()),
        listen=tuple(listen or ()),
        grpc=grpc,
        record=record,
        token_file=token_file,
        tls_cert=tls_cert,
        tls_key=tls_key,
        client_ca=client_ca,
        otlp=otlp,
    )
    raise typer.Exit(run(options))


def status(
    url: Annotated[str, typer.Argument(metavar="[URL]", help="Of the service; unix:PATH for a socket.")] = _URL,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again every two seconds, until interrupted.")] = False,
    token_file: Annotated[
        Path | None, typer.Option(help="Holds the token that the service asks for.", metavar="FILE")
    ] = None,
) -> None:
    """Show how a service and its sources stand.

    Exit status: 0 it is ready, 1 it is not, 2 it does not answer.

    Example: facewarden status http://127.0.0.1:7070 --watch
    """
    from ..sidecar.client import Client, follow

    ready = follow(Client(url, token_file), as_json=as_json, watch=watch)
    raise typer.Exit(0 if ready else 1)
