"""Places as people write them: one spelling, or a clear no."""

import pycountry
import pytest
from helpers.iso3166 import TABLE, table

from facewarden.detector.errors import FactError
from facewarden.detector.facts import check_fact
from facewarden.detector.places import city, country, region, resembles


def test_the_table_that_ships_is_the_one_of_pycountry() -> None:
    assert TABLE.read_text(encoding="utf-8") == table()


def test_every_country_and_every_subdivision_is_taken_as_it_is() -> None:
    assert [country(one.alpha_2) for one in pycountry.countries] == [one.alpha_2 for one in pycountry.countries]
    assert [region(one.code) for one in pycountry.subdivisions] == [one.code for one in pycountry.subdivisions]


@pytest.mark.parametrize(
    ("written", "code"),
    [("de", "DE"), (" DE ", "DE"), ("\uff24\uff25", "DE"), ("DE\n", "DE"), ("EL", "GR"), ("UK", "GB"), ("uk", "GB")],
)
def test_a_country_has_one_spelling(written: str, code: str) -> None:
    assert check_fact("country", written) == code


@pytest.mark.parametrize(
    ("written", "code"), [("us-wa", "US-WA"), (" US-WA\u00a0", "US-WA"), ("UK-ENG", "GB-ENG"), ("EL-I", "GR-I")]
)
def test_a_region_has_one_spelling(written: str, code: str) -> None:
    assert check_fact("region", written) == code


@pytest.mark.parametrize(
    ("fact", "written", "remedy"),
    [
        ("country", "DEU", "did you mean 'DE'"),
        ("country", "Canada", "did you mean 'CA'"),
        ("country", "United States", "did you mean 'US'"),
        ("country", "ZZ", "expected an ISO 3166-1 alpha-2 code such as CA$"),
        ("country", "EU", "expected an ISO 3166-1 alpha-2 code such as CA$"),
        ("country", "Atlantis", "expected an ISO 3166-1 alpha-2 code such as CA$"),
        ("country", "america", "did you mean 'US'"),
        ("country", "U.S.", "did you mean 'US'"),
        ("country", "England", "did you mean 'GB'"),
        ("country", "Holland", "did you mean 'NL'"),
        ("country", "Korea", "did you mean 'KP' or 'KR'"),
        ("country", "Cote d'Ivoire", "did you mean 'CI'"),
        ("country", "Austrai", "did you mean 'AU' or 'AT'"),
        ("region", "USA-CA", "did you mean 'US-CA'"),
        ("region", "US-Maine", "such as US-WA$"),
        ("country", "", "expected an ISO 3166-1 alpha-2 code"),
        ("region", "US-WAS", "did you mean 'US-WA'"),
        ("region", "US-ZZ", "expected an ISO 3166-2 code"),
        ("region", "WA", "the country comes first"),
        ("city", "P\u043ertland", "it mixes letters of Cyrillic and Latin"),
        ("city", "Port\u200bland", "it holds U\\+200B, which nobody sees"),
        ("city", "\u202ePortland", "it holds U\\+202E, which nobody sees"),
        ("city", " - ", "expected a name"),
    ],
)
def test_what_is_no_place_is_told_with_the_one_that_is_near(fact: str, written: str, remedy: str) -> None:
    with pytest.raises(FactError, match=remedy):
        check_fact(fact, written)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (" San  Francisco\t", "San Francisco"),
        ("\uff30ortland", "Portland"),
        ("Portland\u00a0", "Portland"),
        ("\u3055\u3044\u305f\u307e\u5e02", "\u3055\u3044\u305f\u307e\u5e02"),
        ("Saint-Denis", "Saint-Denis"),
    ],
)
def test_a_city_is_spelt_with_composed_letters_and_single_blanks(written: str, name: str) -> None:
    assert city(written) == name


@pytest.mark.parametrize(
    "written",
    [
        "Portland, OR", "City of Portland", "P\u00f3rtland", "Portlnad", "Portl", "Ptld", "PORTLAND!",
        "portland-oregon", "\u041f\u043e\u0440\u0442\u043b\u0435\u043d\u0434",
    ],
)  # fmt: skip
def test_what_may_be_a_way_to_write_a_city_resembles_it(written: str) -> None:
    assert resembles(written, "Portland")


@pytest.mark.parametrize(
    "written", ["SF", "SFO", "S.F.", "S. F. O.", "San Fran", "Frisco", "SanFrancisco", "San Francisco County"]
)
def test_what_may_be_short_for_a_city_resembles_it(written: str) -> None:
    assert resembles(written, "San Francisco")


@pytest.mark.parametrize(
    "written", ["Salem", "Bend", "Poe", "Eugene", "Fresno", "Oakland", "San Diego", "Sacramento", "Ashland"]
)
def test_another_city_does_not(written: str) -> None:
    assert not resembles(written, "Portland")
    assert not resembles(written, "San Francisco")


@pytest.mark.parametrize("written", ["South San Francisco", "south  san francisco"])
def test_a_city_whose_name_holds_that_of_another_one_is_not_that_one(written: str) -> None:
    assert not resembles(written, "San Francisco")


def test_the_south_of_a_city_may_be_that_city() -> None:
    assert resembles("South Portland", "Portland")
