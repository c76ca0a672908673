"""Recordings: messages with a clock each, by channel, in an MCAP file (mcap.dev). What is in a message others know.

A chunk ends where the writer is flushed, so that what was flushed can be read whatever becomes of the writer.
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, TypeAlias

from mcap.records import Channel, Message, Schema
from mcap.stream_reader import StreamReader
from mcap.writer import CompressionType, Writer

from .errors import SourceNotFound, UnreadableSource

ENDING: Final = ".mcap"
_LIBRARY: Final = "facewarden"
# Bytes after which a chunk ends.
_CHUNK: Final = 1 << 18
# How a file ends that was brought to its end.
_END: Final = b"\x89MCAP0\r\n"
_Known: TypeAlias = dict[int, Channel]


class Recorded(NamedTuple):
    """A message.

    Attributes:
        topic: of its channel.
        schema: what its data are, by name.
        at: when it was recorded, nanoseconds of POSIX time.
        data: JSON.
    """

    topic: str
    schema: str
    at: int
    data: bytes


class RecordingWriter:
    """Writes a recording; one thread at a time.

    Args:
        path: of the file, which must not be there yet.

    Raises:
        OSError: it cannot be written, or is there; so raises every method.
    """

    def __init__(self, path: Path) -> None:
        self._file, self._chunk = _Hashed(path), _Ends(_CHUNK)
        self._last: tuple[int, Recorded] | None = None
        self._writer = Writer(self._file, chunk_size=self._chunk, compression=CompressionType.ZSTD)  # type: ignore[arg-type]
        self._writer.start(profile="", library=_LIBRARY)
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}

    @property
    def size(self) -> int:
        """Bytes that were written."""
        return self._file.tell()

    def write(self, message: Recorded, schema: bytes) -> None:
        """Add a message; `schema` is the JSON Schema of its kind."""
        channel = self._channels.get(message.topic)
        if channel is None:
            channel = self._channels[message.topic] = self._register(message, schema)
        self._add()
        self._last = channel, message

    def flush(self) -> None:
        """What was written is on the disk when this returns."""
        self._chunk.now = True
        self._add()
        self._chunk.now = False
        self._file.sync()

    def close(self) -> str:
        """Write the index, and end; gives the sha256 of the file, in hexadecimal."""
        try:
            self._add()
            self._writer.finish()
            self._file.sync()
        finally:
            self._file.close()
        return self._file.digest.hexdigest()

    def _add(self) -> None:
        if self._last is not None:
            channel, message = self._last
            self._last = None
            self._writer.add_message(channel, message.at, message.data, message.at)

    def _register(self, message: Recorded, schema: bytes) -> int:
        number = self._schemas.get(message.schema)
        if number is None:
            number = self._schemas[message.schema] = self._writer.register_schema(message.schema, "jsonschema", schema)
        return self._writer.register_channel(message.topic, "json", number)


class _Ends(int):
    """The size that a chunk ends at, and any size `now`: by nothing else does the library end one."""

    now = False

    def __lt__(self, count: int) -> bool:
        return self.now or int(self) < count


class _Hashed:
    """A file that is only added to, and the hash of all that is in it."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("xb")
        self._at = 0
        self.digest = sha256()

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self.digest.update(data)
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        self._file.flush()

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class RecordingReader:
    """Reads a recording in the order in which it was written.

    Args:
        path: of the file.

    Attributes:
        torn: why it ends before its end, where the writer was cut off; known when all was read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.torn: str | None = None

    def __iter__(self) -> Iterator[Recorded]:
        """Its messages.

        Raises:
            SourceNotFound: there is no such file.
            UnreadableSource: it is no recording, or was damaged.
        """
        try:
            with self._path.open("rb") as file:
                yield from self._messages(file)
        except OSError as error:
            problem = SourceNotFound if isinstance(error, FileNotFoundError) else UnreadableSource
            raise problem(str(self._path), f"cannot be read ({error.strerror})") from error

    def _messages(self, file: BinaryIO) -> Iterator[Recorded]:
        channels, schemas, count = _Known(), dict[int, str](), 0
        records = StreamReader(file, validate_crcs=True).records
        while True:
            try:
                record = next(records, None)
            except Exception as error:  # damaged bytes raise anything: of the library, of zstd, of struct
                if count and self._cut_off(file):
                    self.torn = f"it ends in the midst of message {count}: whoever wrote it was cut off"
                    return
                raise UnreadableSource(str(self._path), f"no recording, or damaged after message {count}") from error
            match record:
                case None:
                    return
                case Schema():
                    schemas[record.id] = record.name
                case Channel():
                    channels[record.id] = record
                case Message():
                    channel, count = channels[record.channel_id], count + 1
                    yield Recorded(channel.topic, schemas[channel.schema_id], record.log_time, record.data)
                case _:
                    pass

    def _cut_off(self, file: BinaryIO) -> bool:
        """Whether the reader has come to the end of the file, and that is none."""
        at, end = file.tell(), file.seek(-len(_END), os.SEEK_END) + len(_END)
        return at >= end and file.read() != _END


def digest_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal; raises `OSError`."""
    digest = sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
