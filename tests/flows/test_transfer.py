"""Conversations given to a colleague in the console, judged by the console's own record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from bots.demo.judge import Said
from flows.page import ConsolePage
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import Handoff, HandoffState, TurnState
from tests.flows.watch import ALWAYS, Watch, entry_of, kind_of, watching
from tests.nursery import practising

KNOWN, KNOWN_ENTRY = "什么时候发货", "发货时间"
BEYOND = "能不能顺便帮我带杯奶茶呀"
AWAY = "xiaoli-1"

Conditions = tuple[Browser, Path, pytest.MonkeyPatch]


@pytest.fixture
def conditions(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Conditions:
    """What every watch needs."""
    return browser, tmp_path, monkeypatch


async def transfers(now: Watch, conversation: str) -> list[str]:
    """To whom the console gave the conversation, by its own record."""
    turns = (await now.practice.truth())["turns"]
    return [one["to"] for turn in turns if turn["conversation"] == conversation for one in turn["transfers"]]


async def finished(now: Watch) -> list[Handoff]:
    return await now.ledger(Ledger.handoffs, states=[HandoffState.done])


def is_closed(now: Watch, times: int = 1) -> Callable[[], Awaitable[bool]]:
    async def closed() -> bool:
        return len(await finished(now)) == times

    return closed


@pytest.mark.parametrize(
    ("dialect", "console", "names"),
    [
        ("plain", "practice-plain", ()),
        ("pinduoduo", "pinduoduo", ()),
        ("doudian", "doudian", ("小王", "小李")),
        ("jd", "jd", ()),
    ],
)
async def test_a_colleague_gets_what_a_person_must_answer(
    conditions: Conditions, dialect: str, console: str, names: tuple[str, ...]
) -> None:
    practice = await practising("--shops", "1", "--seed", "7", "--dialect", dialect)
    try:
        async with watching(practice, *conditions, console=console, colleagues=names, people=ALWAYS) as now:
            conversation = (await now.say(BEYOND))["conversation"]
            await now.until(is_closed(now))
            assert await transfers(now, conversation) == ["xiaoli-1"]
            (handoff,) = await finished(now)
            assert (handoff.claimed_by, handoff.text) == ("transfer", BEYOND)
            (turn,) = await now.turns(conversation)
            assert (turn.state, turn.reply_at, turn.holding_at) == (TurnState.handed, None, None)
            assert [event.kind for event in await now.ledger(Ledger.events)].count("transfer") == 1
            # Who comes next finds no dialogue in the way.
            (text,) = await now.replied((await now.say(KNOWN))["conversation"])
            assert entry_of(text) == {KNOWN_ENTRY}
            assert await now.got(conversation) == []
    finally:
        await practice.stop()


async def test_the_bot_keeps_out_of_it_and_the_colleagues_answer_ends_it(
    practice: Practice, conditions: Conditions
) -> None:
    async with watching(practice, *conditions, colleagues=(), people=ALWAYS) as now:
        conversation = (await now.say(BEYOND))["conversation"]
        await now.until(is_closed(now))
        await now.say(KNOWN, conversation)
        await now.replied((await now.say(KNOWN))["conversation"])
        assert await now.got(conversation) == []
        await now.practice.control("reply", shop="shop-1", conversation=conversation, text="是本地人呢")

        async def answered() -> bool:
            return [turn.reply_by for turn in await now.turns(conversation)] == ["person"]

        await now.until(answered)
        assert await transfers(now, conversation) == ["xiaoli-1"]


async def test_out_of_hours_the_buyer_is_told_first(practice: Practice, conditions: Conditions) -> None:
    async with watching(practice, *conditions, colleagues=()) as now:
        conversation = (await now.say(BEYOND))["conversation"]
        await now.until(is_closed(now))
        (text,) = await now.got(conversation)
        assert kind_of(text) is Said.hold
        truth = await now.practice.truth()
        (turn,) = [turn for turn in truth["turns"] if turn["conversation"] == conversation]
        assert turn["got"][0]["at"] <= turn["transfers"][0]["at"]


@pytest.mark.parametrize(("dialect", "names"), [("plain", ()), ("doudian", ("小李",))])
async def test_nothing_is_transferred_to_an_empty_room(
    conditions: Conditions, dialect: str, names: tuple[str, ...]
) -> None:
    practice = await practising("--shops", "1", "--seed", "7", "--dialect", dialect)
    console = "practice-plain" if dialect == "plain" else dialect
    try:
        await practice.control("presence", shop="shop-1", account=AWAY, state="offline")
        async with watching(practice, *conditions, console=console, colleagues=names) as now:
            conversation = (await now.say(BEYOND))["conversation"]
            (text,) = await now.replied(conversation)
            assert kind_of(text) is Said.hold
            (answer,) = await now.replied((await now.say(KNOWN))["conversation"])
            assert entry_of(answer) == {KNOWN_ENTRY}
            assert await transfers(now, conversation) == []
            (handoff,) = await now.handoffs(conversation)
            assert handoff.state is HandoffState.open
    finally:
        await practice.stop()


async def test_what_the_console_does_not_confirm_stays_in_the_queue(
    practice: Practice, conditions: Conditions
) -> None:
    press = ConsolePage.press

    async def too_late(page: ConsolePage, selectors: Any, *, key: str) -> None:
        if key == "transfer.confirm":  # the colleague has gone since the list was drawn
            await practice.control("presence", shop="shop-1", account=AWAY, state="offline")
        await press(page, selectors, key=key)

    conditions[2].setattr(ConsolePage, "press", too_late)
    async with watching(practice, *conditions, colleagues=(), people=ALWAYS) as now:
        conversation = (await now.say(BEYOND))["conversation"]
        await now.until(lambda: now.handoffs(conversation))
        (answer,) = await now.replied((await now.say(KNOWN))["conversation"])
        assert entry_of(answer) == {KNOWN_ENTRY}
        assert await transfers(now, conversation) == []
        (handoff,) = await now.handoffs(conversation)
        assert handoff.state is HandoffState.open


async def test_a_shop_that_does_not_ask_for_it_transfers_nothing(
    practice: Practice, conditions: Conditions
) -> None:
    async with watching(practice, *conditions) as now:
        conversation = (await now.say(BEYOND))["conversation"]
        await now.replied(conversation)
        await now.replied((await now.say(KNOWN))["conversation"])
        assert await transfers(now, conversation) == []
        assert len(await now.handoffs(conversation)) == 1
