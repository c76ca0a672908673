from collections.abc import Callable
from pathlib import Path

import pytest

from facewarden.detector.errors import SiteError
from facewarden.detector.facts import Facts, Value
from facewarden.detector.site import Site, load_site

SITE = """
packs = ["microsoft"]

[operator]
operator = "non_us_le"
country = "CA"

[facts]
timing = "real_time"
consent = "none"
public_space = true
country = "US"

[places.desk]
public_space = false
consent = "none"
environment = "controlled"

[cameras.unit-17]
mount = "body"

[cameras.booking]
place = "desk"
mount = "desk"
consent = "valid"
"""

Write = Callable[[str], Path]


def test_the_camera_prevails_over_its_place_and_that_over_the_site(write_site: Write) -> None:
    assert load_site(write_site(SITE)).declared("booking").facts == {
        "operator": "non_us_le",
        "country": "CA",
        "timing": "real_time",
        "public_space": False,
        "environment": "controlled",
        "consent": "valid",
        "mount": "desk",
    }


def test_a_camera_without_a_place_has_what_holds_for_the_site(write_site: Write) -> None:
    declared = load_site(write_site(SITE)).declared("unit-17").facts

    assert (declared["mount"], declared["public_space"]) == ("body", True)
    assert "environment" not in declared


@pytest.mark.parametrize("source", ["elsewhere", "", None])
def test_a_source_that_no_one_declared_has_what_holds_for_the_site(write_site: Write, source: str | None) -> None:
    assert load_site(write_site(SITE)).declared(source).facts == {
        "operator": "non_us_le",
        "country": "CA",
        "timing": "real_time",
        "consent": "none",
        "public_space": True,
    }


def test_a_place_is_no_fact(write_site: Write) -> None:
    assert "place" not in load_site(write_site(SITE)).declared("booking").facts


def test_an_empty_site_declares_nothing_and_takes_the_microsoft_pack(write_site: Write) -> None:
    site = load_site(write_site(""))

    assert (site.packs, site.declared("any").facts) == (("microsoft",), {})
    assert site == Site()


def test_a_day_may_be_written_as_toml_has_it(write_site: Write) -> None:
    assert load_site(write_site("[facts]\ndate = 2024-05-01")).declared(None).facts == {"date": "2024-05-01"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[operators]\noperator = 'private'", ["operators"]),
        ("[operator]\noperater = 'private'", ["operator.operater", "did you mean 'operator'"]),
        ("[operator]\noperator = 'police'", ["operator.operator", "'police'", "expected us_police"]),
        ("[facts]\nwarrant = 'yes'", ["facts.warrant", "true | false"]),
        ("[facts]\ncountry = 'Canada'", ["facts.country", "ISO 3166-1"]),
        ("[facts]\ndate = 2024-05-01T10:00:00", ["facts.date", "YYYY-MM-DD"]),
        ("[places.street]\nenvironment = 'wild'", ["places.street.environment", "controlled | uncontrolled"]),
        ("[places.street]\nplace = 'desk'", ["places.street.place", "unknown fact"]),
        ("[cameras.unit-17]\nmount = 'hat'", ["cameras.unit-17.mount", "'hat'", "body"]),
        ("[cameras.unit-17]\nplace = 'moon'", ["cameras.unit-17.place", "'moon'", "there are: none"]),
        ("[places.street]\n[cameras.a]\nplace = 'moon'", ["cameras.a.place", "there are: street"]),
        ("[places.street]\n[cameras.a]\nplace = ['street']", ["cameras.a.place", "there are: street"]),
        ("[cameras]\nunit-17 = 'body'", ["cameras.unit-17", "expected a table"]),
        ("packs = 'microsoft'", ["packs", "expected a list"]),
        ("packs = []", ["packs"]),
        ("operator = 'private'", ["operator", "expected a table"]),
        ("[operator\n", ["line 1"]),
    ],
)
def test_an_error_names_the_file_the_key_and_what_was_expected(write_site: Write, text: str, words: list[str]) -> None:
    path = write_site(text)
    with pytest.raises(SiteError) as error:
        load_site(path)

    assert str(error.value).startswith(f"{path}: ")
    assert [word for word in words if word not in str(error.value)] == []
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_utf_8_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_bytes(b"[facts]\ncity = 'Z\xfcrich'")
    with pytest.raises(SiteError, match=r"site\.toml: byte 0xfc is not UTF-8; save it as UTF-8 \(at line 2\)"):
        load_site(path)


@pytest.mark.parametrize(
    "text", ["x = " + "9" * 5000, "x = " + "[" * 5000, "[facts]\nx = " + "{ a = " * 400 + "1" + " }" * 400]
)
def test_what_the_reader_of_toml_cannot_hold_is_one_line_that_names_the_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(text)
    with pytest.raises(SiteError, match=r"site\.toml: \w") as error:
        load_site(path)

    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(SiteError, match="cannot be read"):
        load_site(tmp_path / name)


# --- authorisations and consent ---------------------------------------------------------------------------------------

GRANTS = """
[facts]
authorisation = "none"
consent = "none"

[places.lobby]
[cameras.door]
place = "lobby"
[cameras.unit-17]

[authorisations.order-17]
reference = "AG 17/2026"
facts = { authorisation = "granted", warrant = true }
from = 2026-11-01
until = 2026-11-30
sources = ["unit-17"]
tasks = ["identification"]

[consents.staff]
facts = { consent = "valid" }
places = ["lobby"]
"""
IDENTIFY: Facts = {"task": "identification", "date": "2026-11-22"}


def test_an_authorisation_holds_for_its_sources_its_tasks_and_its_days_alone(write_site: Write) -> None:
    site = load_site(write_site(GRANTS))

    def granted(source: str, **call: Value) -> object:
        return site.declared(source, {**IDENTIFY, **call}).facts["authorisation"]

    assert granted("unit-17") == "granted"
    assert granted("door") == "none"
    assert granted("unit-17", task="verification") == "none"


@pytest.mark.parametrize(
    ("day", "warrant"),
    [("2026-10-31", None), ("2026-11-01", True), ("2026-11-30", True), ("2026-12-01", None), (None, None)],
)
def test_the_first_and_the_last_day_of_an_authorisation_are_within(
    write_site: Write, day: str | None, warrant: bool | None
) -> None:
    declared = load_site(write_site(GRANTS)).declared("unit-17", {"task": "identification"}, day)
    assert declared.facts.get("warrant") is warrant


def test_a_task_that_is_not_known_is_not_covered_by_an_authorisation_for_some(write_site: Write) -> None:
    assert "warrant" not in load_site(write_site(GRANTS)).declared("unit-17", {"date": "2026-11-22"}).facts


def test_a_consent_regime_holds_for_its_place_and_says_where_it_comes_from(write_site: Write) -> None:
    site = load_site(write_site(GRANTS))

    assert site.declared("door").facts["consent"] == "valid"
    assert site.declared("door").origins["consent"] == "consents.staff"
    assert site.declared("unit-17").facts["consent"] == "none"


def test_a_day_that_the_site_declares_is_the_day_of_its_authorisations(write_site: Write) -> None:
    site = load_site(write_site(GRANTS.replace("[facts]", "[facts]\ndate = 2026-12-24")))
    assert "warrant" not in site.declared("unit-17", {"task": "identification"}, "2026-11-22").facts


def test_two_that_say_different_things_are_a_contradiction_and_the_fact_is_unknown(write_site: Write) -> None:
    declared = load_site(write_site(GRANTS + '[consents.none]\nfacts = { consent = "none" }\n')).declared("door")

    assert "consent" not in declared.facts
    assert declared.contradictions == ["consent: consents.staff and consents.none say different things"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("warrant = true", "warant = true", ["authorisations.order-17.facts.warant", "did you mean 'warrant'"]),
        ("warrant = true", 'mount = "desk"', ["authorisations.order-17.facts.mount", "cannot be said here"]),
        ('{ consent = "valid" }', "{ warrant = true }", ["consents.staff.facts.warrant", "expected consent"]),
        ('{ consent = "valid" }', "{}", ["consents.staff.facts", "at least one"]),
        ("until = 2026-11-30", "until = 2026-10-01", ["authorisations.order-17.until", "lies before from"]),
        ("until = 2026-11-30", 'until = "soon"', ["authorisations", "until"]),
        ("until = 2026-11-30", "untill = 2026-11-30", ["untill"]),
        ('["unit-17"]', '["unit-18"]', ["authorisations.order-17.sources", "'unit-18'", "door, unit-17"]),
        ('["lobby"]', '["hall"]', ["consents.staff.places", "'hall'", "lobby"]),
        ('["identification"]', '["identify"]', ["authorisations.order-17.tasks", "'identify'", "identification"]),
        ("[places.lobby]", "[pins]\nmicrosoft = 1\n[places.lobby]", ["pins", "expected text"]),
        ("[facts]", "off = 'MS-AOAI-4'\n[facts]", ["off", "expected a list"]),
    ],
)
def test_an_error_in_a_grant_names_its_key(write_site: Write, old: str, new: str, words: list[str]) -> None:
    assert old in GRANTS
    with pytest.raises(SiteError) as error:
        load_site(write_site(GRANTS.replace(old, new)))

    assert [word for word in words if word not in str(error.value)] == []


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(
        "\n".join([
            "packs = 'microsoft'", "[place.street]", "[operator]", "operater = 'us_police'", "country = 'ZZ'",
            "[cameras.a]", "mount = 'hat'", "[authorisations.one]", "from = 'never'", "facts = {warrant = true}",
            "[authorisations.two]", "form = 2026-01-01", "facts = {warrant = 1}",  # the rest is still read
        ])
    )  # fmt: skip
    with pytest.raises(SiteError) as error:
        load_site(file)

    lines = str(error.value).splitlines()
    told = [
        "packs", "authorisations.one.from", "form", "'places'", "'operator'", "country", "'hat'",
        "authorisations.two.facts.warrant",
    ]  # fmt: skip
    assert [word for line, word in zip(lines, told, strict=True) if word in line] == told
    assert all(line.startswith(f"{file}: ") for line in lines)


def test_a_byte_order_mark_before_a_site_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_bytes(b"\xef\xbb\xbf[operator]\noperator = 'private'\n")
    assert load_site(file).operator == {"operator": "private"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('url = "rtsp://camera"', "expected http(s)://HOST"),
        ('url = "http://camera/other"', "/onvif/device_service"),
        ('url = "http://admin:hunter2@camera"', "`password_file`"),
        ('url = "http://camera:99999"', "url: "),
        ('url = "http://camera"\nuser = "admin"', "go together"),
        ('url = "http://camera"\nremove_rule = true', "remove_rule"),
        ('user = "admin"', "key 'url' is missing"),
    ],
)
def test_what_cannot_be_asked_by_onvif_is_told(tmp_path: Path, said: str, told: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(f'[sources.street]\nurl = "rtsp://camera"\n[sources.street.onvif]\n{said}\n')
    with pytest.raises(SiteError) as error:
        load_site(file)

    assert "sources.street.onvif" in str(error.value)
    assert told in str(error.value)
    assert "hunter2" not in str(error.value)


def test_a_camera_is_asked_by_onvif_at_its_usual_port(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text('[sources.a]\nurl = "rtsp://c"\nonvif = { url = "https://[::1]/onvif/device_service" }\n')
    onvif = load_site(file).sources["a"].onvif
    assert onvif is not None
    assert onvif.place == ("https", "[::1]", 443)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[mediamtx.users.app]\ntask = 'identify'", "mediamtx.users.app.task: fact 'task' cannot be 'identify'"),
        ("[mediamtx.users.app]\ntask = 'text'\nservice = 'azure'", "mediamtx.users.app.service: fact 'service' cannot"),
        (
            "[upstreams.a]\nurl = 'http://a:1'\nkind = 'oip'\nlisten = '127.0.0.1:2'\ntasks = { m = 'identify' }",
            "upstreams.a.tasks.m: fact 'task' cannot be 'identify'",
        ),
        ("[mediamtx]\nothers = 'some'", "mediamtx.others: cannot be 'some'; expected allow | deny"),
        ("[mediamtx.users.a]\nactions = ['write']", "mediamtx.users.a.actions[0]: cannot be 'write'; expected api"),
        ("packs = 'uk'", 'packs: expected a list, got text; as a list it is ["uk"]'),
        ("[facts]\nconsent = true", "facts.consent: fact 'consent' cannot be true; expected valid | none"),
    ],
)
def test_each_value_that_is_not_known_is_told_with_those_that_are(write_site: Write, text: str, told: str) -> None:
    with pytest.raises(SiteError) as error:
        load_site(write_site(text))
    assert f"site.toml: {told}" in str(error.value)


def test_every_key_that_is_missing_is_told(write_site: Write) -> None:
    with pytest.raises(SiteError) as error:
        load_site(write_site("[upstreams.a]"))
    missing = [line.rpartition("upstreams.a: ")[2] for line in str(error.value).splitlines()]
    assert missing == [f"key '{key}' is missing" for key in ("url", "kind", "listen")]


def test_a_permission_may_name_a_source_that_only_has_an_address(write_site: Write) -> None:
    text = (
        "[sources.door]\nurl = 'rtsp://host/door'\n[authorisations.a]\nsources = ['door']\nfacts = { warrant = true }"
    )
    assert load_site(write_site(text)).declared("door").facts == {"warrant": True}
