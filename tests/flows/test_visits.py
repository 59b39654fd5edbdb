"""Whole visits: the real worker at the practice console, judged by what the console's own record says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from bots.demo.judge import Said
from flows.landing import Landing
from flows.page import ConsolePage
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ReplyState, ShopState, TurnState
from storage.thread import LedgerThread
from tests.flows.watch import ALWAYS, Watch, entry_of, kind_of, watching

Open = Callable[..., AbstractAsyncContextManager[Watch]]

KNOWN, KNOWN_ENTRY = "什么时候发货", "发货时间"
OTHER, OTHER_ENTRY = "可以开发票吗", "发票"
BEYOND = "能不能顺便帮我带杯奶茶呀"


@pytest.fixture
def watch(practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a watch over shops of this test's console."""

    def opened(**options: Any) -> AbstractAsyncContextManager[Watch]:
        return watching(practice, browser, tmp_path, monkeypatch, **options)

    return opened


def states(replies: list[Any]) -> list[ReplyState]:
    return [reply.state for reply in replies]


# --- answering -----------------------------------------------------------------------------------------------


async def test_a_question_gets_its_answer_once(watch: Open) -> None:
    async with watch() as now:
        said = await now.say(KNOWN)
        (text,) = await now.replied(said["conversation"])
        assert entry_of(text) == {KNOWN_ENTRY}

        async def recorded() -> bool:
            return states(await now.replies(said["conversation"])) == [ReplyState.confirmed]

        await now.until(recorded)
        truth = await now.practice.truth()
        bubble = next(message for message in truth["messages"] if message["text"] == text)
        (reply,) = await now.replies(said["conversation"])
        (turn,) = await now.turns(said["conversation"])
        assert (reply.message_key, reply.newest_key, reply.entry) == (bubble["id"], said["id"], KNOWN_ENTRY)
        assert (turn.state, turn.text, turn.reply_by) == (TurnState.answered, KNOWN, "bot")
        assert turn.asked_at is not None
        assert abs(turn.asked_at.timestamp() * 1000 - said["at"]) < 1000
        assert await now.handoffs(said["conversation"]) == []


async def test_a_burst_is_answered_as_one(watch: Open) -> None:
    async with watch(quiet=0.8) as now:
        first = await now.say("你好")
        for text in (KNOWN, OTHER):
            await now.say(text, first["conversation"])
        (text,) = await now.replied(first["conversation"])
        assert entry_of(text) == {KNOWN_ENTRY, OTHER_ENTRY}
        assert len(await now.turns(first["conversation"])) == 1


async def test_every_buyer_of_every_shop_gets_their_own_answer(watch: Open) -> None:
    shops = ("shop-1", "shop-2", "shop-3")
    async with watch(shops=shops) as now:
        asked = {}
        for shop in shops:
            for text, entry in ((KNOWN, KNOWN_ENTRY), (OTHER, OTHER_ENTRY)):
                asked[(await now.say(text, shop=shop))["conversation"]] = entry
        for conversation, entry in asked.items():
            (text,) = await now.replied(conversation)
            assert entry_of(text) == {entry}


async def test_what_is_not_known_is_held_and_handed_over(watch: Open) -> None:
    async with watch() as now:
        said = await now.say(BEYOND)
        (text,) = await now.replied(said["conversation"])
        assert kind_of(text) is Said.hold
        (handoff,) = await now.handoffs(said["conversation"])
        assert (handoff.text, handoff.urgent) == (BEYOND, False)


async def test_a_shop_in_hold_mode_only_asks_for_patience(watch: Open) -> None:
    async with watch(mode="hold") as now:
        said = await now.say(KNOWN)
        (text,) = await now.replied(said["conversation"])
        assert kind_of(text) is Said.hold
        (turn,) = await now.turns(said["conversation"])
        assert entry_of(turn.would_say) == {KNOWN_ENTRY}
        assert len(await now.handoffs(said["conversation"])) == 1


async def test_what_was_answered_is_not_answered_again(watch: Open) -> None:
    async with watch() as now:
        said = await now.say(KNOWN)
        await now.replied(said["conversation"])
        await now.say("几天能发货", said["conversation"])
        _first, second = await now.replied(said["conversation"], 2)
        assert kind_of(second) is Said.hold


# --- buyers and people who are quicker -----------------------------------------------------------------------


async def test_a_buyer_who_goes_on_before_a_word_is_typed(watch: Open) -> None:
    async with watch() as now:

        async def more(_shop: str, conversation: str) -> None:
            now.pace.hook = None
            await now.seen((await now.say(OTHER, conversation))["id"])

        now.pace.hook = more
        said = await now.say(KNOWN)
        (text,) = await now.replied(said["conversation"])
        assert entry_of(text) == {KNOWN_ENTRY, OTHER_ENTRY}
        stale, sent = await now.replies(said["conversation"])
        assert (stale.state, stale.why, sent.state) == (ReplyState.stale, "买家又说话了", ReplyState.confirmed)
        assert stale.sending_at is not None  # on record before it is known what became of the typing


@pytest.mark.parametrize("step", ["write", "send"])
async def test_a_buyer_who_goes_on_while_the_bot_types(
    watch: Open, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    original: Callable[..., Awaitable[Landing]] = getattr(ConsolePage, step)
    async with watch() as now:

        async def later(page: ConsolePage, key: str, *given: Any, **more: Any) -> Landing:
            monkeypatch.setattr(ConsolePage, step, original)
            await now.seen((await now.say(OTHER, key))["id"])
            return await original(page, key, *given, **more)

        monkeypatch.setattr(ConsolePage, step, later)
        said = await now.say(KNOWN)
        (text,) = await now.replied(said["conversation"])
        assert entry_of(text) == {KNOWN_ENTRY, OTHER_ENTRY}
        stale, _sent = await now.replies(said["conversation"])
        assert stale.state is ReplyState.stale
        assert stale.sending_at is not None
        assert len(await now.turns(said["conversation"])) == 1


async def test_a_page_that_loads_itself_anew_before_the_bot_types(
    watch: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = ConsolePage.write
    async with watch() as now:

        async def later(page: ConsolePage, key: str, text: str, **more: Any) -> Landing:
            monkeypatch.setattr(ConsolePage, "write", original)
            await now.page.reload()
            await now.page.wait_for_selector(".desk .inbox")
            return await original(page, key, text, **more)

        monkeypatch.setattr(ConsolePage, "write", later)
        said = await now.say(KNOWN)
        (text,) = await now.replied(said["conversation"])
        assert entry_of(text) == {KNOWN_ENTRY}
        assert states(await now.replies(said["conversation"]))[0] is ReplyState.failed
        told = [event.detail.get("new") for event in await now.ledger(Ledger.events)]
        assert ShopState.drift not in told


async def test_a_colleague_who_answers_first(watch: Open) -> None:
    async with watch() as now:

        async def colleague(_shop: str, conversation: str) -> None:
            now.pace.hook = None
            reply = await now.practice.control(
                "reply", shop="shop-1", conversation=conversation, text="我来帮您查"
            )
            await now.seen(reply["id"])

        now.pace.hook = colleague
        said = await now.say(KNOWN)

        async def over() -> bool:
            return [turn.reply_by for turn in await now.turns(said["conversation"])] == ["person"]

        await now.until(over)
        assert await now.got(said["conversation"]) == []
        (stale,) = await now.replies(said["conversation"])
        assert (stale.state, stale.why) == (ReplyState.stale, "同事已经回复了")
        # While the colleague is there the bot keeps out of it, and serves who else comes.
        again = await now.say(OTHER, said["conversation"])
        await now.replied((await now.say(KNOWN))["conversation"])
        assert await now.got(again["conversation"]) == []


async def test_a_person_closes_what_was_handed_to_people(watch: Open) -> None:
    async with watch(people=ALWAYS, silence=0) as now:
        said = await now.say(BEYOND)
        conversation = said["conversation"]

        async def handed() -> bool:
            return bool(await now.handoffs(conversation))

        async def closed() -> bool:
            return not await now.handoffs(conversation)

        await now.until(handed)
        assert await now.got(conversation) == []
        await now.practice.control("reply", shop="shop-1", conversation=conversation, text="是本地人呢")
        await now.until(closed)
        (turn,) = await now.turns(conversation)
        assert (turn.state, turn.reply_by) == (TurnState.answered, "person")
        await now.say(KNOWN, conversation)
        (text,) = await now.replied(conversation)
        assert entry_of(text) == {KNOWN_ENTRY}


async def test_a_person_who_answers_after_a_holding_text_closes_it_too(watch: Open) -> None:
    async with watch() as now:
        conversation = (await now.say(BEYOND))["conversation"]
        await now.replied(conversation)
        # Another conversation is open by now: only the row tells of the answer.
        await now.replied((await now.say(KNOWN))["conversation"])
        await now.practice.control("reply", shop="shop-1", conversation=conversation, text="是本地人呢")

        async def closed() -> bool:
            return not await now.handoffs(conversation)

        await now.until(closed)
        (turn,) = await now.turns(conversation)
        assert (turn.holding_by, turn.reply_by) == ("bot", "person")


async def test_a_draft_of_somebody_elses_is_left_alone(watch: Open) -> None:
    async with watch() as now:
        conversation = (await now.say(KNOWN))["conversation"]
        await now.replied(conversation)
        # By the page's own hand: the gate lets nobody else type.
        await now.page.locator(".composer-input").evaluate("input => { input.value = '同事写到一半' }")
        await now.say(OTHER, conversation)
        other = (await now.say(KNOWN))["conversation"]
        await now.replied(other)
        assert len(await now.got(conversation)) == 1
        await now.page.locator(f'.row[data-uid="{conversation}"]').evaluate("row => row.click()")
        assert await now.page.input_value(".composer-input") == "同事写到一半"


async def test_the_platforms_robot_does_not_stop_the_buyers_clock(watch: Open) -> None:
    async with watch(quiet=0.5) as now:
        conversation = (await now.say(KNOWN))["conversation"]
        await now.practice.control(
            "reply", shop="shop-1", conversation=conversation, text="我是智能助手", sender="robot"
        )
        (text,) = await now.replied(conversation)
        assert entry_of(text) == {KNOWN_ENTRY}


# --- observing -----------------------------------------------------------------------------------------------


async def test_an_observed_shop_is_not_disturbed(watch: Open) -> None:
    async with watch(live=False) as now:
        conversation = (await now.say(KNOWN))["conversation"]
        row = now.page.locator(f'.row[data-uid="{conversation}"]')

        async def decided() -> bool:
            return [turn.outcome for turn in await now.turns(conversation)] == ["answer"]

        await now.until(decided)
        (turn,) = await now.turns(conversation)
        assert entry_of(turn.would_say) == {KNOWN_ENTRY}
        assert await row.locator(".row-unread").inner_text() == "1"
        await now.practice.control("reply", shop="shop-1", conversation=conversation, text="今天就发")

        async def compared() -> bool:
            return [turn.reply_by for turn in await now.turns(conversation)] == ["person"]

        await now.until(compared)
        assert await now.got(conversation) == []
        # And the thread that was read does not stay open: the next message is marked again.
        await now.page.wait_for_selector(".nothing-open")
        await now.say("好的", conversation)
        await row.locator(".row-unread").wait_for()
        assert await now.replies(conversation) == []


async def test_observing_goes_on_after_a_restart(watch: Open) -> None:
    async with watch(live=False) as now:
        conversation = (await now.say(KNOWN))["conversation"]

        async def decided() -> bool:
            return [turn.outcome for turn in await now.turns(conversation)] == ["answer"]

        await now.until(decided)
    async with watch(live=False) as now:
        assert await now.page.locator(".nothing-open").count() == 1
        await now.practice.control("reply", shop="shop-1", conversation=conversation, text="今天就发")

        async def compared() -> bool:
            return [turn.reply_by for turn in await now.turns(conversation)] == ["person"]

        await now.until(compared)


async def test_golive_says_one_thing_to_the_test_buyer(watch: Open) -> None:
    async with watch(live=False) as now:
        asked = await now.ledger(Ledger.command, "shop-1", "golive", code="测试1234")
        conversation = (await now.say("测试1234"))["conversation"]
        other = (await now.say(KNOWN))["conversation"]

        async def found() -> bool:
            return (await now.ledger(Ledger.command_row, asked.id)).result.get("step") == "found"

        await now.until(found)
        send = await now.ledger(Ledger.command, "shop-1", "golive_send", of=asked.id, text="收到测试1234")

        async def done() -> bool:
            rows = [await now.ledger(Ledger.command_row, order.id) for order in (asked, send)]
            return [row.state for row in rows] == ["done", "done"]

        await now.until(done)
        assert await now.got(conversation) == ["收到测试1234"]
        assert await now.got(other) == []


async def test_a_test_reply_begun_before_a_crash_is_not_sent_again(watch: Open, practice: Practice) -> None:
    conversation = (await practice.say("shop-1", "测试1234"))["conversation"]
    orders = []

    async def crash(ledger: LedgerThread) -> None:
        asked = await ledger(Ledger.command, "shop-1", "golive", code="测试1234")
        send = await ledger(Ledger.command, "shop-1", "golive_send", of=asked.id, text="收到测试1234")
        await ledger(Ledger.set_command, send.id, "doing")
        orders.extend([send.id, (await ledger(Ledger.command, "shop-1", "dance")).id])

    async with watch(live=False, prepare=crash) as now:

        async def failed() -> bool:
            rows = [await now.ledger(Ledger.command_row, order) for order in orders]
            return [row.state for row in rows] == ["failed", "failed"]

        await now.until(failed)
        assert await now.got(conversation) == []


# --- odd messages --------------------------------------------------------------------------------------------

ODD = {
    "html": '<img src=x onerror="document.title=\'hit\'"><script>document.title="hit"</script>',
    "control": "发货\x00\x07\x1b[31m时间\u202e反过来\u202c",
    "emoji": "😀👨‍👩‍👧🏳️‍🌈",
    "rtl": "שלום مرحبا",
    "long": "长" * 20_000,
    "blank": "   ",
    "picture": "",
    "surrogate": "半个\ud83d字",
}


async def test_whatever_a_buyer_sends_gets_one_reply_and_runs_nowhere(watch: Open) -> None:
    async with watch() as now:
        title = await now.page.title()
        asked = {}
        for name, text in ODD.items():
            kind = "image" if name == "picture" else "text"
            asked[name] = (await now.say(text, kind=kind))["conversation"]
        for name, conversation in asked.items():
            (text,) = await now.replied(conversation)
            assert kind_of(text) in (Said.hold, Said.talk), (name, text)
        assert await now.page.title() == title
        assert not now.task.done()
