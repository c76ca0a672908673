"""How often the rules of `calls/services/questions.toml` are right: `python -m facewarden.bench.truth.questions`."""

import tomllib
from importlib.resources import files
from typing import NamedTuple

from ...detector.calls.services.questions import asked_task

# Sentences by how they came about, by language, and by the task that they ask for; see the file's head.
SENTENCES: dict[str, dict[str, dict[str, list[str]]]] = tomllib.loads(
    (files(__package__ or "") / "questions.toml").read_text(encoding="utf-8")
)


class Score(NamedTuple):
    """Of sentences that may ask for identification: how many do, are said to, and both."""

    asking: int
    said: int
    both: int
    sentences: int
    right: int

    @property
    def precision(self) -> float:
        """The share that does ask, of those that are said to."""
        return self.both / self.said

    @property
    def recall(self) -> float:
        """The share that is said to ask, of those that do."""
        return self.both / self.asking


def score(kind: str, languages: list[str] | None = None) -> Score:
    """The score over `seen` or `unseen`, by default in all languages."""
    asked = [
        (task, asked_task([sentence]))
        for language in languages or SENTENCES[kind]
        for task, sentences in SENTENCES[kind][language].items()
        for sentence in sentences
    ]
    want = [task == "identification" for task, _ in asked]
    said = [answer == "identification" for _, answer in asked]
    both = sum(one and other for one, other in zip(want, said, strict=True))
    return Score(sum(want), sum(said), both, len(asked), sum(task == answer for task, answer in asked))


def main() -> None:
    """Print a table in Markdown: identification's precision and recall, and how often the whole task is right."""
    lines = ["| sentences | language | number | precision | recall | task right |", "|---|---|---|---|---|---|"]
    for kind in SENTENCES:
        for language in [None, *SENTENCES[kind]]:
            one = score(kind, [language] if language else None)
            shares = " | ".join(f"{share:.1%}" for share in (one.precision, one.recall, one.right / one.sentences))
            lines.append(f"| {kind} | {language or 'all'} | {one.sentences} | {shares} |")
    print("\n".join(lines))  # noqa: T201 - what the command is for


if __name__ == "__main__":
    main()
