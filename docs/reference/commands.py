"""Every command, its options and its exit statuses, from the application itself."""

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Any, Literal, get_args, get_origin

import typer

from facewarden.detector.cli import app

from .markdown import code, page, table

_STATUS = re.compile(r"Exit status: (.*?)(?:\n\n|$)", re.DOTALL)
# A command of click's, in whichever module this release of typer keeps it.
Command = Any


def commands() -> dict[str, Command]:
    """The commands, by their whole name."""
    return dict(_leaves("facewarden", typer.main.get_command(app)))


def render() -> str:
    """The page of all commands."""
    parts = [_command(name, command) for name, command in commands().items()]
    return page("Commands", f"`facewarden --help` says the same. {_everywhere()}", *parts)


def exits() -> str:
    """The page of exit statuses."""
    rows = [(code(name), _status(command)) for name, command in commands().items()]
    return page(
        "Exit statuses",
        "A wrong option, and an input without which none of the command's work could begin, is status 2 everywhere, "
        "with one line on standard error.",
        table(("command", "exit status"), rows),
    )


def _leaves(name: str, command: Command) -> Iterator[tuple[str, Command]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for sub, leaf in below.items():
        yield from _leaves(f"{name} {sub}", leaf)


def _command(name: str, command: Command) -> str:
    hints = inspect.get_annotations(inspect.unwrap(command.callback), eval_str=True)
    shown = [one for one in command.params if "--help" not in one.opts]
    rows = [(_names(one), _kind(one, hints.get(one.name)), _meaning(one)) for one in shown]
    usage = " ".join([name, "[OPTIONS]", *(_metavar(one) for one in shown if one.param_type_name == "argument")])
    parts = [f"## {name}", f"```text\n{usage}\n```", command.help, table(("argument", "value", "meaning"), rows)]
    return "\n\n".join(parts[: 4 if rows else 3])


def _names(parameter: Any) -> str:
    names = [_metavar(parameter)] if parameter.param_type_name == "argument" else parameter.opts
    return ", ".join(map(code, names))


def _metavar(parameter: Any) -> str:
    return parameter.metavar or parameter.name.upper()


def _kind(parameter: Any, hint: object) -> str:
    if parameter.param_type_name == "argument" or parameter.is_flag:
        return ""
    return code("|".join(_choices(hint)) or parameter.metavar or "VALUE")


def _choices(hint: object) -> tuple[str, ...]:
    """The words of a `Literal` or of an enumeration, wherever it stands in an annotation."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(str(word.value) for word in hint)
    return _choices(get_args(hint)[0]) if get_origin(hint) is Annotated else ()


def _meaning(parameter: Any) -> str:
    default = "" if parameter.default in (None, False) else f" By default {code(parameter.default)}."
    return (parameter.help or "") + default


def _status(command: Command) -> str:
    found = _STATUS.search(command.help or "")
    return found[1].strip() if found else "0."


def _everywhere() -> str:
    root: Any = typer.main.get_command(app)
    options = [name for one in root.params for name in one.opts if "completion" not in name]
    return f"Options of `facewarden` itself: {', '.join(map(code, options))}."
