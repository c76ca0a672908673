"""What a text asks about the people in the pictures that come with it: the rules of `questions.toml`.

Rules, no model: each is a phrase in one of fourteen languages, or asks in one of some forty who somebody is, matched in
text that has been made plain. The same text gives the same answer, in time that grows with its length. What they cannot
see is said in docs/services.md.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Final, NamedTuple

import msgspec

# Characters of text that are read, some three seconds' work. Of more, half from its beginning and half from its end,
# where the question usually stands.
_MOST_READ = 1 << 20
# Characters that are searched at once, while no other thread runs, and those after them in which a phrase that begins
# there may end.
_AT_ONCE, _LONGEST_PHRASE = 2048, 256
# The same of what is made plain: to the end of a word, where there is one.
_PIECE = re.compile(r"(?s).{1,2048}[^\s_]{0,256}[\s_]*")
# Of a text of so many, a search for everything at once is worth what its patterns take to compile.
_LONG = 32_768
# A file among the words, in base64: nothing is asked there, and it would push a question out of the ends.
_OPAQUE = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{201,}")
# Characters before and after a phrase in which it can be negated.
_NEAR = 32
# Letters of scripts that no phrase is written in: of so many nobody knows what they ask.
_FOREIGN: Final = 4
_LATIN: Final = "\u00aa\u00ba\u00c0-\u02ff\u1e00-\u1eff\u2c60-\u2c7f"
# What Chinese and Japanese write beside their usual letters: the sign that repeats one, and rare ones.
_RARE: Final = "\u3005-\u3007\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\U00020000-\U0003ffff"
# A name, as it is written where there are capitals; of one word only where nothing else can follow it.
_NO_NAMES: Final = (
    r"(?!(?:The|An?|My|Your|Our|This|That|It|What|Why|How|Not|OK|Ok|Yes|No|True|False|Correct|Invoice|Number|Total|"
    r"Amount|Serial|Purchase|Account|Due|Figure|Section|Appendix|Terms)\b)"
)
_WORD: Final = rf"{_NO_NAMES}[A-Z\u00c0-\u00de\u0110\u0141\u0410-\u042f][^\W\d_A-Z](?:[^\W\d_]|[.'-](?=\w)){{0,30}}"
_FULL: Final = rf"{_WORD}(?: (?:(?:de|da|di|van|von|der|den|la|el|al|bin) ){{0,2}}{_WORD}){{1,4}}"
_AFTER: Final = "in|on|at|from|or|with|here|there|oder|ou|auf|im|en|sur|dans|of|na|w|op|o"
_END: Final = rf"(?= ?(?:$|[?.!,;:)\"']| (?:{_AFTER})\b))"
# Marks above letters of Latin, Greek, Cyrillic and Arabic, the Arabic stretch, soft hyphens and marks without width.
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640\u00ad\u200b-\u200f\u2060\ufeff]")
_HOLES = re.compile(r"({(?:name|full)})")
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
        named: phrases with a proper name in them.
    """

    letters: str = "a-z"
    words: bool = True
    macros: dict[str, str] = {}
    not_before: str = ""
    not_after: str = ""
    named: tuple[str, ...] = ()
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
        return any(not self._negated(text, *span) for span in self.spans(text))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        for start in range(0, len(text), _AT_ONCE):
            found = self.phrase.finditer(text, start, start + _AT_ONCE + _LONGEST_PHRASE)
            yield from (match.span() for match in found if match.start() < start + _AT_ONCE)

    def _negated(self, text: str, start: int, end: int) -> bool:
        before = self.not_before and self.not_before.search(text[max(0, start - _NEAR) : start])
        return bool(before or (self.not_after and self.not_after.match(text[end : end + _NEAR])))


def asked_task(texts: Iterable[str]) -> str | None:
    """What the texts of a request ask about people in its pictures: a value of the fact `task`.

    `other` where they ask nothing about a person. Where they ask for several things, the strictest counts. Of more than
    1,048,576 characters the middle is not read: where the rest asks nothing, it is None, as it is where they ask for
    somebody by name, or are written in letters that no phrase is. Files in base64 count for nothing.
    """
    whole = "".join(_OPAQUE.sub(" ", piece) for piece in _PIECE.findall(" . ".join(texts)))
    read = _ends(whole)
    text = plain(read)
    spoken = [name for name, (letter, _) in _languages().items() if letter.search(text)]
    if len(text) > _LONG:
        spoken = [name for name in spoken if _asks_something(text, name)]
    asked = next((task for task in TASKS if any(_asks(text, name, task) for name in spoken)), None)
    told = asked or len(whole) > _MOST_READ or _is_foreign(text) or _names_somebody(read)
    return asked if told else "other"


def _asks(text: str, name: str, task: str) -> bool:
    phrases = _phrases(name, (task,))
    return phrases is not None and phrases.said_in(text)


def _is_foreign(text: str) -> bool:
    found = _foreign().finditer(text)
    return sum(1 for _ in islice(found, _FOREIGN)) == _FOREIGN


def _names_somebody(text: str) -> bool:
    """Whether a text asks if it is somebody whose name it says."""
    return any(_named().spans("".join(map(_unmarked, _PIECE.findall(text)))))


def _asks_something(text: str, name: str) -> bool:
    """Whether a language is worth a closer look: most texts ask nothing, and one search for all tasks tells that."""
    phrases = _phrases(name, TASKS)
    return phrases is not None and any(phrases.spans(text))


def plain(text: str) -> str:
    """The text in one form: compatible characters, case, marks, apostrophes and white space do not matter."""
    return "".join(map(_plain, _PIECE.findall(text))).strip()


def _plain(piece: str) -> str:
    return _unmarked(unicodedata.normalize("NFKC", piece).casefold())


def _unmarked(piece: str) -> str:
    folded = unicodedata.normalize("NFKC", piece).translate(_APOSTROPHES)
    unmarked = _MARKS.sub("", unicodedata.normalize("NFD", folded))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", unmarked))


def _ends(text: str) -> str:
    half = _MOST_READ // 2
    return text if len(text) <= _MOST_READ else f"{text[:half]} . {text[-half:]}"


@cache
def _phrases(name: str, tasks: tuple[str, ...]) -> _Phrases | None:
    # Compiled when they are first asked: nobody waits for languages that nobody writes.
    language = _languages()[name][1]
    phrases = [phrase for task in tasks for phrase in getattr(language, task)]
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
def _foreign() -> re.Pattern[str]:
    """A letter of a script that no phrase is written in."""
    known = "".join(language.letters for _, language in _languages().values())
    return re.compile(rf"[^\W\d_{known}{_LATIN}{_RARE}]")


@cache
def _named() -> _Phrases:
    phrases = [phrase for _, language in _languages().values() for phrase in language.named]
    names = {"name": f"(?:{_FULL}|{_WORD}{_END})", "full": _FULL}
    parts = ("".join(_cased(part, names) for part in _HOLES.split(phrase)) for phrase in phrases)
    return _Phrases(re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)"), None, None)


def _cased(part: str, names: Mapping[str, str]) -> str:
    """Of a phrase, a name as it is written, and all else in any case."""
    return names[part[1:-1]] if part in ("{name}", "{full}") else f"(?i:{part})"


@cache
def _languages() -> dict[str, tuple[re.Pattern[str], Language]]:
    content = (files(__package__ or "") / "questions.toml").read_bytes()
    languages = msgspec.toml.decode(content, type=dict[str, Language])
    return {name: (re.compile(f"[{language.letters}]"), language) for name, language in languages.items()}
