"""Wall-clock times as they are written (RFC 3339) and as they are kept (POSIX seconds)."""

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

# The last second of the year 9999, which is the last that can be written.
END: Final = 253_402_300_799
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


def as_utc(seconds: float) -> str:
    """POSIX seconds as RFC 3339 in UTC, to the millisecond; to the microsecond where that says more."""
    moment = datetime.fromtimestamp(seconds, UTC)
    precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def read_utc(text: object) -> float:
    """POSIX seconds from RFC 3339 with its offset from UTC.

    Raises:
        msgspec.ValidationError: it is none, or lies before 1970 or after 9999.
    """
    seconds = msgspec.convert(text, Moment).timestamp()
    if not 0 <= seconds < END:
        raise msgspec.ValidationError(f"Expected a time from 1970 to 9999, got {text!r}")
    return seconds
