"""English words made comparable: inflections off, and the words that stand in any question."""

from __future__ import annotations

from functools import cache, lru_cache

STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "i",
        "me",
        "my",
        "mine",
        "we",
        "us",
        "our",
        "you",
        "your",
        "yours",
        "he",
        "she",
        "it",
        "its",
        "they",
        "them",
        "their",
        "this",
        "that",
        "these",
        "those",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "done",
        "have",
        "has",
        "had",
        "can",
        "could",
        "will",
        "would",
        "shall",
        "should",
        "may",
        "might",
        "must",
        "to",
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "about",
        "into",
        "as",
        "and",
        "or",
        "but",
        "if",
        "so",
        "than",
        "then",
        "there",
        "here",
        "what",
        "which",
        "who",
        "when",
        "where",
        "why",
        "how",
        "please",
        "help",
        "need",
        "want",
        "like",
        "d",
        "ll",
        "ve",
        "re",
        "s",
        "t",
        "m",
        "hi",
        "hello",
        "thanks",
        "thank",
        "get",
        "got",
        "let",
        "know",
        "tell",
        "just",
        "any",
        "some",
        "all",
        "not",
        "don",
    ]
)
_LEAST = 4
# Words that mean the same wherever a buyer writes them; the first stands for all.
_SAME = """
    change modify edit update alter amend correct
    order purchase buy
    item article product goods
    track locate trace
    refund reimbursement compensation restitution
    invoice bill
    help assist assistance aid
    register signup registration
    problem issue trouble error difficulty
    report notify inform
    sort fix solve resolve
    send ship deliver dispatch
    check verify
    cost price fee charge
"""


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A lower-case word without its inflection; words that differ only in that or mean the same come out equal."""
    plain = _uninflected(word)
    return _same().get(plain, plain)


@cache
def _same() -> dict[str, str]:
    lines = [[_uninflected(word) for word in line.split()] for line in _SAME.strip().splitlines()]
    return {word: words[0] for words in lines for word in words[1:]}


def _uninflected(word: str) -> str:
    if len(word) < _LEAST:
        return word
    for ending, put in (
        ("ations", ""),
        ("ation", ""),
        ("ments", ""),
        ("ment", ""),
        ("ies", "y"),
        ("ied", "y"),
        ("sses", "ss"),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            return _bare(word.removesuffix(ending) + put)
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST - 1:
            return _bare(word.removesuffix(ending))
    return _bare(word[:-1] if word.endswith("s") and word[-2] not in "sui" else word)


def _bare(word: str) -> str:
    """Without a doubled consonant or a silent e at the end: cancelled, cancel; change, changing."""
    if len(word) > _LEAST and word[-1] == word[-2] and word[-1] not in "aeiou":
        return word[:-1]
    return word[:-1] if len(word) >= _LEAST and word.endswith("e") else word
