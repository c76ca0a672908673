"""The log: JSON, a line each, on standard error."""

import logging
import sys
from datetime import UTC, datetime
from typing import Final

import msgspec

from ..records import Entry, write

LOGGER: Final = logging.getLogger("facewarden.serve")


class JsonFormatter(logging.Formatter):
    """A line of JSON for each record; what a record has in `entry` stands in it as it is on record."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = self.formatException(record.exc_info)
        if (entry := getattr(record, "entry", None)) is not None:
            line["entry"] = msgspec.Raw(write(entry))
        return msgspec.json.encode(line).decode()


def begin() -> None:
    """Write the logs of the service, and those of its server that are more than chatter."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    for name, level in (("facewarden.serve", logging.INFO), ("uvicorn.error", logging.ERROR)):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
    # How it writes what is none of a request is chatter: malformed ones come as often as anybody likes.
    logging.getLogger("uvicorn.access").disabled = True


def log_entry(entry: Entry) -> None:
    """A verdict, or something that happened."""
    text, source = getattr(entry, "text", "") or type(entry).__name__.lower(), getattr(entry, "source", None)
    LOGGER.info(f"{source}: {text}" if source else text, extra={"entry": entry})
