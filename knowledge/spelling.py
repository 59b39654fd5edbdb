"""Slips put right by ear: what was typed becomes the words of the shop's own examples that sound the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from knowledge.pinyin import cut, syllable

_LATIN = re.compile(r"[a-z]+(?:[ '][a-z]+)*")
_HAN = re.compile(r"[\u4e00-\u9fa5]+")
_SHORTEST, _LONGEST = 2, 4


class Spelling:
    """Knows the words of some texts by their exact sound.

    A character is put right only if its neighbour stands as it does in the texts, so that a real word of
    another meaning stays; pinyin becomes characters wherever two syllables or more are known.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        runs = [run for text in texts for run in _HAN.findall(text)]
        pairs = _words(runs, _SHORTEST)
        self._pairs = frozenset(pairs)
        self._second = {(pair[0], syllable(pair[1])): pair[1] for pair in pairs}
        self._first = {(syllable(pair[0]), pair[1]): pair[0] for pair in pairs}
        self._words = {" ".join(map(syllable, pair)): pair for pair in pairs}
        for size in range(_SHORTEST + 1, _LONGEST + 1):
            # What is long and stands in one example only would fill the memory and hardly ever be met.
            self._words |= {" ".join(map(syllable, word)): word for word in _words(runs, size, least=2)}

    def correct(self, text: str) -> str:
        """Normalised `text` with its slips put right."""
        return _HAN.sub(lambda found: self._by_neighbours(found[0]), _LATIN.sub(self._from_pinyin, text))

    def _by_neighbours(self, run: str) -> str:
        chars = list(run)
        for at in range(len(chars)):
            before = chars[at - 1] if at else ""
            after = chars[at + 1] if at + 1 < len(chars) else ""
            if before + chars[at] in self._pairs or chars[at] + after in self._pairs:
                continue
            sound = syllable(chars[at])
            chars[at] = self._second.get((before, sound)) or self._first.get((sound, after)) or chars[at]
        return "".join(chars)

    def _from_pinyin(self, found: re.Match[str]) -> str:
        pieces = [cut(word) for word in re.split("[ ']", found[0])]
        if not all(pieces):
            return found[0]
        syllables = [each for piece in pieces for each in piece]
        spelled, at = "", 0
        while at < len(syllables):
            heard = (" ".join(syllables[at : at + size]) for size in range(_LONGEST, _SHORTEST - 1, -1))
            word = next((self._words[each] for each in heard if each in self._words), "")
            spelled += word or f" {syllables[at]} "
            at += len(word) or 1
        return spelled.strip() if _HAN.search(spelled) else found[0]


def _words(runs: Sequence[str], size: int, least: int = 1) -> list[str]:
    """All words of that length in the runs that stand there so often, the most common last."""
    counts = Counter(run[start : start + size] for run in runs for start in range(len(run) - size + 1))
    return [word for word, count in reversed(counts.most_common()) if count >= least]
