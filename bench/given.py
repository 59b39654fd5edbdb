"""Numbers on the command line of a benchmark: what cannot be measured with is refused before anything starts."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

# As many as the practice console has.
MOST_SHOPS = 120


def whole(least: int, most: float = math.inf) -> Callable[[str], int]:
    """Reads a whole number from `least` to `most`."""

    def read(text: str) -> int:
        return int(_within(text, int, least, most))

    return read


def at_least(least: float) -> Callable[[str], float]:
    """Reads a number that is not less than `least`."""

    def read(text: str) -> float:
        return _within(text, float, least, math.inf)

    return read


def over(least: float) -> Callable[[str], float]:
    """Reads a number that is more than `least`."""

    def read(text: str) -> float:
        value = _within(text, float, least, math.inf)
        if value == least:
            raise argparse.ArgumentTypeError(f"“{text}” 超出范围，应大于 {least:g}")
        return value

    return read


shop_count = whole(1, MOST_SHOPS)


def _within(text: str, kind: Callable[[str], float], least: float, most: float) -> float:
    try:
        value = kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” 不是数字") from None
    if not least <= value <= most or value == math.inf:
        upto = f"应在 {least:g} 到 {most:g} 之间" if most < math.inf else f"应不小于 {least:g}"
        raise argparse.ArgumentTypeError(f"“{text}” 超出范围，{upto}")
    return value
