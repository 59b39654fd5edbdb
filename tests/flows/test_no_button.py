"""A conversation without the button to send by: its buyer is a person's, nothing of ours stays in its input."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.async_api import Browser

from base.errors import NoInput, PageChanged
from base.places import shared
from flows.drift import Drift
from flows.landing import Landing, Written
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ReplyState, Sender
from tests.flows.paper import KNOWN, MIND, OTHER, Paper, Room
from tests.flows.watch import Watch, left_to_a_person, watching

HIDDEN = """() => {
  const style = document.createElement("style");
  style.textContent = '.thread[data-conversation="u2"] .composer-send { display: none }';
  document.head.append(style);
  document.addEventListener("input", ({ target }) => {
    if (target.closest('.thread[data-conversation="u2"]')) window.held = target.value;
  });
}"""
MISSING = Landing(passed=False, landed="", why="missing")


@pytest.fixture
async def now(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Watch]:
    """Bots that send by the button, have served a buyer and remember what the page looks like."""
    pack = yaml.safe_load((shared("selectors") / "practice-plain.yaml").read_text("utf-8"))
    del pack["composer"]["key"]
    pack["composer"]["send"] = ".composer-send"
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(pack, allow_unicode=True), "utf-8")
    monkeypatch.setattr("bots.reactions._PERSON_PAUSES", (0.5,))
    monkeypatch.setattr("flows.drift._OVER_EVERY", 0.0)
    async with watching(practice, browser, tmp_path, monkeypatch, console="own.yaml") as at_work:
        await at_work.replied((await at_work.say(KNOWN, "u1"))["conversation"])

        async def remembered() -> bool:
            return "composer.send" in (await at_work.ledger(Ledger.portraits, "shop-1")).get("portraits", {})

        await at_work.until(remembered)
        yield at_work


async def test_its_buyer_is_a_persons_and_the_others_are_served(now: Watch) -> None:
    await now.page.evaluate(HIDDEN)
    await now.say(OTHER, "u2")
    await left_to_a_person(now, "u2", "没有发送按钮", other="u3", asks=KNOWN)
    assert await now.page.evaluate("window.held") == ""


async def test_conversation_after_conversation_without_one_is_drift(now: Watch) -> None:
    await now.page.evaluate(HIDDEN.replace('[data-conversation="u2"] .', " ."))
    for buyer in ("u2", "u3"):
        await now.say(OTHER, buyer)
        await now.until(partial(now.handoffs, buyer))
        assert await now.ledger(Ledger.last_drift, "shop-1") is None
    await now.say(OTHER, "u4")

    async def drifted() -> bool:
        return await now.ledger(Ledger.last_drift, "shop-1") is not None

    await now.until(drifted)
    drift = await now.ledger(Ledger.last_drift, "shop-1")
    assert drift is not None and drift.key == "composer.send"
    await now.ready()  # the page that is loaded anew has its button
    for buyer in ("u2", "u3", "u4"):
        await now.replied(buyer)


async def test_what_was_sent_in_between_shows_that_only_some_conversations_lack_one(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the button shows only beside words, no other conversation can tell."""

    async def unlike(_drift: Drift, _doubt: object) -> None:
        pass

    monkeypatch.setattr(Drift, "_examine", unlike)
    drift = Drift("shop", room.visitor.answerer.page, room.ledger, room.clock)
    for conversation in ("a", "b"):
        await drift.note_lack("composer.send", conversation, [])
    drift.note_sent("c")
    for conversation in ("d", "e", "d"):
        await drift.note_lack("composer.send", conversation, [])
    with pytest.raises(PageChanged) as told:
        await drift.note_lack("composer.send", "f", [])
    assert told.value.key == "composer.send"


# --- on paper ---------------------------------------------------------------------------------------------------


async def test_what_was_typed_is_taken_out(room: Room) -> None:
    room.paper.landings = [MISSING]
    room.paper.say(Sender.buyer, KNOWN)
    with pytest.raises(NoInput) as told:
        await room.visit()
    assert (told.value.key, room.paper.draft, room.paper.sent) == ("composer.send", "", [])
    assert [reply.state for reply in await room.replies()] == [ReplyState.failed]


async def test_what_cannot_be_taken_out_is_no_persons_draft(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Paper.write

    async def stuck(paper: Paper, key: str, text: str, **more: Any) -> Written:
        if not text:
            return Written(passed=False, landed="", why="covered")
        return await write(paper, key, text, **more)

    monkeypatch.setattr(Paper, "write", stuck)
    room.paper.landings = [MISSING]
    room.paper.say(Sender.buyer, KNOWN)
    with pytest.raises(NoInput):
        await room.visit()
    assert room.paper.draft
    await room.visit()  # where there is a button again
    assert room.paper.sent == [MIND.library.default.text("发货时间", 0)]
