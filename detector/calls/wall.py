"""Times: of the stream, and of the wall clock, as they are kept (POSIX seconds) and as they are written (RFC 3339)."""

from datetime import UTC, datetime
from typing import Annotated, Final, TypeAlias

import msgspec

# The last second of the year 9999, which is the last that can be written.
END: Final = 253_402_300_799
# Media time.
Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0)]
# Wall clock, POSIX.
Posix: TypeAlias = Annotated[float, msgspec.Meta(ge=0, lt=END)]
# In JSON: RFC 3339, with its offset from UTC.
Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]


def moment(seconds: float) -> datetime:
    """POSIX seconds as a time in UTC, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC)
