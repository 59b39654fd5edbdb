"""A new release of a console's pages: some of their classes, ids and attributes get other names."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping

_NAME = re.compile(r"\.[\w-]+|#[\w-]+|\[[\w-]+(?:=\"[^\"\]]*\")?\]")
_WORDS = "amber birch cedar delta ember fjord grove harbor iris jasper kelp linen maple north olive".split()  # noqa: SIM905
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def renamed(names: Iterable[str], seed: int) -> Mapping[str, str]:
    """A new name for each of `.class`, `#id`, `[attribute]`, `[attribute="value"]`; the same for the same seed.

    Half of them are words, half look like a build tool's. Raises ValueError in Chinese for anything else.
    """
    throw = random.Random(seed)  # noqa: S311 - names, not secrets
    made: dict[str, str] = {}
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f'“{name}”不是 .类名、#编号、[属性] 或 [属性="值"]')
        word = "-".join(throw.sample(_WORDS, 2)) if throw.random() < 0.5 else _hash(throw)
        made[name] = f"data-{word}" if name.startswith("[") and "=" not in name else word
    return made


def _hash(throw: random.Random) -> str:
    return throw.choice(_LETTERS[:26]) + "".join(throw.choices(_LETTERS, k=6))
