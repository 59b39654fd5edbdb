"""The dialects: one desk in the page structure of several marketplaces, and where the server has a say in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way of showing a desk: its folder in `static/`, and the platform's own rules.

    `one_session`: a second page of an account ends the first. `refuses_repeats`: an account cannot send the same
    text twice to a buyer. `send_keys`: with which keys an account may have chosen to send, by shop in turn.
    """

    name: str
    one_session: bool = False
    refuses_repeats: bool = False
    send_keys: tuple[str, ...] = ("Enter",)

    @property
    def folder(self) -> Path:
        """Its pages."""
        return STATIC / self.name


PLAIN = Dialect(name="plain")
DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        PLAIN,
        Dialect(name="pinduoduo", one_session=True),
        Dialect(name="doudian", refuses_repeats=True),
        Dialect(name="jd", send_keys=("Enter", "Control+Enter")),
    )
}
