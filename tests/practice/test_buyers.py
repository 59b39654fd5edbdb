"""Buyers as they come: on time, by the plan, with more to say once answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from practice.buyers import Buyers
from practice.console import Console
from practice.model import Json, Sender, Via
from practice.plan import QUIET, Ask, Visit, visits
from practice.questions import load_questions

# So long that whoever has more to say has three seconds left to say it, on a busy machine too.
RATE, SECONDS = 40.0, 11.0


@pytest.fixture
def console() -> Console:
    return Console(shops=3, seed=7)


@pytest.fixture
def said(console: Console) -> asyncio.Queue[Json]:
    """What buyers say, as it is said."""
    queue: asyncio.Queue[Json] = asyncio.Queue()
    for desk in console.desks.values():
        desk.listen(lambda event: queue.put_nowait(event) if is_question(event) else None)
    return queue


def is_question(event: Json) -> bool:
    return event["type"] == "said" and event["message"]["sender"] is Sender.buyer


@pytest.fixture
async def buyers(console: Console) -> AsyncIterator[Buyers]:
    coming = Buyers(console)
    yield coming
    coming.stop()


async def answer_all(console: Console, said: asyncio.Queue[Json], until: int) -> None:
    """Answer whatever is asked, at once, until the buyers' time is over; shop-3 gives everybody to a colleague."""
    while (left := (until - console.moments.now()) / 1000) > 0:
        try:
            event = await asyncio.wait_for(said.get(), left)
        except TimeoutError:
            return
        uid = event["message"]["conversation"]
        desk = next(desk for desk in console.desks.values() if uid in desk.conversations)
        desk.shop_says(uid, "好的亲", account=f"bot-{desk.shop[-1]}", via=Via.page)
        if desk.shop == "shop-3":
            desk.transfer(uid, by="bot-3", to="xiaoli-3")


async def test_they_come_by_the_plan_and_some_have_more_to_say(
    console: Console, buyers: Buyers, said: asyncio.Queue[Json]
) -> None:
    begun = console.moments.now()
    buyers.start(rate=RATE, seconds=SECONDS)
    await answer_all(console, said, begun + int(SECONDS * 1000))
    turns = console.truth.report(console.chosen(None), console.moments.now())["turns"]

    trades = {shop: desk.trade for shop, desk in console.desks.items()}
    planned = visits(load_questions(), trades, seed=7, rate=RATE, seconds=SECONDS)
    first = {turn["conversation"]: turn for turn in reversed(turns)}
    asked = Counter((turn["shop"], turn["topic"], *turn["texts"]) for turn in first.values())
    assert asked == Counter(
        (visit.shop, visit.ask.topic, *(text for _, text in visit.ask.says)) for visit in planned
    )

    # The last word is said by then, and a burst is over within 1.2 s, by the plan; a busy machine says it later.
    assert max(turn["asked_last"] for turn in turns) <= begun + (SECONDS - QUIET) * 1000 + 1500
    assert all(turn["asked_last"] - turn["asked_first"] <= 2500 for turn in turns)
    later = [turn for turn in turns if turn is not first[turn["conversation"]]]
    assert {turn["needs_answer"] for turn in later} == {True, False}
    assert "shop-3" not in {turn["shop"] for turn in later}
    report = buyers.report()
    assert report["asked"] == sum(turn["needs_answer"] for turn in turns)
    assert not report["coming"]


async def test_they_stop_when_told(console: Console, buyers: Buyers, said: asyncio.Queue[Json]) -> None:
    buyers.start(rate=50, seconds=None)
    await asyncio.wait_for(said.get(), 5)
    buyers.stop()
    assert not buyers.report()["coming"]
    while not said.empty():
        said.get_nowait()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(said.get(), 0.5)
    assert not buyers.report()["coming"]


async def test_whoever_has_more_to_say_is_still_to_come(
    console: Console, buyers: Buyers, said: asyncio.Queue[Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Ask(topic=None, says=((0.0, "在吗"), (0.2, "几点下班")))
    second = Ask(topic=None, says=((0.0, "那包邮不"),))
    visit = Visit(at=0.0, shop="shop-1", ask=ask, pause=0.2, second=second)
    monkeypatch.setattr("practice.buyers.visits", lambda *_given, **_more: iter([visit]))
    buyers.start(rate=1, seconds=8)
    uid = (await said.get())["message"]["conversation"]
    assert buyers.report()["coming"]  # in the middle of a burst
    await said.get()
    await asyncio.sleep(0.1)
    assert not buyers.report()["coming"]  # nothing more before a reply
    console.desks["shop-1"].shop_says(uid, "六点", account="bot-1", via=Via.page)
    assert buyers.report()["coming"]
    await said.get()
    await asyncio.sleep(0.1)
    assert not buyers.report()["coming"]
    assert buyers.report()["asked"] == 2
