"""The entries of a ledger as a table (Apache Parquet), by pyarrow."""

from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ..errors import InputError
from .reading import COLUMNS, Kept, cell, row_of

# Entries that are held in memory at once.
_GROUP: Final = 65_536


def write_parquet(entries: Iterator[Kept], path: Path) -> None:
    """Write a table: a row for each entry, the columns of the CSV as text, and the whole of it as JSON in `entry`.

    Args:
        entries: what to write; they are read as they are written.
        path: of the file.

    Raises:
        InputError: the library is not installed, or the file cannot be written.
    """
    arrow, parquet = _library()
    fields = [arrow.field(name, arrow.int64() if name == "index" else arrow.string()) for name in (*COLUMNS, "entry")]
    schema = arrow.schema(fields)
    try:
        with parquet.ParquetWriter(path, schema) as writer:
            while group := list(islice(entries, _GROUP)):
                writer.write_table(arrow.Table.from_pylist([_row(entry) for entry in group], schema=schema))
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error})") from error


def _row(entry: Kept) -> dict[str, object]:
    fields = row_of(entry)
    texts = {name: None if fields.get(name) is None else cell(fields[name]) for name in COLUMNS}
    return {**texts, "index": entry.number, "entry": entry.line.decode()}


def _library() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ModuleNotFoundError as error:
        raise InputError("Parquet needs the extra 'parquet': pip install 'facewarden[parquet]'") from error
