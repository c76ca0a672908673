"""What a report says that it covered can be worked out again from what it holds."""

from hashlib import sha256
from pathlib import Path

from helpers.clips import encode

from facewarden.detector.audit import Answer, Report
from facewarden.detector.audit.engines import Silent
from facewarden.detector.audit.session import Session
from facewarden.detector.audit.unit import contents


def manifest(report: Report) -> str:
    assert report.made is not None
    return report.made.manifest


def test_the_digest_is_made_of_every_sources_name_content_and_seconds(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        encode(tmp_path / name)
    (tmp_path / "c.mp4").write_bytes(b"no video")
    report = Session(sources=[str(tmp_path)], workers=1).run(Silent())
    contents = {Path(one.path).stem: one.sha256 for one in report.inputs}
    lines = [
        f"{one.source}\t{contents[one.source]}\t{one.coverage.seconds if isinstance(one, Answer) else 0:.3f}\n"
        for one in report.sources
    ]

    assert manifest(report) == sha256("".join(lines).encode()).hexdigest()


def test_an_archive_that_lacks_a_file_has_another_digest(tmp_path: Path) -> None:
    one, other = encode(tmp_path / "a.mp4"), encode(tmp_path / "b.mp4")
    both = Session(sources=[str(one), str(other)], workers=1).run(Silent())

    assert manifest(Session(sources=[str(one)], workers=1).run(Silent())) != manifest(both)


def test_what_a_playlist_pulls_in_is_among_the_contents(tmp_path: Path) -> None:
    for name in ("head.mp4", "part 1.m4s"):
        (tmp_path / name).write_bytes(name.encode())
    playlist = tmp_path / "index.m3u8"
    playlist.write_text('#EXTM3U\n#EXT-X-MAP:URI="head.mp4"\n#EXTINF:1,\npart%201.m4s\n#EXTINF:1,\ngone.m4s\n')

    assert [Path(path).name for path in contents(str(playlist))] == ["index.m3u8", "head.mp4", "part 1.m4s"]
