"""An audit that needs nothing but facewarden: two rendered cameras and a short call log."""

from importlib.resources import files
from pathlib import Path

from .formats import write_formats
from .keeping import keep
from .replay import Watcher
from .report import Report
from .session import Session, make_folder

SOURCES = ("unit-17=synthetic:body?seed=17&seconds=8&clock=1", "booking-desk=synthetic:fixed?seed=4&seconds=8&clock=1")
_SAMPLE = ("site.toml", "calls.jsonl")


def run_demo(folder: Path, watcher: Watcher) -> tuple[Report, Path]:
    """Write the sample into the folder, audit it, and write the report beside it; gives the report and its path.

    Raises:
        InputError: the folder cannot be written to.
    """
    make_folder(folder)
    for name in _SAMPLE:
        sample = files(__package__ or "").joinpath("sample", name).read_bytes()
        keep(folder / name, sample)  # somebody has been told to change it
        (folder / name).write_bytes(sample)
    session = Session(sources=SOURCES, out=folder, site=folder / "site.toml", calls=folder / "calls.jsonl")
    report = session.run(watcher)
    return report, write_formats(report, folder)
