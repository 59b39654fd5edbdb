"""Log lines of a visit: all that is about one turn carries its id, from the buyer's message to the seen bubble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from loguru import Logger


def trail(shop: str, turn: int | None) -> Logger:
    """The log for what is done in a shop for a turn, None where that is not known yet."""
    return logger.bind(shop=shop) if turn is None else logger.bind(shop=shop, turn=turn)
