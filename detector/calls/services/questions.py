"""What a text asks about the people in the pictures that come with it: the rules of `questions.toml`.

Rules, no model: each is a phrase in one of fourteen languages, matched in text that has been made plain. The same text
gives the same answer, in time that grows with its length. What they cannot see is said in docs/services.md.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

# Characters of text that are read: so many from its beginning, and from its end, where the question usually stands.
_FROM_EACH_END = 32_768
# A file among the words, in base64: nothing is asked there, and it would push a question out of the ends.
_OPAQUE = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{201,}")
# Characters before and after a phrase in which it can be negated.
_NEAR = 32
# Marks above letters of Latin, Greek, Cyrillic and Arabic, the Arabic stretch, soft hyphens and marks without width.
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACES = re.compile(r"[\s_]+")
_APOSTROPHES = str.maketrans("\u2019\u2018\u02bc\u00b4`", "'''''")

# The strictest first: where a text asks for several things, the first counts.
TASKS = (
    "identification", "verification", "gallery_building", "categorisation", "emotion", "analysis", "detection",
)  # fmt: skip


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The phrases of one language.

    Attributes:
        letters: its letters, as a range; a text without any of them is not looked at.
        words: whether words are set apart, so that a phrase begins and ends with one.
        macros: what `{name}` stands for in a phrase.
        not_before, not_after: what, right before or after a phrase, says that it is not to be done.
    """

    letters: str = "a-z"
    words: bool = True
    macros: dict[str, str] = {}
    not_before: str = ""
    not_after: str = ""
    identification: tuple[str, ...] = ()
    verification: tuple[str, ...] = ()
    gallery_building: tuple[str, ...] = ()
    categorisation: tuple[str, ...] = ()
    emotion: tuple[str, ...] = ()
    analysis: tuple[str, ...] = ()
    detection: tuple[str, ...] = ()


class _Phrases(NamedTuple):
    phrase: re.Pattern[str]
    not_before: re.Pattern[str] | None
    not_after: re.Pattern[str] | None

    def said_in(self, text: str) -> bool:
        return any(not self._negated(text, *match.span()) for match in self.phrase.finditer(text))

    def _negated(self, text: str, start: int, end: int) -> bool:
        before = self.not_before and self.not_before.search(text[max(0, start - _NEAR) : start])
        return bool(before or (self.not_after and self.not_after.match(text[end : end + _NEAR])))


def asked_task(texts: Iterable[str]) -> str | None:
    """What the texts of a request ask about people in its pictures: a value of the fact `task`.

    `other` where they ask nothing about a person. Where they ask for several things, the strictest counts. Of more than
    65,536 characters the middle is not read: where the rest asks nothing, it is None. Files in base64 count for
    nothing.
    """
    whole = _OPAQUE.sub(" ", " . ".join(texts))
    text = plain(_ends(whole))
    nothing = "other" if len(whole) <= 2 * _FROM_EACH_END else None
    return next((task for task in TASKS if asks(text, task)), nothing)


def asks(text: str, task: str) -> bool:
    """Whether plain text asks for `task`, in any language that it has letters of."""
    spoken = (name for name, (letter, _) in _languages().items() if letter.search(text))
    return any(phrases.said_in(text) for name in spoken if (phrases := _phrases(name, task)))


def plain(text: str) -> str:
    """The text in one form: compatible characters, case, marks, apostrophes and white space do not matter."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    unmarked = _MARKS.sub("", unicodedata.normalize("NFD", folded))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", unmarked)).strip()


def _ends(text: str) -> str:
    return text if len(text) <= 2 * _FROM_EACH_END else f"{text[:_FROM_EACH_END]} . {text[-_FROM_EACH_END:]}"


@cache
def _phrases(name: str, task: str) -> _Phrases | None:
    # Compiled when they are first asked: nobody waits for languages that nobody writes.
    language = _languages()[name][1]
    phrases: tuple[str, ...] = getattr(language, task)
    if not phrases:
        return None
    edge, end = (r"(?<!\w)", r"(?!\w)") if language.words else ("", "")
    either = "|".join(_expanded(phrase, language) for phrase in phrases)
    before, after = (_expanded(words, language) for words in (language.not_before, language.not_after))
    return _Phrases(
        re.compile(f"{edge}(?:{either}){end}"),
        re.compile(f"{edge}(?:{before})$") if before else None,
        re.compile(after) if after else None,
    )


def _expanded(phrase: str, language: Language) -> str:
    for name, meaning in language.macros.items():
        phrase = phrase.replace(f"{{{name}}}", meaning)
    # Made plain as the text is, but for the spaces at its ends, which count.
    return " " * phrase.startswith(" ") + plain(phrase) + " " * phrase.endswith(" ")


@cache
def _languages() -> dict[str, tuple[re.Pattern[str], Language]]:
    content = (files(__package__ or "") / "questions.toml").read_bytes()
    languages = msgspec.toml.decode(content, type=dict[str, Language])
    return {name: (re.compile(f"[{language.letters}]"), language) for name, language in languages.items()}
