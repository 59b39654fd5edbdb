"""Shifts at a real console: people have first turn, and what the board goes by is written while bots read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bots.settings import Shop
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ShopRow, ShopState, TurnState
from tests.attending import Attended, attending, eventually
from tests.nursery import practising

ASKED = "什么时候发货"
FIRST = 4.0


@dataclass(slots=True)
class Desk:
    """A console with one shop whose bots leave buyers to people first."""

    practice: Practice
    bots: Attended

    async def row(self) -> ShopRow:
        row: ShopRow = await self.bots.ledger(Ledger.shop_row, "shop-1")
        return row

    async def asked(self) -> dict[str, Any]:
        """A buyer's question, by the console's own record."""
        said = await self.practice.say("shop-1", ASKED)
        (turn,) = [
            one for one in (await self.practice.truth())["turns"] if one["conversation"] == said["conversation"]
        ]
        return dict(turn)

    async def got(self, turn: dict[str, Any]) -> list[dict[str, Any]]:
        """What the buyer got since."""
        found = [one for one in (await self.practice.truth())["turns"] if one["id"] == turn["id"]]
        return list(found[0]["got"])

    async def on_record(self) -> list[TurnState]:
        """The states of the turns of the shop that are still open."""
        return [turn.state for turn in await self.bots.ledger(Ledger.open_turns, "shop-1")]


@asynccontextmanager
async def people_first(folder: Path) -> AsyncIterator[Desk]:
    """People are there around the clock, and have so many seconds first."""
    practice = await practising("--shops", "1")
    (row,) = practice.shops
    shop = Shop.model_validate(
        {
            "id": row["id"],
            "console": "practice-plain",
            "url": row["url"],
            "login": {"user": row["user"]},
            "shift": [{"do": "人工优先", "after": FIRST}],
        }
    )
    try:
        async with attending(folder, [shop], str(row["password"]), people="00:00-24:00") as bots:
            desk = Desk(practice, bots)

            async def ready() -> bool:
                return (await desk.row()).state is ShopState.ready

            await eventually(ready)
            yield desk
    finally:
        await practice.stop()


async def test_the_bot_answers_once_people_had_their_time(tmp_path: Path) -> None:
    async with people_first(tmp_path) as desk:
        turn = await desk.asked()

        async def noted() -> bool:
            return await desk.on_record() == [TurnState.open]

        await eventually(noted)
        assert await desk.got(turn) == []  # on record, and left to people

        async def answered() -> bool:
            return bool(await desk.got(turn))

        await eventually(answered)
        (reply,) = await desk.got(turn)
        assert FIRST <= (reply["at"] - turn["asked_first"]) / 1000 < FIRST + 5


async def test_where_a_person_was_quicker_the_bot_says_nothing(tmp_path: Path) -> None:
    async with people_first(tmp_path) as desk:
        turn = await desk.asked()

        async def noted() -> bool:
            return await desk.on_record() == [TurnState.open]

        await eventually(noted)
        await desk.practice.control("reply", shop="shop-1", conversation=turn["conversation"], text="今天就发")

        async def over() -> bool:
            return await desk.on_record() == []

        await eventually(over)
        assert [reply["text"] for reply in await desk.got(turn)] == ["今天就发"]


async def test_when_the_list_was_read_is_written_while_it_is_read(tmp_path: Path) -> None:
    async with people_first(tmp_path) as desk:
        seen: list[datetime] = []

        async def goes_on() -> bool:
            row = await desk.row()
            if row.read_at is not None and row.read_at not in seen:
                seen.append(row.read_at)
            return len(seen) >= 3

        await eventually(goes_on)
        assert seen == sorted(seen)
        row = await desk.row()
        assert row.beat_at is not None
        assert seen[-1] <= row.beat_at
