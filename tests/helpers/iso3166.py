"""ISO 3166 codes as pycountry has them: `python tests/helpers/iso3166.py` writes the table that ships anew."""

from pathlib import Path

import pycountry

TABLE = Path(__file__).parents[2] / "detector" / "iso3166.tsv"


def table() -> str:
    """A line a country: alpha-2, alpha-3, name, and what its subdivisions have after the hyphen."""
    parts: dict[str, list[str]] = {}
    for subdivision in pycountry.subdivisions:
        parts.setdefault(subdivision.country_code, []).append(subdivision.code.partition("-")[2])
    lines = (
        "\t".join((one.alpha_2, one.alpha_3, one.name, " ".join(sorted(parts.get(one.alpha_2, ())))))
        for one in sorted(pycountry.countries, key=lambda one: one.alpha_2)
    )
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
