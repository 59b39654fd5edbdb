"""How text sounds: each syllable as one character, with the sounds that people mix up made equal."""

from __future__ import annotations

import re
from functools import cache

from pypinyin.contrib.tone_convert import to_normal
from pypinyin.pinyin_dict import pinyin_dict

from knowledge.segments import fewest

# The range of everyday Chinese characters; its readings give the table of all syllables.
_FIRST, _LAST = 0x4E00, 0x9FA5
# Private-use characters stand for syllables, so that string metrics count syllables; `normalise` lets none in.
_BASE = 0xE000

_LATIN = re.compile(r"[a-z]+(?:[ '][a-z]+)*")
_LONGEST = 6
_LONGEST_RUN = 60


def sound(text: str) -> str:
    """Normalised text as it sounds: a character a syllable, for Chinese and for pinyin in Latin letters alike."""
    text = _LATIN.sub(_sound_of_run, text)
    return "".join(_syllable_char(char) if "\u4e00" <= char <= "\u9fa5" else char for char in text if char != " ")


def letters(sounds: str) -> str:
    """What `sound` gave, in the Latin letters of its syllables."""
    names = _names()
    return "".join(
        names[ord(char) - _BASE] if _BASE <= ord(char) < _BASE + len(names) else char for char in sounds
    )


def syllable(char: str) -> str:
    """The exact syllable of an everyday character, without tone; any other character as it is."""
    return _readings().get(char, char)


def cut(word: str) -> tuple[str, ...]:
    """Latin letters cut into the fewest pinyin syllables; empty if they are not pinyin through and through."""
    return fewest(word, _syllables(), _LONGEST) if len(word) <= _LONGEST_RUN else ()


def _sound_of_run(found: re.Match[str]) -> str:
    return " ".join(_sound_of_word(word) for word in re.split("[ ']", found[0]))


@cache
def _fuzzy_code(syllable: str) -> str:
    return _code(fuzzy(syllable))


def _sound_of_word(word: str) -> str:
    return "".join(map(_fuzzy_code, cut(word))) or word


def fuzzy(syllable: str) -> str:
    """A syllable with zh/z, ch/c, sh/s, n/l and ng/n made equal."""
    for spoken, written in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l")):
        if syllable.startswith(spoken):
            syllable = written + syllable.removeprefix(spoken)
            break
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable


@cache
def _code(syllable: str) -> str:
    return chr(_BASE + _numbers()[syllable])


@cache
def _numbers() -> dict[str, int]:
    return {syllable: number for number, syllable in enumerate(_names())}


@cache
def _names() -> list[str]:
    return sorted({fuzzy(syllable) for syllable in _readings().values()})


@cache
def _syllables() -> frozenset[str]:
    vowels = set("aeiouv")
    return frozenset(
        syllable
        for syllable in _readings().values()
        if (len(syllable) > 1 or syllable in "aeo") and vowels & set(syllable)
    )


@cache
def _readings() -> dict[str, str]:
    """The most usual reading of each everyday character, without tone.

    From the table itself: to ask `lazy_pinyin` of every character takes ten times as long.
    """
    plain = cache(to_normal)
    readings = (
        (chr(code), plain(pinyin_dict[code].split(",")[0]))
        for code in range(_FIRST, _LAST + 1)
        if code in pinyin_dict
    )
    return {char: reading for char, reading in readings if reading.isascii() and reading.isalpha()}


@cache
def _syllable_char(char: str) -> str:
    reading = _readings().get(char)
    return _fuzzy_code(reading) if reading else char
