"""Files that belong to a model and lie beside it: read only where they are files of its folder."""

from pathlib import Path

from ..model import Unrunnable

APART = "its weights lie in another file, and only its own content was given"
_LARGEST = 1 << 30  # bytes


def beside(path: Path | None, name: str) -> Path:
    """The file of this name beside a model; raises `Unrunnable` where there is none that may be read.

    Args:
        path: where the model lies; None where only its content was given.
        name: of the other file.
    """
    if path is None:
        raise Unrunnable(APART)
    other = path.parent / name
    if not other.is_file():
        raise Unrunnable(f"a part of it is missing: {other.name}")
    check_inside(other, path.parent)
    return other


def check_inside(path: Path, folder: Path) -> None:
    """Raises `Unrunnable` where a file is none, or a link to somewhere else."""
    if not path.is_file():  # a pipe may never end
        raise Unrunnable(f"no regular file: {path.name}")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Unrunnable("its weights lie outside its folder, where nothing is read")


def read_beside(path: Path | None, name: str) -> bytes:
    """What the file of this name beside a model holds; raises `Unrunnable`."""
    try:
        other = beside(path, name)
        if other.stat().st_size > _LARGEST:
            raise Unrunnable("its weights are larger than 1 GiB")
        return other.read_bytes()
    except OSError as error:  # such as a name that no file can have
        raise Unrunnable(f"a file beside it cannot be read: {error.strerror}") from error
