"""Rolls for tests: shops of which nothing is said but what they are called."""

from __future__ import annotations

from typing import Any

from base.places import shared
from bots.roll import Roll
from bots.settings import Settings
from flows.pack import load_pack

CONSOLE = "practice-plain"


def roll_of(*shops: str, **settings: Any) -> Roll:
    """These shops on the practice console; `settings`: what `shops.yaml` says besides."""
    listed = [{"id": shop, "console": CONSOLE} for shop in shops]
    pack = load_pack(shared("selectors") / f"{CONSOLE}.yaml")
    read = Settings.model_validate({"people": "09:00-22:00", **settings, "shops": listed})
    return Roll(settings=read, packs=dict.fromkeys(shops, pack))
