"""Turns, of which there are fewer than those who want one."""

from facewarden.detector.sight.turns import BRIEF_S, LONGEST_S, Turns


def test_so_many_have_theirs_and_the_others_come_in_the_order_in_which_they_asked() -> None:
    turns = Turns(2)

    assert [turns.has(who, 0.0) for who in "abcd"] == [True, True, False, False]
    turns.leave("b")
    assert [turns.has(who, 0.1) for who in "dac"] == [False, True, True]
    turns.leave("a")
    assert turns.has("d", 0.2)


def test_who_has_it_keeps_it_while_nobody_waits_and_gives_way_after_a_while_where_somebody_does() -> None:
    turns, now = Turns(1), 0.0
    while now < 2 * LONGEST_S:
        assert turns.has("a", now)
        now += 1.0

    assert not turns.has("b", now)
    assert not turns.has("a", now)
    assert turns.has("b", now)
    assert not turns.has("a", now + 1)


def test_whoever_asks_no_more_holds_up_nobody() -> None:
    turns = Turns(1)
    assert [turns.has(who, 0.0) for who in "abc"] == [True, False, False]

    assert turns.has("c", 9.0)


def test_whoever_leaves_the_queue_is_passed_over() -> None:
    turns = Turns(1)
    assert [turns.has(who, 0.0) for who in "abc"] == [True, False, False]
    turns.leave("b")
    turns.leave("a")

    assert turns.has("c", 0.1)


def test_whom_a_brief_one_will_do_for_comes_last_and_gives_way_sooner() -> None:
    turns = Turns(1)
    assert turns.has("a", 0.0, brief=True)
    assert [turns.has("b", 0.1, brief=True), turns.has("c", 0.2)] == [False, False]

    assert turns.has("a", BRIEF_S, brief=True)
    assert not turns.has("a", BRIEF_S + 0.1, brief=True)
    assert [turns.has(who, BRIEF_S + 0.2, brief=who != "c") for who in "bca"] == [False, True, False]
