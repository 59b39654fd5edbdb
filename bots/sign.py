"""What a worker tells its supervisor: a sign of life, about twice a second."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from base.errors import Problem, advises


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Its loop runs and its browser answers. `others`: shops that somebody else drives; `entered`: whether any
    shop has let its bot in since the worker began; `refused`: why a shop does not, now. One that `begins` is
    starting its browser, or leaving one; one with `problems` ends, for an operator has to put them right.
    """

    shops: Sequence[str] = ()
    others: Sequence[str] = ()
    entered: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)
    begins: bool = False
    problems: Sequence[str] = ()

    def line(self) -> bytes:
        """As a worker writes it."""
        told = {name: getattr(self, name) for name in _NAMES}  # `asdict` copies all of it first
        return json.dumps(told, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> Sign:
        """As its supervisor reads it."""
        return cls(**json.loads(line))


_NAMES = tuple(each.name for each in fields(Sign))


def refusals(signs: Sequence[Sign | None]) -> list[Problem]:
    """Why not one shop lets its bot in, if that is so; nothing while one has, or may still do so."""
    told = [sign for sign in signs if sign is not None and sign.shops and not sign.entered]
    if len(told) < len(signs) or any(set(sign.shops) != set(sign.refused) for sign in told):
        return []
    return [_problem(shop, why) for sign in told for shop, why in sign.refused.items()]


def _problem(shop: str, why: str) -> Problem:
    hint = "" if advises(why) else "用浏览器打开这家店的网址，用机器人的账号登录一次试试；好了再运行 nightdesk up"
    return Problem(message=f"店铺 {shop}：{why}", hint=hint)
