"""Wall-clock times as they are written (RFC 3339) and as they are kept (POSIX seconds)."""

from datetime import UTC, datetime
from typing import Annotated, Final, TypeAlias

import msgspec

# The last second of the year 9999, which is the last that can be written.
END: Final = 253_402_300_799
# In JSON: RFC 3339, with its offset from UTC.
Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]


def moment(seconds: float) -> datetime:
    """POSIX seconds as a time in UTC, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC)


def read_seconds(text: object) -> float:
    """POSIX seconds from RFC 3339.

    Raises:
        msgspec.ValidationError: it is none, or lies before 1970 or after 9999.
    """
    seconds = msgspec.convert(text, Moment).timestamp()
    if not 0 <= seconds < END:
        raise msgspec.ValidationError(f"Expected a time from 1970 to 9999, got {text!r}")
    return seconds
