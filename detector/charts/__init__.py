"""The library that draws every chart of ours in a browser: Apache ECharts 6.1.0, as published, with its licence."""

from functools import cache
from importlib.resources import files


@cache
def script() -> str:
    """The library's JavaScript (`echarts.min.js` of the npm package, unchanged), to stand in a page."""
    return files(__package__ or "").joinpath("echarts.min.js").read_text(encoding="utf-8")
