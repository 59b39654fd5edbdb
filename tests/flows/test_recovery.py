"""What the bots make of starts, ends and crashes: nothing is sent twice, nothing half-sent goes unrecorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from base.clock import SystemClock
from base.errors import LedgerUnavailable
from bots.demo.judge import Said
from bots.sign import refusals
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import Kind, Reply, ReplyKind, ReplyState, Sender, ShopState, TurnState
from storage.records import Said as Message
from storage.thread import LedgerThread
from tests.flows.watch import Watch, entry_of, kind_of, mind, watching
from tests.ports import free_port

Open = Callable[..., AbstractAsyncContextManager[Watch]]
KNOWN, KNOWN_ENTRY = "什么时候发货", "发货时间"
OTHER, OTHER_ENTRY = "可以开发票吗", "发票"


@pytest.fixture
def watch(practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a watch over shops of this test's console, or of the one given."""

    def opened(console: Practice | None = None, **options: Any) -> AbstractAsyncContextManager[Watch]:
        return watching(console or practice, browser, tmp_path, monkeypatch, **options)

    return opened


async def left_behind(
    ledger: LedgerThread, said: dict[str, Any], state: ReplyState, kind: ReplyKind = ReplyKind.answer
) -> Reply:
    """What a worker leaves in the ledger that dies while its reply to `said` is in this state."""
    clock = SystemClock()
    turn = await ledger(Ledger.open_turn, "shop-1", said["conversation"], seen_at=clock.now())
    message = Message(key=said["id"], sender=Sender.buyer, kind=Kind.text, text=KNOWN, at=clock.now())
    await ledger(Ledger.fill_turn, turn.id, [message], asked_at=clock.now())
    text = mind().library.default.text(KNOWN_ENTRY, 0)
    if kind is ReplyKind.hold:
        await ledger(Ledger.hand_over, turn.id, reason="不知道", urgent=False, deadline_at=clock.now())
        text = mind().library.default.holding_text(0, resume="明天9点")
    entry = KNOWN_ENTRY if kind is ReplyKind.answer else ""
    reply = await ledger(Ledger.draft, turn.id, kind=kind, entry=entry, text=text, newest_key=said["id"])
    for step in (ReplyState.typing, ReplyState.sending):
        if state is not ReplyState.drafted and reply.state is not state:
            reply = await ledger(Ledger.move, reply.id, step)
    return reply


async def bubble_of(practice: Practice, reply: Reply) -> None:
    """The reply stands in the console: it did arrive."""
    where = {"shop": "shop-1", "conversation": reply.conversation_key}
    await practice.control("reply", **where, text=reply.text, account="bot-1")


async def settled(now: Watch, reply: Reply) -> Reply:
    """The reply once nothing about it is unfinished."""
    unfinished = (ReplyState.drafted, ReplyState.typing, ReplyState.sending)

    async def found() -> bool:
        (first, *_rest) = await now.replies(reply.conversation_key)
        return first.state not in unfinished

    await now.until(found)
    return (await now.replies(reply.conversation_key))[0]


async def served_by_now(now: Watch) -> None:
    """Until somebody who came later has an answer: whoever was to get one has it too."""
    await now.replied((await now.say(OTHER))["conversation"])


# --- after a crash -------------------------------------------------------------------------------------------


async def test_what_never_left_is_said_after_all(watch: Open, practice: Practice) -> None:
    left = []

    async def crash(ledger: LedgerThread) -> None:
        for state in (ReplyState.drafted, ReplyState.typing):
            left.append(await left_behind(ledger, await practice.say("shop-1", KNOWN), state))

    async with watch(prepare=crash) as now:
        for reply in left:
            (text,) = await now.replied(reply.conversation_key)
            assert entry_of(text) == {KNOWN_ENTRY}
            assert (await settled(now, reply)).state is ReplyState.failed
        await served_by_now(now)
        for reply in left:
            assert len(await now.got(reply.conversation_key)) == 1
            (turn,) = await now.turns(reply.conversation_key)
            assert turn.state is TurnState.answered


async def test_what_did_leave_is_confirmed_by_its_bubble(watch: Open, practice: Practice) -> None:
    left = []

    async def crash(ledger: LedgerThread) -> None:
        for kind in (ReplyKind.answer, ReplyKind.hold):
            reply = await left_behind(ledger, await practice.say("shop-1", KNOWN), ReplyState.sending, kind)
            await bubble_of(practice, reply)
            left.append(reply)

    async with watch(prepare=crash) as now:
        for reply in left:
            assert (await settled(now, reply)).state is ReplyState.confirmed
        await served_by_now(now)
        for reply in left:
            assert await now.got(reply.conversation_key) == [reply.text]
        answered, held = left
        (turn,) = await now.turns(answered.conversation_key)
        assert (turn.state, turn.reply_by) == (TurnState.answered, "bot")
        assert await now.handoffs(answered.conversation_key) == []
        (turn,) = await now.turns(held.conversation_key)
        assert (turn.state, turn.holding_by) == (TurnState.handed, "bot")
        assert len(await now.handoffs(held.conversation_key)) == 1


async def test_a_ledger_that_fails_just_after_a_reply_left_has_it_settled_from_the_page(
    watch: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = Ledger.move, list[int]()

    def fail_once(ledger: Ledger, reply: int, state: ReplyState, **more: Any) -> Reply:
        if state is ReplyState.confirmed and not failures:
            failures.append(reply)
            raise LedgerUnavailable("磁盘满了")
        return real(ledger, reply, state, **more)

    monkeypatch.setattr("bots.station._BEHIND", -1.0)  # after every visit the list is read, whose mark is gone
    monkeypatch.setattr(Ledger, "move", fail_once)
    async with watch() as now:
        buyer = (await now.say(KNOWN))["conversation"]
        (text,) = await now.replied(buyer)
        assert failures and entry_of(text) == {KNOWN_ENTRY}
        (turn,) = await now.turns(buyer)
        assert turn.state is TurnState.answered
        await served_by_now(now)
        assert len(await now.got(buyer)) == 1


async def test_what_may_have_left_is_never_said_again_but_shown_to_a_person(
    watch: Open, practice: Practice
) -> None:
    said = await practice.say("shop-1", KNOWN)
    left = []

    async def crash(ledger: LedgerThread) -> None:
        left.append(await left_behind(ledger, said, ReplyState.sending))

    async with watch(prepare=crash) as now:
        assert (await settled(now, left[0])).state is ReplyState.unverified

        async def handed() -> bool:
            return bool(await now.handoffs(said["conversation"]))

        await now.until(handed)
        (handoff,) = await now.handoffs(said["conversation"])
        assert handoff.urgent
        await served_by_now(now)
        assert await now.got(said["conversation"]) == []
        # Asked once more, it is still a person's affair.
        await now.say("几天能发货", said["conversation"])
        (text,) = await now.replied(said["conversation"])
        assert kind_of(text) is Said.hold


async def test_a_bubble_that_shows_late_is_still_the_proof(watch: Open, practice: Practice) -> None:
    said = await practice.say("shop-1", KNOWN)
    left = []

    async def crash(ledger: LedgerThread) -> None:
        left.append(await left_behind(ledger, said, ReplyState.sending))

    async with watch(prepare=crash) as now:
        assert (await settled(now, left[0])).state is ReplyState.unverified
        await bubble_of(practice, left[0])
        await now.say(OTHER, said["conversation"])

        async def confirmed() -> bool:
            return (await now.replies(said["conversation"]))[0].state is ReplyState.confirmed

        await now.until(confirmed)


# --- being stopped -------------------------------------------------------------------------------------------


async def test_a_visit_in_hand_is_finished_when_told_to_stop(watch: Open) -> None:
    async with watch() as now:

        async def stop(_shop: str, _conversation: str) -> None:
            now.worker.stop()

        now.pace.hook = stop
        said = await now.say(KNOWN)
        await asyncio.wait_for(now.task, 20)
        assert len(await now.got(said["conversation"])) == 1
        (reply,) = await now.replies(said["conversation"])
        assert reply.state is ReplyState.confirmed
        assert (await now.ledger(Ledger.shop_row, "shop-1")).state is ShopState.stopped


async def test_a_visit_that_does_not_end_is_cut_off_on_record_and_made_up_for(
    watch: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.worker._DRAIN_SECONDS", 0.2)
    async with watch() as now:

        async def wait_for_ever(_shop: str, _conversation: str) -> None:
            now.worker.stop()
            await asyncio.Event().wait()

        now.pace.hook = wait_for_ever
        said = await now.say(KNOWN)
        await asyncio.wait_for(now.task, 20)
        assert await now.replies(said["conversation"]) == []  # on record only once it may leave
        assert await now.got(said["conversation"]) == []
    async with watch() as now:
        assert len(await now.replied(said["conversation"])) == 1


# --- starting ------------------------------------------------------------------------------------------------


async def test_history_is_never_answered(watch: Open, practice: Practice) -> None:
    await practice.control("fill", shop="shop-1", conversations=30, messages=20)
    said = await practice.say("shop-1", KNOWN)
    async with watch() as now:
        await now.replied(said["conversation"])
        await served_by_now(now)
        truth = await now.practice.truth()
        assert sum(message["account"] == "bot-1" for message in truth["messages"]) == 2
        assert await now.replies(said["conversation"])


async def test_who_waits_at_the_start_is_answered(watch: Open, practice: Practice) -> None:
    asked = [(await practice.say("shop-1", KNOWN))["conversation"] for _buyer in range(3)]
    async with watch(start=False) as now:
        for conversation in asked:
            (text,) = await now.replied(conversation)
            assert entry_of(text) == {KNOWN_ENTRY}


async def test_a_saved_session_needs_no_login(watch: Open) -> None:
    async with watch():
        pass
    # Only the session that was saved can have let it in.
    async with watch(password="not the password") as now:
        await now.replied((await now.say(KNOWN))["conversation"])


async def test_a_damaged_saved_session_is_as_good_as_none(watch: Open, tmp_path: Path) -> None:
    (tmp_path / "shop-1.json").write_text("{half", encoding="utf-8")
    async with watch() as now:
        await now.replied((await now.say(KNOWN))["conversation"])


# --- consoles that end sessions, or end ----------------------------------------------------------------------


async def test_an_expired_session_is_entered_again(watch: Open) -> None:
    async with watch() as now:
        await now.replied((await now.say(KNOWN))["conversation"])
        await now.practice.control("expire", shop="shop-1")
        (text,) = await now.replied((await now.say(OTHER))["conversation"])
        assert entry_of(text) == {OTHER_ENTRY}
        await now.ready()


async def test_a_broken_line_is_survived(watch: Open) -> None:
    async with watch() as now:
        await now.practice.control("drop", shop="shop-1", seconds=0.5)
        await now.replied((await now.say(KNOWN))["conversation"])


async def test_a_console_that_starts_anew_is_entered_anew(watch: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACTICE_PASSWORD", "same-as-before")
    port = str(free_port())
    console = await Practice.start("--shops", "1", "--port", port)
    try:
        async with watch(console) as now:
            await now.replied((await now.say(KNOWN))["conversation"])
            await console.stop()
            console = now.practice = await Practice.start("--shops", "1", "--seed", "8", "--port", port)
            (text,) = await now.replied((await now.say(OTHER))["conversation"])
            assert entry_of(text) == {OTHER_ENTRY}
    finally:
        await console.stop()


async def test_a_dead_page_is_opened_anew(watch: Open) -> None:
    async with watch() as now:
        session = await now.page.context.new_cdp_session(now.page)
        asyncio.ensure_future(session.send("Page.crash")).add_done_callback(lambda sent: sent.exception())
        (text,) = await now.replied((await now.say(KNOWN))["conversation"])
        assert entry_of(text) == {KNOWN_ENTRY}


# --- consoles that do not let us in --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"password": "wrong"}, "账号或密码不对"),
        ({"urls": {"shop-1": "http://127.0.0.1:9/"}}, "连不上后台网页"),
    ],
)
async def test_when_no_shop_lets_us_in_the_reason_is_told(
    watch: Open, options: dict[str, Any], words: str
) -> None:
    async with watch(start=False, **options) as now:

        async def refused() -> bool:
            return bool(refusals([now.worker.sign()]))

        await now.until(refused)
        (problem,) = refusals([now.worker.sign()])
        assert "shop-1" in problem.message
        assert words in problem.message


async def test_one_shop_that_lets_nobody_in_does_not_stop_the_others(watch: Open) -> None:
    urls = {"shop-1": "http://127.0.0.1:9/"}
    async with watch(shops=("shop-1", "shop-2"), urls=urls, start=False) as now:
        await now.replied((await now.say(KNOWN, shop="shop-2"))["conversation"])

        async def told() -> bool:
            row = await now.ledger(Ledger.shop_row, "shop-1")
            return row.state is ShopState.degraded and "连不上后台网页" in row.why

        await now.until(told)
