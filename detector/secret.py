"""Files that hold a secret: a token, a password."""

from pathlib import Path

from .errors import InputError


def read_secret(path: str | Path) -> str:
    """The first line of a file that holds a secret.

    Raises:
        InputError: it cannot be read, or is empty.
    """
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"{path}: cannot be read ({reason})") from error
    secret = lines[0].strip() if lines else ""
    if not secret:
        raise InputError(f"{path}: its first line is empty; expected a secret there")
    return secret
