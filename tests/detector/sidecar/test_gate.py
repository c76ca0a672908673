"""What may not be relied on, and what then becomes of a call."""

from pathlib import Path

import pytest
from helpers.services import SITE, Running, running, wait_for

from facewarden.detector.errors import SiteError
from facewarden.detector.sidecar.cameras import CameraStatus
from facewarden.detector.sidecar.terms import Terms
from facewarden.detector.site import Site
from facewarden.detector.site.unclaimed import unclaimed

# Declared to stand still, and agreed to: allowed for as long as somebody can see that it does.
CLAIMED = (
    SITE.replace('mount = "body"', 'mount = "wall"\nenvironment = "controlled"')
    .replace('consent = "none"', 'consent = "valid"\nsubject_involvement = "active"')
    .replace('timing = "real_time"', 'timing = "real_time"\npurpose = "access_control"')
)


@pytest.fixture
def claimed(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(CLAIMED)
    return path


def test_a_claim_is_believed_while_somebody_looks(claimed: Path) -> None:
    with running(claimed) as found:
        found.cameras.show("street", "fixed", "consistent")
        assert found.ask()["opens"] is True


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({"state": "stale", "last_picture": 12.0}, "no picture came for 12 s"),
        ({"state": "gone", "last_picture": 99.0}, "its stream has ended"),
        ({"state": "connecting", "last_picture": None}, "no picture has come yet"),
        ({"state": "live", "late": 41.0}, "its pictures come 41 s late"),
    ],
)
def test_where_nobody_looks_no_claim_is_believed_and_the_answer_says_so(
    claimed: Path, status: dict[str, object], said: str
) -> None:
    with running(claimed) as found:
        found.cameras.show("street", *(("fixed", "consistent") if "late" in status else ("unknown",)))
        found.cameras.tell("street", **status)
        found.look()
        answer = found.ask()

        assert (answer["opens"], answer["decision"]["effect"]) == (False, "hold")
        assert said in answer["note"]
        assert found.ask(task="speech")["opens"] is True  # which asks nothing of a camera


def test_a_source_that_the_site_does_not_name_is_told_with_the_one_that_was_meant(site: Path) -> None:
    with running(site) as found:
        assert found.ask(source="stret")["note"] == "The site names no source 'stret'; did you mean 'street'?"


def test_a_picture_that_is_old_by_the_cameras_clock_is_old_where_that_is_kept_right(claimed: Path) -> None:
    for right in (False, True):
        claimed.write_text(CLAIMED.replace("/street", f'/street"\nclock_is_right = {str(right).lower()} # "'))
        with running(claimed) as found:
            found.cameras.show("street", "fixed", "consistent")
            found.cameras.tell("street", clock_offset=41.0)
            found.look()

            assert found.ask()["opens"] is not right
            assert found.http.get("/v1/sources/street").json()["state"] == ("stale" if right else "live")


def test_what_a_caller_claims_of_a_camera_is_believed_no_more_than_the_site(claimed: Path) -> None:
    claim = {"mount": "wall", "camera": "fixed", "environment": "controlled"}
    with running(claimed) as found:
        found.cameras.show("street", "unknown")
        found.cameras.tell("street", state="stale", last_picture=9.0)
        found.look()

        assert found.ask(facts=claim)["opens"] is False


def test_where_nobody_looks_after_the_sources_no_claim_is_believed(
    claimed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(claimed) as found:
        found.cameras.show("street", "unknown")
        assert found.ask()["opens"] is True
        found.service.watchman.stop()
        monkeypatch.setattr("facewarden.detector.sidecar.gate._UNTOLD_S", 0.1)

        wait_for(lambda: found.ask()["opens"] is False)


def test_a_source_that_comes_back_is_believed_again(claimed: Path) -> None:
    with running(claimed) as found:
        found.cameras.show("street", "fixed", "consistent")
        found.cameras.tell("street", state="stale", last_picture=9.0)
        found.look()
        found.cameras.tell("street")
        found.look()

        assert found.ask()["opens"] is True


def test_a_rule_may_fail_open_and_that_is_counted(claimed: Path) -> None:
    with running(claimed) as found:
        found.cameras.show("street", "unknown")
        found.cameras.tell("street", state="stale", last_picture=9.0)
        found.look()
        rules = found.ask()["decision"]["deciding"]
        claimed.write_text(CLAIMED + f"\n[enforcement]\nfail_open = {list(rules)}\n")
        found.http.post("/v1/reload")
        answer = found.ask()

        assert (answer["opens"], answer["let_through"]) == (True, True)
        assert f'facewarden_let_through_total{{rule="{rules[0]}"}} 1.0' in found.http.get("/metrics").text


def test_where_the_record_cannot_be_written_every_call_is_held(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "record"
    with running(site, record=folder) as found:
        assert found.ask(task="speech")["opens"] is True
        folder.rename(tmp_path / "gone")
        folder.touch()
        found.ask(task="speech")
        wait_for(lambda: found.ask(task="speech")["opens"] is False)
        assert "cannot be written" in found.ask(task="speech")["decision"]["explanation"]
        found.look()
        assert found.http.get("/readyz").status_code == 503
        folder.unlink()
        (tmp_path / "gone").rename(folder)
        wait_for(lambda: found.ask(task="speech")["opens"] is True)


def test_pictures_that_are_long_shed_are_not_seen(service: Running) -> None:
    from facewarden.detector.clock import ManualClock
    from facewarden.detector.sight.state import Coverage

    watchman, clock = service.service.watchman, ManualClock()
    watchman._clock = clock  # pyright: ignore[reportPrivateUsage]
    unseen: list[str | None] = []
    for second in range(60):
        coverage = Coverage(11 * second, second, 0, 10 * second, 0, second)
        unseen.append(watchman._unseen(CameraStatus(name="x", state="live"), coverage))  # pyright: ignore[reportPrivateUsage]
        clock.advance(1)

    assert unseen[20] is None
    assert "takes too long" in str(unseen[40])


def test_claims_against_a_caller_are_kept_where_nobody_looks() -> None:
    camera = {"mount": "body", "environment": "uncontrolled", "public_space": True}
    site = Site(cameras={"a": camera, "b": {"mount": "wall", "camera": "fixed", "environment": "controlled"}})

    assert unclaimed(site).cameras == {"a": camera, "b": {}}


def test_enforcement_that_names_a_rule_which_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text('packs = ["microsoft"]\n[enforcement]\nfail_open = ["NONE-1"]\n')

    with pytest.raises(SiteError, match="NONE-1"):
        Terms.load(path)
