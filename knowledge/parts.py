"""Several questions in one message, cut apart."""

from __future__ import annotations

import re

from knowledge.text import MAX_CHARS, core, normalise

_STRONG = re.compile(r"[。!?;,…~]+|(?<!\d)\.(?!\d)|(?<=\d)\.(?!\d)")
# A space parts two thoughts only in Chinese: Latin words and pinyin have spaces inside.
_WEAK = re.compile(
    r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])"
    r"|还有(?![货吗么没的多剩])|另外(?![一的])|顺便|以及|再问一?下|再就是|然后(?!呢)"
    # Where a question ends and another begins with nothing between: 可以开票吗什么时候发, 怎么不发货请问….
    r"|(?<=[\u4e00-\u9fff]{3}[吗呢嘛])(?=[\u4e00-\u9fff]{3})|(?<=[\u4e00-\u9fff]{3})(?=请问)"
    r"|(?<=[\u4e00-\u9fff]{4})(?=那(?:[你我]|明天|今天|后天|什么|怎么|多久|要|这))"
)


def parts(text: str) -> list[str]:
    """`text` cut into the parts that may each be a question; at least one, unless the text says nothing."""
    lines = [normalise(line) for line in text[:MAX_CHARS].splitlines()]
    pieces = [piece.strip() for line in lines for strong in _sentences(line) for piece in _WEAK.split(strong)]
    return [piece for piece in pieces if core(piece)] or [line for line in lines if line][:1]


def _sentences(line: str) -> list[str]:
    """Pieces between punctuation, each with the question mark that ends it."""
    ends = [found.end() for found in _STRONG.finditer(line)]
    bounds = zip([0, *ends], [*ends, len(line)], strict=True)
    return [line[start:end].rstrip("。!;,…~. ") for start, end in bounds]
