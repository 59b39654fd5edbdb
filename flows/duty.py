"""What a visit needs to know of its shop and of the people behind it, handed in by the worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from flows.inbox import Burst

Mode = Literal["observe", "hold", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopCard:
    """One shop as its flow sees it; `silence`: seconds a bot keeps quiet after a person spoke.

    `transfer`: whether conversations are given to colleagues in the console; `colleagues`: whom to look for there.
    """

    shop: str
    title: str
    platform: str
    url: str
    category: str | None = None
    product: str | None = None
    silence: float = 600.0
    transfer: bool = False
    colleagues: tuple[str, ...] = ()
    burst: Burst = field(default_factory=Burst)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """How a conversation is to be served just now: its shop's mode, whether people work, when they are back.

    `paused`: a person wants silence there; it is read and handed over, and nothing is said.
    """

    mode: Mode
    staffed: bool
    resume: str | None
    paused: bool = False
