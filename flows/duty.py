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
    """How the shop is to be served just now: its mode, whether people are on shift, and when they are back."""

    mode: Mode
    staffed: bool
    resume: str | None
