"""The page of the service, in a browser: it says what the service says, as it comes, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.services import Running, running

from facewarden.detector.sidecar.console import FILES

NASTY = "<img src=x onerror=alert(1)>"


def test_the_page_and_what_it_is_made_of_need_no_token_and_say_nothing_of_a_source(site: Path, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("s" * 32)
    secret.chmod(0o600)
    with running(site, token_file=secret) as service:
        for path, kind in FILES.items():
            answer = service.http.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(kind)
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "street" not in answer.text.partition("echarts")[0]
        assert service.http.get("/v1/sources").status_code == 401


@pytest.fixture
def page(browser: Any, service: Running) -> Iterator[Any]:
    opened, complaints = browser.new_page(), []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(service.url)
    opened.wait_for_selector("#sources tr")
    yield opened
    opened.close()
    assert complaints == []


@pytest.mark.slow
def test_a_verdict_that_turns_is_shown_while_one_looks(page: Any, service: Running) -> None:
    assert "live" in page.inner_text("#sources")
    service.cameras.tell("street", state="stale", last_picture=7.0)

    page.wait_for_selector("text=no picture came for 7 s", timeout=5000)


@pytest.mark.slow
def test_a_decision_is_shown_as_it_is_made_and_says_what_it_rests_on(page: Any, service: Running) -> None:
    service.cameras.show("street", "mobile", "uncontrolled")
    service.ask(id=NASTY)

    page.click("#calls button")
    text = page.inner_text("#details-body")
    assert "MS-AOAI-2" in text
    assert "camera: mobile" in text
    assert NASTY in text


@pytest.mark.slow
def test_the_filters_leave_what_was_asked_for(page: Any) -> None:
    page.fill("#source-filters input", "desk")

    assert page.inner_text("#source-count") == "1 of 2 sources"
    assert "street" not in page.inner_text("#sources")


@pytest.mark.slow
def test_a_source_that_is_chosen_shows_its_motion(page: Any) -> None:
    page.click("button[data-source=street]")

    page.wait_for_selector("#chart svg")
    assert "all moves" in page.text_content("#chart svg")
    assert page.get_attribute("button[data-source=street]", "aria-pressed") == "true"


@pytest.mark.slow
def test_who_reads_it_by_ear_or_by_keyboard_meets_no_serious_obstacle(page: Any, service: Running) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: make browser")
    service.ask()
    page.wait_for_selector("#calls button")
    page.click("button[data-source=street]")
    found = axe.Axe().run(page).response["violations"]

    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


@pytest.mark.slow
def test_a_service_that_has_gone_is_told_at_once(browser: Any, service: Running) -> None:
    page = browser.new_page()
    page.goto(service.url)
    page.wait_for_selector("#sources tr")
    service.stop()

    page.wait_for_selector("text=every gate is shut", timeout=5000)
    page.close()
