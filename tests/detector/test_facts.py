from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.errors import FactError
from facewarden.detector.facts import (
    CHOICES,
    FLAGS,
    NAMES,
    FactSet,
    Value,
    camera_of,
    check_fact,
    check_facts,
    reconciled,
    with_seen,
)

MOBILE_MOUNTS = ("body", "dash", "handheld", "drone", "vehicle", "helmet")
FIXED_MOUNTS = ("wall", "pole", "desk", "tripod", "ptz")


def declared(**facts: Value) -> FactSet:
    return FactSet(dict(facts), dict.fromkeys(facts, "declared"))


# --- names and values -------------------------------------------------------------------------------------------------


def test_the_vocabulary_is_the_one_of_the_contract() -> None:
    """The table of FACTS.md, section 0."""
    named = {"country", "region", "city", "date", "public_space", "surveillance", "warrant", "exigency", "court_order"}
    choices = {"operator", "on_behalf_of", "service", "task", "camera", "mount", "environment", "timing", "consent"}
    choices |= {"subject_involvement", "purpose", "gallery", "authorisation"}
    flags = {"develop_leads", "national_law", "impact_assessment", "registered", "targeted", "initial_identification"}
    flags |= {"authorised_use", "statutory_exception", "limited_access_approved"}
    assert named | choices | flags | {"client"} == NAMES


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in CHOICES.items() for value in values])
def test_every_listed_value_is_taken_as_it_is(name: str, value: str) -> None:
    assert check_fact(name, value) == value


@pytest.mark.parametrize("name", ["booking", "Büro 4", "spiffe://city.example/kiosk"])
def test_a_client_has_the_name_that_others_have_for_it(name: str) -> None:
    assert check_fact("client", name) == name


@pytest.mark.parametrize("name", ["", " ", "a\nb", "book\u200bing", "a" * 201, 7])
def test_what_could_be_taken_for_another_name_is_none(name: object) -> None:
    with pytest.raises(FactError, match="client"):
        check_fact("client", name)


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("name", sorted(FLAGS))
def test_every_flag_is_true_or_false(name: str, value: bool) -> None:
    assert check_fact(name, value) is value


@pytest.mark.parametrize(
    ("name", "value"),
    [("country", "CA"), ("region", "US-WA"), ("region", "GB-ENG"), ("city", "Portland"), ("city", "Biel/Bienne")],
)
def test_places_are_codes_and_names(name: str, value: str) -> None:
    assert check_fact(name, value) == value


def test_only_the_call_may_be_on_behalf_of_nobody() -> None:
    with pytest.raises(FactError, match="operator"):
        check_fact("operator", "nobody")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("operator", "us_polise"),
        ("operator", "US_POLICE"),
        ("operator", ""),
        ("operator", None),
        ("operator", ["us_police"]),
        ("operator", True),
        ("warrant", "true"),
        ("warrant", 1),
        ("warrant", None),
        ("country", "Canada"),
        ("country", "zz"),
        ("region", "US-ZZ"),
        ("region", "WA"),
        ("region", "US-"),
        ("city", ""),
        ("city", 5),
    ],
)
def test_any_other_value_is_an_error_that_names_fact_and_value(name: str, value: object) -> None:
    with pytest.raises(FactError) as error:
        check_fact(name, value)

    assert f"'{name}'" in str(error.value)
    assert ("true" if value is True else repr(value)) in str(error.value)
    assert "expected" in str(error.value)


def test_a_wrong_value_is_told_the_right_ones() -> None:
    with pytest.raises(FactError, match=r"expected real_time \| near_real_time \| recorded"):
        check_fact("timing", "live")


def test_a_wrong_flag_is_told_the_right_ones() -> None:
    with pytest.raises(FactError, match=r"expected true \| false"):
        check_fact("warrant", "yes")


@pytest.mark.parametrize(
    ("typed", "meant"), [("operater", "operator"), ("warant", "warrant"), ("enviroment", "environment")]
)
def test_an_unknown_fact_is_an_error_that_names_it_and_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(FactError, match=f"unknown fact '{typed}'; did you mean '{meant}'"):
        check_fact(typed, "x")


def test_an_unknown_fact_near_none_is_told_all_there_are() -> None:
    with pytest.raises(FactError, match=r"known are authorisation.*warrant"):
        check_fact("zzz", "x")


def test_the_first_wrong_fact_of_a_set_is_the_error() -> None:
    with pytest.raises(FactError, match="'mount'"):
        check_facts({"operator": "private", "mount": "hat", "timing": "live"})


def test_a_checked_set_is_equal_to_what_was_given() -> None:
    given_facts = {"operator": "private", "warrant": True, "date": "2026-11-22"}
    assert check_facts(given_facts) == given_facts


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["2024-05-01", "2024-02-29", date(2024, 5, 1)])
def test_a_day_is_a_date_as_text_or_as_toml_has_it(value: object) -> None:
    assert check_fact("date", value) == str(value)


@pytest.mark.parametrize(
    "value",
    ["2023-02-29", "2024-5-1", "01.05.2024", "today", "", "2024-05-01T00:00", "20240501", "2024-W18-3", 20240501, None],
)
def test_nothing_else_is_a_date(value: object) -> None:
    with pytest.raises(FactError, match="expected a date, YYYY-MM-DD"):
        check_fact("date", value)


# --- what is seen -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mount", "camera"), [*((m, "mobile") for m in MOBILE_MOUNTS), *((m, "fixed") for m in FIXED_MOUNTS)]
)
def test_the_mount_makes_the_camera(mount: str, camera: str) -> None:
    assert camera_of(mount) == camera
    assert with_seen(declared(mount=mount), "unknown", "unknown").facts["camera"] == camera


def test_a_camera_made_by_its_mount_is_derived() -> None:
    assert with_seen(declared(mount="dash"), "unknown", "unknown").origins["camera"] == "derived"


@pytest.mark.parametrize("seen", ["mobile", "fixed"])
def test_what_is_seen_settles_an_undeclared_camera(seen: str) -> None:
    joined = with_seen(declared(), seen, "unknown")

    assert (joined.facts, joined.origins) == ({"camera": seen}, {"camera": "seen"})
    assert not joined.contradictions


def test_nothing_seen_and_nothing_declared_leaves_the_camera_unknown() -> None:
    assert with_seen(declared(), "unknown", "unknown").facts == {}


def test_a_camera_seen_mobile_is_mobile_whatever_was_declared() -> None:
    joined = with_seen(declared(camera="fixed", mount="wall"), "mobile", "unknown")

    assert (joined.facts, joined.origins) == ({"camera": "mobile"}, {"camera": "seen"})
    assert joined.contradictions == ["camera: declared fixed, seen mobile"]


@pytest.mark.parametrize("claim", [{}, {"camera": "fixed"}, {"camera": "mobile"}])
@pytest.mark.parametrize("mount", FIXED_MOUNTS)
def test_a_fixed_mount_is_dropped_as_soon_as_the_camera_is_seen_to_travel(mount: str, claim: dict[str, Value]) -> None:
    assert "mount" not in with_seen(declared(mount=mount, **claim), "mobile", "unknown").facts


@pytest.mark.parametrize("claim", [{"camera": "mobile"}, {"mount": "body"}, {"camera": "mobile", "mount": "drone"}])
def test_a_camera_declared_mobile_stays_mobile_however_still_it_stands(claim: dict[str, Value]) -> None:
    joined = with_seen(declared(**claim), "fixed", "unknown")

    assert joined.facts == {**claim, "camera": "mobile"}
    assert joined.contradictions == ["camera: declared mobile, seen fixed"]


def test_where_mount_and_camera_disagree_the_camera_is_mobile_and_the_claim_a_contradiction() -> None:
    joined = with_seen(declared(camera="fixed", mount="body"), "unknown", "unknown")

    assert joined.facts["camera"] == "mobile"
    assert joined.contradictions == ["camera: the declared mount and the declared camera disagree"]


def test_a_camera_that_its_mount_makes_mobile_against_the_declaration_is_derived() -> None:
    assert with_seen(declared(camera="fixed", mount="body"), "unknown", "unknown").origins["camera"] == "derived"


@pytest.mark.parametrize("seen", ["mobile", "fixed"])
def test_a_declaration_that_the_pictures_confirm_stays_a_declaration(seen: str) -> None:
    joined = with_seen(declared(camera=seen), seen, "unknown")

    assert joined.origins["camera"] == "declared"
    assert not joined.contradictions


@pytest.mark.parametrize("claim", [{}, {"environment": "uncontrolled"}])
def test_an_environment_never_becomes_controlled_by_being_seen_so(claim: dict[str, Value]) -> None:
    assert with_seen(declared(**claim), "unknown", "consistent").facts == claim


def test_an_environment_declared_controlled_is_a_fact_once_what_is_seen_is_consistent_with_it() -> None:
    joined = with_seen(declared(environment="controlled"), "unknown", "consistent")

    assert (joined.facts, joined.origins) == ({"environment": "controlled"}, {"environment": "declared"})
    assert not joined.unconfirmed


def test_until_then_it_is_unknown_and_named() -> None:
    joined = with_seen(declared(environment="controlled"), "unknown", "unknown")

    assert (joined.facts, joined.origins, joined.contradictions) == ({}, {}, [])
    assert joined.unconfirmed == ["environment: declared controlled, not confirmed by what is seen"]


def test_an_environment_declared_controlled_and_seen_uncontrolled_is_uncontrolled() -> None:
    joined = with_seen(declared(environment="controlled"), "unknown", "uncontrolled")

    assert (joined.facts["environment"], joined.origins["environment"]) == ("uncontrolled", "seen")
    assert joined.contradictions == ["environment: declared controlled, seen uncontrolled"]


def test_an_undeclared_environment_that_is_seen_uncontrolled_is_uncontrolled() -> None:
    joined = with_seen(declared(), "unknown", "uncontrolled")

    assert joined.facts == {"environment": "uncontrolled"}
    assert not joined.contradictions


def test_a_region_makes_its_country() -> None:
    joined = with_seen(declared(region="US-OR"), "unknown", "unknown")
    assert (joined.facts["country"], joined.origins["country"]) == ("US", "derived")


def test_a_region_of_another_country_is_a_contradiction_and_neither_is_known() -> None:
    joined = with_seen(declared(region="US-OR", country="CA"), "unknown", "unknown")

    assert joined.facts == {}
    assert joined.contradictions == ["country: declared CA, but region US-OR lies in another"]


@given(
    claims=st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(CHOICES[name]) for name in ("camera", "mount", "environment", "operator")}
    ),
    camera=st.sampled_from(["mobile", "fixed", "unknown"]),
    environment=st.sampled_from(["consistent", "uncontrolled", "unknown"]),
)
def test_seeing_makes_facts_stricter_and_leaves_what_was_declared_alone(
    claims: dict[str, str], camera: str, environment: str
) -> None:
    before = declared(**claims)
    joined = with_seen(before, camera, environment)

    assert before == declared(**claims)
    assert set(joined.origins) == set(joined.facts)
    assert joined.facts.get("operator") == claims.get("operator")
    assert not (claims.get("camera") == "mobile" and joined.facts["camera"] == "fixed")
    assert not (claims.get("environment") is None and joined.facts.get("environment") == "controlled")
    assert not (claims.get("environment") == "uncontrolled" and joined.facts["environment"] == "controlled")
    assert not (environment != "consistent" and joined.facts.get("environment") == "controlled")


@pytest.mark.parametrize(
    ("operator", "country", "agrees"),
    [("us_police", "US", True), ("us_police", "CA", False), ("non_us_le", "US", False), ("non_us_le", "CA", True),
     ("private", "CA", True), ("private", "US", True)],
)  # fmt: skip
def test_police_work_in_their_own_country(operator: str, country: str, agrees: bool) -> None:
    assert (reconciled({"operator": operator, "country": country}).contradictions == []) == agrees
