"""Whom to trust, as a file says it (C2SP tlog-policy)."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..errors import InputError
from .note import NoteError
from .public_keys import ED25519, Verifier, read_verifier

_NONE: Final = "none"


@dataclass(frozen=True)
class Witness:
    """Somebody who cosigns heads.

    Attributes:
        name: in the policy.
        key: of its cosignatures.
        url: where it is asked (the submission prefix of tlog-witness); None where it is not said.
    """

    name: str
    key: Verifier
    url: str | None = None


@dataclass(frozen=True)
class Group:
    """So many of its members have to have seen a head."""

    least: int
    members: tuple[str, ...]


@dataclass
class Policy:
    """Which keys are a log's, and which witnesses must have seen a head.

    Attributes:
        logs: the keys of the ledgers.
        witnesses, groups: by their names.
        quorum: the name of a witness or a group; None where none is asked for.
    """

    logs: list[Verifier] = field(default_factory=list[Verifier])
    witnesses: dict[str, Witness] = field(default_factory=dict[str, Witness])
    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    quorum: str | None = None

    @property
    def cosigners(self) -> list[Verifier]:
        """The keys of the witnesses."""
        return [witness.key for witness in self.witnesses.values()]

    def is_met(self, signed: Container[Verifier]) -> bool:
        """Whether those who have cosigned a head are enough."""
        return self.quorum is None or self._has_seen(self.quorum, signed)

    def _has_seen(self, name: str, signed: Container[Verifier]) -> bool:
        if witness := self.witnesses.get(name):
            return witness.key in signed
        group = self.groups[name]
        return sum(self._has_seen(member, signed) for member in group.members) >= group.least


def read_policy(path: Path) -> Policy:
    """The policy that a file says.

    Raises:
        InputError: it cannot be read, or a line of it says what no policy may; which, and why.
    """
    try:
        text = path.read_bytes().decode(errors="surrogateescape")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    reader, where = _Reader(), str(path)
    try:
        for number, words in _lines(text):
            where = f"{path}:{number}"
            reader.read(words)
        where = str(path)
        return reader.policy()
    except (NoteError, _NoPolicyError) as error:
        raise InputError(f"{where}: {error}") from error


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.split("\n"), 1):
        words = line.replace("\t", " ").split(" ")
        if (words := [word for word in words if word]) and words[0][0] != "#":
            yield number, words


class _NoPolicyError(Exception):
    """What a line says no policy may."""


class _Reader:
    """Takes the lines of a policy in their order."""

    def __init__(self) -> None:
        self._policy = Policy()
        self._keys: set[bytes] = set()
        self._members: set[str] = set()
        self._quorums = 0

    def policy(self) -> Policy:
        if not self._policy.logs:
            raise _NoPolicyError("names no log; a line is: log NAME+ID+KEY")
        if self._quorums != 1:
            raise _NoPolicyError("has no one line for the quorum; where none is asked for: quorum none")
        return self._policy

    def read(self, words: list[str]) -> None:
        match words:
            case ["log", key, *rest] if len(rest) <= 1:
                self._policy.logs.append(self._key(key, cosigns=False))
            case ["witness", name, key, *rest] if len(rest) <= 1:
                witness = Witness(name, self._key(key, cosigns=True), rest[0] if rest else None)
                self._policy.witnesses[self._new(name)] = witness
            case ["group", name, least, *members] if members:
                group = Group(self._least(least, len(members)), tuple(map(self._member, members)))
                self._policy.groups[self._new(name)] = group
            case ["quorum", name]:
                self._quorums += 1
                self._policy.quorum = None if name == _NONE else self._known(name)
            case _:
                raise _NoPolicyError(f"is no line of a policy: {' '.join(words)[:60]}")

    def _key(self, text: str, *, cosigns: bool) -> Verifier:
        key = read_verifier(text)
        if (key.kind != ED25519) is not cosigns:
            raise _NoPolicyError(f"the key of {key.name} is not one of a {'witness' if cosigns else 'log'}")
        if key.key in self._keys:
            raise _NoPolicyError(f"the key of {key.name} stands twice")
        self._keys.add(key.key)
        return key

    def _new(self, name: str) -> str:
        if name == _NONE or self._is_known(name):
            raise _NoPolicyError(f"{name} is taken already")
        return name

    def _known(self, name: str) -> str:
        if not self._is_known(name):
            raise _NoPolicyError(f"{name} is no witness and no group of a line before")
        return name

    def _is_known(self, name: str) -> bool:
        return name in self._policy.witnesses or name in self._policy.groups

    def _member(self, name: str) -> str:
        if name in self._members:
            raise _NoPolicyError(f"{name} is in a group already")
        self._members.add(self._known(name))
        return name

    @staticmethod
    def _least(text: str, count: int) -> int:
        least = {"any": 1, "all": count}.get(text) or (int(text[:9]) if text.isascii() and text.isdecimal() else 0)
        if not 1 <= least <= count:
            raise _NoPolicyError(f"of {count} members it asks for {text}")
        return least
