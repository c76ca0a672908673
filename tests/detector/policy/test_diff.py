import pytest

from facewarden.detector.facts import FLAGS
from facewarden.detector.policy import Pack, load_pack
from facewarden.detector.policy.cases import shipped_vectors
from facewarden.detector.policy.diff import compare
from facewarden.detector.policy.pack import parse_pack, skeleton

OLD = skeleton("own")


def pack(*changes: tuple[str, str]) -> Pack:
    text = OLD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_pack("own.toml", text.encode())


def test_a_pack_does_not_differ_from_itself() -> None:
    difference = compare(load_pack("microsoft"), load_pack("microsoft"), shipped_vectors())
    assert not any((difference.added, difference.removed, difference.changed, difference.vectors, difference.facts))


def test_words_alone_change_a_rule_and_no_decision() -> None:
    difference = compare(pack(), pack(("Standing order 7", "Standing order 8")), shipped_vectors())
    assert (difference.changed, difference.vectors, difference.facts) == (("own-1",), (), ())


def test_a_stricter_effect_changes_the_facts_that_it_is_for_and_no_others() -> None:
    (change,) = compare(pack(), pack(('"needs_authorisation"', '"prohibited"')), []).facts

    assert (change.old, change.new, change.deciding) == ("needs_authorisation", "prohibited", ("own-1",))
    assert change.facts.keys() == {"date", "mount", "task", "timing", "warrant"}


@pytest.mark.parametrize("change", [("from = 2026-01-01", "from = 2026-02-01"), ('["real_time", "near', '["near')])
def test_a_change_of_dates_or_of_a_term_is_found(change: tuple[str, str]) -> None:
    difference = compare(pack(), pack(change), [])

    assert difference.changed == ("own-1",)
    assert ("needs_authorisation", "allow") in {(change.old, change.new) for change in difference.facts}


def test_rules_that_come_and_go_are_named_and_their_facts_found() -> None:
    difference = compare(pack(), pack(('id = "own-1"', 'id = "own-2"')), [])
    assert (difference.added, difference.removed) == (("own-2",), ("own-1",))

    difference = compare(pack(), load_pack("microsoft"), [])
    assert "MS-AOAI-1" in difference.added
    assert ("allow", "prohibited") in {(change.old, change.new) for change in difference.facts}


def test_the_vectors_that_change_are_named() -> None:
    changes = compare(load_pack("microsoft"), load_pack("microsoft-first-report"), shipped_vectors()).vectors
    change = next(change for change in changes if change.vector == "police-report-drafting")
    assert (change.old, change.new, change.deciding) == ("allow", "prohibited", ("FR-1",))


def test_a_rule_that_asks_for_many_facts_is_sampled_and_no_value_is_passed_over() -> None:
    flags = ", ".join(f"{{ {flag} = true }}" for flag in sorted(FLAGS - {"warrant"}))
    old = pack(('all = ["live"]', f'all = ["live"]\nany = [{flags}]\ntiming = ["recorded", "real_time"]'))
    new = pack(('all = ["live"]', f'all = ["live"]\nany = [{flags}]\ntiming = ["real_time"]'), ('"needs_', '"hold" #'))
    changes = {(change.old, change.new) for change in compare(old, new, []).facts}

    assert ("needs_authorisation", "hold") in changes
