"""The archive of a TorchScript file, so that torch reads what was looked at and nothing else.

torch's reader takes `x/Code/a.py` for `x/code/a.py`, and of two files of one name one of them; other readers take the
other. An archive in which that could matter is turned down, and the others are packed anew: what the checks have read
is then all that there is.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import PurePosixPath

from ...model import Unrunnable
from ...opening import LARGEST

_FILE_ACCESS = re.compile(rb"\.\s*(save|load|from_file)\b")
_OF_CODE = (".py", ".pkl", ".debug_pkl")


def repacked(content: bytes) -> bytes:
    """The same archive, its files one after the other.

    Raises:
        Unrunnable: two of its names are one to torch, its code names an operator that reads or writes files, or it
            unpacks to more than is opened.
        ValueError: it is broken.
    """
    packed = BytesIO()
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive, zipfile.ZipFile(packed, "w") as target:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_names([member.filename for member in members])
            if sum(member.file_size for member in members) > LARGEST:
                raise Unrunnable(f"it unpacks to more than {LARGEST / 1e9:.0f} GB")
            for member in members:
                data = archive.read(member)
                _check_code(member.filename, data)
                target.writestr(member.filename, data)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, UnicodeError) as error:
        raise ValueError(f"a broken archive ({error})") from error
    return packed.getvalue()


def stored(archive: bytes) -> int:
    """Bytes of the files in an archive that are no code: numbers that have a name, and those that stand in the code."""
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        return sum(one.file_size for one in opened.infolist() if not one.filename.endswith(_OF_CODE))


def _check_names(names: Sequence[str]) -> None:
    """One spelling for each file and each folder, and each file once."""
    spelled: dict[str, str] = {}
    for place in (place for name in names for place in _places(name)):
        if spelled.setdefault(place.lower(), place) != place:
            raise Unrunnable(f"two names in it differ only in case ({place}), so it is not loaded")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Unrunnable(f"two files in it have one name ({twice}), so it is not loaded")


def _places(name: str) -> Iterator[str]:
    path = PurePosixPath(name)
    yield name
    yield from (str(folder) for folder in path.parents)


def _check_code(name: str, data: bytes) -> None:
    """A first look at the text: torch runs some of it (`__setstate__`) while it loads; `torch_graph` looks at all."""
    if "/code/" in name.lower() and _FILE_ACCESS.search(data):
        raise Unrunnable("its code reads or writes files, so it is not loaded")
