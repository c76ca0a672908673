from collections.abc import Callable
from pathlib import Path

import pytest

from facewarden.detector.errors import VectorError
from facewarden.detector.policy.cases import Vector, read_vectors

FILE = """
pack = "microsoft"
vectors = [
    { id = "one", expect = "prohibited", deciding = ["MS-AOAI-1"], set = { operator = "us_police" } },
    { id = "two", expect = "hold", forget = ["consent"] },
    { id = "dated", expect = "prohibited", deciding = ["MS-AOAI-1"], first = 2024-05-01, last = 2024-05-31 },
]
[facts]
service = "azure_openai"
consent = "valid"
"""
LINE = '{"id": "a", "pack": "microsoft", "facts": {"service": "local"}, "expect": "allow", "deciding": [], "why": "w"}'

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return to


def test_a_case_changes_and_forgets_facts_of_its_file(write: Write) -> None:
    one, two, *_ = read_vectors(write("own.toml", FILE))

    assert one.facts == {"service": "azure_openai", "consent": "valid", "operator": "us_police"}
    assert two.facts == {"service": "azure_openai"}


def test_a_case_with_dates_is_a_vector_on_each_side_of_them(write: Write) -> None:
    dated = read_vectors(write("own.toml", FILE))[2:]

    assert [(vector.facts["date"], vector.deciding, vector.silent) for vector in dated] == [
        ("2024-05-01", ("MS-AOAI-1",), ()),
        ("2024-04-30", (), ("MS-AOAI-1",)),
        ("2024-05-31", ("MS-AOAI-1",), ()),
        ("2024-06-01", (), ("MS-AOAI-1",)),
    ]


def test_json_lines_are_vectors_and_empty_lines_none(write: Write) -> None:
    (vector,) = read_vectors(write("own.jsonl", f"\n{LINE}\n\n"))
    assert (vector.id, vector.expect, vector.why, vector.problem()) == ("a", "allow", "w", None)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"expect": "hold"}, "expected hold, got prohibited by MS-AOAI-1"),
        ({"deciding": ("MS-AOAI-4",)}, "expected MS-AOAI-4 to decide, got prohibited by MS-AOAI-1"),
        ({"silent": ("MS-AOAI-1",)}, "expected MS-AOAI-1 not to hold"),
        ({}, None),
    ],
)
def test_a_vector_says_what_is_not_as_expected(changes: dict[str, object], problem: str | None) -> None:
    facts: dict[str, object] = {"service": "azure_openai", "task": "verification", "operator": "us_police"}
    facts |= {"consent": "valid", "limited_access_approved": True, "date": "2026-11-22"}
    vector = Vector(id="a", pack="microsoft", facts=facts, **changes)  # pyright: ignore[reportArgumentType]
    assert vector.problem() == problem


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("own.toml", FILE.replace("expect", "expects"), "expects"),
        ("own.toml", FILE.replace('"hold"', '"closed"'), "closed"),
        ("own.toml", FILE.replace("service", "servise"), "vector one: unknown fact 'servise'"),
        ("own.toml", "vectors = ", "own.toml"),
        ("own.jsonl", LINE + "\n{", "line 2"),
        ("own.jsonl", LINE.replace("local", "nowhere"), "vector a: fact 'service'"),
    ],
)
def test_a_file_that_is_wrong_is_an_error_that_names_it_and_the_place(
    write: Write, name: str, text: str, words: str
) -> None:
    path = write(name, text)
    with pytest.raises(VectorError) as error:
        read_vectors(path)

    assert str(error.value).startswith(f"{path}: ")
    assert words in str(error.value)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match="cannot be read"):
        read_vectors(tmp_path / "gone.jsonl")
