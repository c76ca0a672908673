"""What a decision costs, and what Cedar takes for the same rules: `python -m facewarden.bench.speed.policy`."""

from collections.abc import Callable, Sequence
from statistics import median, quantiles
from time import perf_counter_ns

import typer

from ...detector.facts import Value, check_facts
from ...detector.policy import Decision, Policy, load_packs
from ...detector.policy.cases import shipped_vectors
from ...detector.policy.pack import shipped_packs
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table
from .cedar import INSTALL, NAME, Answer, Cedar, has_cedar

PACK = "microsoft"
_ROUNDS = 100
_NOTE = """\
Microseconds a decision, over the facts of the {count} vectors that ship, {rounds} rounds; whole decisions, with every
rule's outcome, the missing facts, the obligations and the explanation. "Remembered" is a call whose facts were judged
before."""
_PEER_NOTE = """\
The rules of the pack `{pack}` in both engines, over the {count} vectors of that pack, in one process, in turns (ABBA).
Cedar's policies are parsed once and its requests made beforehand; since its conditions know no unknown, each level of a
rule is two policies (holds, is not ruled out). Both gave the same effect and the same deciding rules for each of
{compared} fact sets: the vectors, and each vector without any one of its facts."""

Facts = dict[str, Value]


def main(out: Out = None) -> None:
    """Measure what a decision costs, with all packs, and beside Cedar with one."""
    if not has_cedar():
        typer.echo(INSTALL, err=True)
    deliver(join("# Policy", measure()), out)


def measure(rounds: int = _ROUNDS) -> str:
    """Both tables, in Markdown."""
    return join(cost_report(rounds), "### Beside Cedar", peer_report(rounds) if has_cedar() else INSTALL)


def cost_report(rounds: int) -> str:
    """All packs: decisions made anew, and remembered."""
    policy, facts = Policy(load_packs(shipped_packs())), facts_of()
    anew, remembered = timed([judging(policy), policy], [facts, facts], rounds)
    lines = [("anew", *_line(anew)), ("remembered", *_line(remembered))]
    note = _NOTE.format(count=len(facts), rounds=rounds)
    return join(note, table(("all packs", "median, us", "p99, us"), lines))


def peer_report(rounds: int) -> str:
    """One pack, ours and Cedar's.

    Raises:
        ValueError: they do not give the same answers.
    """
    policy, cedar = Policy(load_packs([PACK])), Cedar(*load_packs([PACK]))
    facts = facts_of(PACK)
    compared = compare(policy, cedar, facts)
    requests = [cedar.request(policy.take(one).facts) for one in facts]
    ours, theirs = timed([judging(policy), cedar], [facts, requests], rounds)
    times = f"{median(theirs) / median(ours):.1f}"
    lines = [("facewarden, anew", *_line(ours), "1"), (NAME, *_line(theirs), times)]
    note = _PEER_NOTE.format(pack=PACK, count=len(facts), compared=compared)
    return join(note, table(("", "median, us", "p99, us", "times ours"), lines))


def judging(policy: Policy) -> Callable[[Facts], Decision]:
    """The policy without its memory."""
    return lambda facts: policy.judge(facts.items())


def facts_of(pack: str | None = None) -> list[Facts]:
    """The facts of the shipped vectors, of one pack or of all."""
    return [check_facts(vector.facts) for vector in shipped_vectors() if pack in (None, vector.pack)]


def compare(policy: Policy, cedar: Cedar, facts: Sequence[Facts]) -> int:
    """Ask both about each fact set, and about each without any one of its facts; gives how many that were. Cedar is
    given them as our policy takes them: that a helmet moves is known before any rule is asked."""
    asked = [{name: one[name] for name in one if name != gone} for one in facts for gone in (None, *one)]
    for one in asked:
        decision = policy(one)
        ours, theirs = Answer(decision.effect, decision.deciding), cedar(cedar.request(policy.take(one).facts))
        if ours != theirs:
            raise ValueError(f"{one}: facewarden says {ours}, Cedar says {theirs}")
    return len(asked)


def timed(
    contestants: Sequence[Callable[..., object]], inputs: Sequence[Sequence[object]], rounds: int
) -> list[list[float]]:
    """Microseconds of every call, by contestant; they take turns, in an order that turns round each time."""
    spent: list[list[float]] = [[] for _ in contestants]
    turns = list(range(len(contestants)))
    for _ in range(rounds):
        for turn in turns:
            spent[turn] += [_time(contestants[turn], one) for one in inputs[turn]]
        turns.reverse()
    return spent


def _time(ask: Callable[..., object], one: object) -> float:
    started = perf_counter_ns()
    ask(one)
    return (perf_counter_ns() - started) / 1e3


def _line(spent: Sequence[float]) -> tuple[str, str]:
    return f"{median(spent):.1f}", f"{quantiles(spent, n=100)[98]:.1f}"


if __name__ == "__main__":
    run(main)
