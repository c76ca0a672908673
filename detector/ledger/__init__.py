"""The ledger: a record that nobody can change unseen, as plain files in the formats of C2SP."""

from .sink import open_record

__all__ = ["open_record"]
