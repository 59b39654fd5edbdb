"""Names in a page's markup: made by a person, to last, or by a machine, gone with the next release. Pure."""

from __future__ import annotations

import re
from collections import Counter
from math import log2

# What build tools put around their hashes.
_MADE = re.compile(
    r"^(?:css|sc|jss|jsx|emotion|svelte|styles?|makeStyles|tss)-?[A-Za-z]*-?(?=\w*\d|\w*[a-z][A-Z])[\w-]*$"
    r"|^_?ng(?:content|host)?-|^data-v-[0-9a-f]{6,}$|^:r\w*:$|^ember\d+$|^radix-"
)
_SUFFIX = re.compile(r"^.+(?:__|--|_|-)(\w{5,8})$|^_(\w{5,})$")
_WORD_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SIZES = re.compile(r"^[A-Za-z]{1,6}-?\d{1,3}(?:px|xl|em)?$")
_STATES = re.compile(
    r"(?:^|[-_])(?:is|has)?[-_]?(?:open(?:ed)?|active|selected|current|hover(?:ed)?|focus(?:ed|-visible)?|disabled|"
    r"checked|unchecked|on|off|hidden|loading|chosen|pressed|expanded|collapsed)$",
    re.IGNORECASE,
)


def generated(name: str) -> bool:
    """Whether a name looks like a machine's: `_3kX9a`, `css-1q2w3e`, `sc-bdVaJa`."""
    if _MADE.match(name):
        return True
    suffix = _SUFFIX.match(name)
    if suffix and _random(suffix[1] or suffix[2]):
        return True
    return any(_random(part) for part in re.split(r"[-_:.]+", name) if part)


def numbered(name: str) -> bool:
    """Whether a value counts or names one thing among many: `row-1024`, `u1001`."""
    return bool(re.search(r"\d{3,}|\d$", name))


def state(name: str) -> bool:
    """Whether a class tells how a thing is just now, not what it is."""
    return bool(_STATES.search(name))


def entropy(text: str) -> float:
    """Bits for each character of `text`, by its own characters."""
    counts = Counter(text)
    return -sum(count / len(text) * log2(count / len(text)) for count in counts.values())


def _random(part: str) -> bool:
    """Whether one part of a name has the shape of a hash rather than of words."""
    if len(part) < 4 or not part.isascii() or _SIZES.match(part):
        return False
    pieces = _WORD_PARTS.findall(part)
    digits = sum(char.isdigit() for char in part)
    if digits and re.search(r"\d[A-Za-z]+\d|^\d+[A-Za-z]+", part):
        return True  # digits on both sides of letters, or in front: no word
    if digits and re.fullmatch(r"[0-9a-f]{6,}", part):
        return True
    if digits >= 2 and len(part) >= 8 and entropy(part) > 2.7 and len(pieces) > 2:
        return True
    mixed = part.lower() != part and part[1:].upper() != part[1:]
    if mixed and len(pieces) > 1 and len(part) / len(pieces) < 2.7:
        return True  # bdVaJa: words are longer than that
    return any(re.search(r"[b-df-hj-np-tv-xz]{5,}", piece.lower()) for piece in pieces)
