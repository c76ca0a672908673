"""Files that hold a secret: a token, a password."""

import logging
import stat
from pathlib import Path

from .errors import InputError

_LOG = logging.getLogger(__name__)


def read_secret(path: str | Path) -> str:
    """The first line of a file that holds a secret; that everybody may read it is said in the log.

    Raises:
        InputError: it cannot be read, or is empty.
    """
    try:
        lines = Path(path).read_text("utf-8").splitlines()
        open_to_all = Path(path).stat().st_mode & stat.S_IROTH
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"{path}: cannot be read ({reason})") from error
    secret = lines[0].strip() if lines else ""
    if not secret:
        raise InputError(f"{path}: its first line is empty; expected a secret there")
    if open_to_all:
        _LOG.warning("%s holds a secret and can be read by everybody here; chmod o-r it", path)
    return secret
