"""The page of a report: what stands in it, and that a browser shows it without a complaint."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from helpers.reports import reports
from hypothesis import given, settings
from msgspec.structs import replace

from facewarden.detector.audit import Report
from facewarden.detector.audit.page import render
from facewarden.detector.audit.page.render import clock

NASTY = "</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"


class Elements(HTMLParser):
    """The tags of a page, and the texts between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.tags.append(tag)


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def many(report: Report, number: int) -> Report:
    calls = tuple(replace(call, id=f"call-{n}") for n in range(number // len(report.calls)) for call in report.calls)
    return replace(report, calls=calls)


@given(reports)
@settings(max_examples=25)
def test_every_report_makes_a_page_that_holds_each_of_its_calls(report: Report) -> None:
    assert len(data_of(render(report))["calls"]) == len(report.calls)


def test_the_first_page_says_what_was_prohibited_by_which_rule_and_where_that_stands(demo: Report) -> None:
    page = render(demo)

    assert "3 of 6 calls ran that should not have." in page
    assert "the call names its camera (6)" in page
    assert "No real-time face identification on mobile cameras in uncontrolled environments" in page
    assert "https://learn.microsoft.com/legal/cognitive-services/openai/code-of-conduct" in page
    assert "the camera was unknown until 1.2 s" in page


def test_a_decision_has_one_name_wherever_it_stands(demo: Report) -> None:
    held = replace(demo.calls[0], decision=replace(demo.calls[0].decision, effect="hold"))
    page = render(replace(demo, calls=(held, demo.calls[2])))

    assert len(re.findall(r"</span>(?:held|allowed)</span>", page)) == 2
    assert data_of(page)["named"]["hold"] == "held"


def test_a_call_says_what_would_have_changed_it_in_plain_words(demo: Report) -> None:
    data = data_of(render(demo))
    (street,) = [one for one in data["decisions"] if one["deciding"] == ["MS-AOAI-2"]]

    assert "the camera is fixed" in street["would_open"]
    assert "the place is controlled (light, place and person)" in street["would_open"]


def test_names_and_texts_of_others_are_never_taken_for_html(demo: Report) -> None:
    calls = tuple(replace(call, source=NASTY, model=NASTY, note=NASTY) for call in demo.calls)
    answers = tuple(replace(answer, source=NASTY) for answer in demo.sources)
    page = render(replace(demo, calls=calls, sources=answers))

    assert "img" not in Elements(page).tags
    assert "49" not in page.partition("<main>")[2].partition("</h3>")[0]
    assert data_of(page)["calls"][0]["source"] == NASTY


def test_nothing_is_fetched_from_anywhere(demo: Report) -> None:
    page = render(demo)

    assert "default-src 'none'" in page
    assert not {"link", "iframe", "object"} & set(Elements(page).tags)
    assert not re.search(r"<script[^>]+src=", page)


def test_a_picture_stands_in_the_page_itself(demo: Report) -> None:
    shown = replace(demo, calls=(replace(demo.calls[0], picture="call-1.jpg"),))

    assert data_of(render(shown, {"call-1.jpg": b"\xff\xd8"}))["pictures"] == {
        "call-1.jpg": "data:image/jpeg;base64,/9g="
    }


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "unknown"), (1.25, "1.2 s"), (61.0, "1:01.0"), (3723.4, "1:02:03.4")]
)
def test_times_read_as_people_write_them(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def page(browser: Any, demo: Report, tmp_path: Path) -> Iterator[Any]:
    (tmp_path / "report.html").write_text(render(many(demo, 3000)), encoding="utf-8")
    opened, complaints = browser.new_page(), []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(f"file://{tmp_path / 'report.html'}")
    yield opened
    opened.close()
    assert complaints == []


@pytest.mark.slow
def test_the_filters_leave_what_was_asked_for(page: Any) -> None:
    assert page.inner_text("#count") == "3000 of 3000 calls"
    page.select_option("select[name=rule]", "MS-AOAI-4")
    assert page.inner_text("#count") == "500 of 3000 calls"
    page.fill("input[name=text]", "no such thing")
    assert page.inner_text("#count") == "0 of 3000 calls"


@pytest.mark.slow
def test_why_shows_the_facts_and_what_would_have_changed_it(page: Any) -> None:
    page.click("#list button >> nth=0")

    assert "the camera is mobile (seen)" in page.inner_text("#details-body")
    assert "the camera is fixed" in page.inner_text("#details-body")


@pytest.mark.slow
def test_the_time_line_is_drawn_when_it_comes_into_view(page: Any) -> None:
    page.locator(".chart").first.scroll_into_view_if_needed()

    page.wait_for_selector(".chart svg")
    assert "environment" in page.locator(".chart svg").first.text_content()


@pytest.mark.slow
def test_who_reads_it_by_ear_or_by_keyboard_meets_no_serious_obstacle(page: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: make browser")
    found = axe.Axe().run(page).response["violations"]

    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
