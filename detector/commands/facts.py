"""`facewarden facts`: what can be declared, and what it means."""

from .options import AsJson


def facts(as_json: AsJson = False) -> None:
    """List every fact that a site, a call or a rule can name, with its values.

    Example: facewarden facts
    """
    from ..console import show_table
    from ..facts import expected, listed
    from ..json_lines import show_json

    found = [(name, expected(name)) for name in listed()]
    if as_json:
        for name, values in found:
            show_json({"fact": name, "values": values})
    else:
        show_table("Facts", ("fact", "values"), found)
