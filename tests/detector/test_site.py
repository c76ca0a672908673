from collections.abc import Callable
from pathlib import Path

import pytest

from facewarden.detector.errors import SiteError
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
        ("packs = 'microsoft'", ["packs", "Expected `array`"]),
        ("packs = []", ["packs"]),
        ("operator = 'private'", ["operator", "Expected `object`"]),
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
    with pytest.raises(SiteError, match=r"site\.toml: .*utf-8"):
        load_site(path)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(SiteError, match="cannot be read"):
        load_site(tmp_path / name)
