"""What can go wrong outside the sources; continues the tree of `facewarden.streams.errors`.

FacewardenError
├── SourceError                 see facewarden.streams.errors
├── InputError                  something a person wrote does not say what it must
│   ├── FactError               an unknown fact, or a value it cannot have
│   ├── SiteError               a site file
│   ├── CallLogError            a call log
│   ├── PackError               a policy pack
│   ├── RecordError             a record, or a report, of facewarden's own
│   ├── VectorError             a file of test vectors
│   └── ModelError              a file that is no model, or a broken one
├── MissingLibrary              a shared library of the operating system is not installed
└── ProhibitedInference         the policy closed the gate; carries the decision
"""

from ..streams.errors import FacewardenError


class InputError(FacewardenError):
    """Something a person wrote does not say what it must; the text names the place and what was expected."""

    kind = "input"


class FactError(InputError):
    """An unknown fact, or a value that it cannot have."""

    kind = "facts"


class SiteError(InputError):
    """A site file."""

    kind = "site"


class CallLogError(InputError):
    """A call log."""

    kind = "calls"


class PackError(InputError):
    """A policy pack."""

    kind = "pack"


class RecordError(InputError):
    """A record, or a report, of facewarden's own."""

    kind = "record"


class VectorError(InputError):
    """A file of test vectors."""

    kind = "vectors"


class ModelError(InputError):
    """A file that is no model of a kind known here, or a broken one."""

    kind = "model"


class MissingLibrary(FacewardenError):
    """A library is not installed: one of the operating system, or one that a slim install leaves to the host."""

    kind = "library"
