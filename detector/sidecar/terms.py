"""What calls are judged by until the site file is read again."""

from pathlib import Path

from ..judge import Judge
from ..site import Site, load_site
from ..site.unclaimed import unclaimed


class Terms:
    """A site and its packs, made ready to judge by. Never changes.

    Args:
        site: what is declared.

    Attributes:
        site: what is declared.
        judge: decides by it.
        blind: decides by it on a source that nobody can look at: what is claimed of the camera and its place in the
            caller's favour counts for nothing there, because no picture would refute it.

    Raises:
        PackError: a pack cannot be loaded.
        SiteError: the enforcement names a rule that there is not.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.judge = Judge(site)
        self.blind = Judge(unclaimed(site), self.judge.packs)
        site.enforcement.check(rule.id for pack in self.judge.packs for rule in pack.rules)

    @classmethod
    def load(cls, path: Path) -> "Terms":
        """Those of a site file.

        Raises:
            InputError: it cannot be read, or says something it must not.
        """
        return cls(load_site(path))
