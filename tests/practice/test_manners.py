"""Bad manners one by one: the bots answer each buyer once and in the right place, or give them to a person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.async_api import Page

from base.places import shared
from bench.house import standing
from bots.demo.judge import Verdict, judge, plain
from bots.settings import Login, Shop
from practice.client import Practice
from practice.manners import HAPPENING, MANNERS, PAGE, SENDING, SHAPE, read_manners
from storage.ledger import Ledger
from storage.records import ReplyState, ShopState
from tests.attending import Attended, attending, eventually
from tests.nursery import practising

pytestmark = pytest.mark.timeout(180)

ASKED = [
    (("什么时候发货呀",), "发货时间"),
    (("在吗", "可以开发票吗"), "发票"),
    (("怎么申请退货啊",), "退货流程"),
    (("给我讲个笑话吧",), None),
    (("是正品吗",), "正品保证"),
    (("退款什么时候到账",), "退款到账"),
    (("保质期多久",), "保质期"),
]
_MEANT = (ReplyState.sending, ReplyState.confirmed, ReplyState.unverified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A console and the bots that attend it."""

    practice: Practice
    bots: Attended

    async def ask(self, prefix: str) -> None:
        """Buyers come, with ids that begin so."""
        for number, (texts, topic) in enumerate(ASKED):
            for text in texts:
                await self.practice.say("shop-1", text, buyer=f"{prefix}{number}", topic=topic)

    async def ready(self) -> bool:
        """Whether the bots are in."""
        return (await self.bots.ledger(Ledger.shop_row, "shop-1")).state is ShopState.ready

    async def seen_to(self, prefix: str) -> bool:
        """Whether everybody got a word or stands before a person, and nothing is in the air."""
        turns = await self.turns(prefix)
        queue = standing(await self.bots.ledger(Ledger.handoffs))
        told = all(
            turn["got"] or (turn["shop"], turn["conversation"]) in queue or not turn["needs_answer"]
            for turn in turns
        )
        return told and len(turns) == len(ASKED) and not await self.bots.ledger(Ledger.unfinished, "shop-1")

    async def turns(self, prefix: str) -> Sequence[dict[str, Any]]:
        """What these buyers asked."""
        return [turn for turn in (await self.practice.truth())["turns"] if turn["conversation"].startswith(prefix)]

    async def verdict(self, prefix: str) -> Verdict:
        """These buyers' turns, judged."""
        truth = await self.practice.truth()
        mine = {
            name: [one for one in truth[name] if one["conversation"].startswith(prefix)]
            for name in ("turns", "messages")
        }
        replies = [reply for reply in await self.bots.ledger(Ledger.all_replies) if reply.state in _MEANT]
        return judge(
            {**truth, **mine},
            self.bots.knowledge,
            bots=frozenset(row["user"] for row in self.practice.shops),
            intended=[(reply.shop, reply.conversation_key, plain(reply.text)) for reply in replies],
            queue=frozenset((one.shop, one.conversation_key) for one in await self.bots.ledger(Ledger.handoffs)),
        )


@pytest.fixture(scope="module")
async def play(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Play]:
    """One console and one worker for all manners: they change while both are at work."""
    practice = await practising("--shops", "1")
    row = practice.shops[0]
    shop = Shop(id="shop-1", console="practice-plain", url=row["url"], login=Login(user=row["user"]))
    async with attending(tmp_path_factory.mktemp("ledger"), [shop], str(row["password"])) as bots:
        yield Play(practice=practice, bots=bots)
    await practice.stop()


HARMLESS = [name for name in (*PAGE, *HAPPENING) if name not in ("polled", "recalled", "colleague", "kicked")]


@pytest.mark.parametrize("manner", [*HARMLESS, "stripped"])
async def test_with_this_everybody_is_answered_once(play: Play, manner: str) -> None:
    await play.practice.control("manners", names=[manner])
    await play.ask(manner)
    await eventually(lambda: play.seen_to(manner), 100)
    verdict = await play.verdict(manner)
    assert verdict.shortcomings == []
    assert verdict.answered >= 5


async def test_who_takes_everything_back_wants_nothing(play: Play) -> None:
    await play.practice.control("manners", names=["recalled"])
    await play.ask("recalled")
    await eventually(lambda: play.seen_to("recalled"), 100)
    assert (await play.verdict("recalled")).shortcomings == []


async def test_nothing_is_said_over_a_colleague(play: Play) -> None:
    await play.practice.control("manners", names=["colleague"])
    await play.ask("colleague")
    await eventually(lambda: play.seen_to("colleague"), 100)
    # One who is sure to be quicker: the bot waits for more to be said first.
    await play.practice.say("shop-1", "可以开发票吗", buyer="colleague-first", topic="发票")
    await play.practice.control("reply", shop="shop-1", conversation="colleague-first", text="可以的，我来开")
    await play.practice.say("shop-1", "什么时候发货呀", buyer="other", topic="发货时间")
    await eventually(lambda: _all_answered(play, "other", 1))
    turns = await play.turns("colleague")
    (first,) = [turn for turn in turns if turn["conversation"] == "colleague-first"]
    assert [one["text"] for one in first["got"]] == ["可以的，我来开"]
    assert (await play.verdict("colleague")).shortcomings == []


async def test_an_answer_in_two_lines_that_arrives_as_two_messages(play: Play) -> None:
    await play.practice.control("manners", names=["split"])
    for text in ("退款什么时候到账", "怎么申请退货啊"):
        await play.practice.say("shop-1", text, buyer="split")
    await eventually(lambda: _answered_and_settled(play, "split"))
    (turn,) = await play.turns("split")
    assert [one["text"].count("\n") for one in turn["got"]] == [1]
    (reply,) = [one for one in await play.bots.ledger(Ledger.all_replies) if one.conversation_key == "split"]
    assert reply.state is ReplyState.confirmed
    # Neither half is taken for a person's: the next question is answered too.
    await play.practice.say("shop-1", "可以开发票吗", buyer="split", topic="发票")
    await eventually(lambda: _all_answered(play, "split", 2))


async def _answered_and_settled(play: Play, prefix: str) -> bool:
    return await _all_answered(play, prefix, 1) and not await play.bots.ledger(Ledger.unfinished, "shop-1")


async def _all_answered(play: Play, prefix: str, number: int) -> bool:
    turns = await play.turns(prefix)
    return len(turns) == number and all(turn["got"] for turn in turns)


@pytest.mark.parametrize("manner", ["refused", "silent"])
async def test_what_the_console_did_not_take_goes_to_a_person(play: Play, manner: str) -> None:
    await play.practice.control("manners", names=[manner])
    await play.ask(manner)
    await eventually(lambda: play.seen_to(manner), 100)
    verdict = await play.verdict(manner)
    assert (verdict.duplicates, verdict.misdelivered, verdict.wrong) == (0, 0, 0)
    missed = [turn["conversation"] for turn in await play.turns(manner) if not turn["got"]]
    assert {"refused": True, "silent": bool(missed)}[manner]
    queue = {one.conversation_key for one in await play.bots.ledger(Ledger.handoffs)}
    assert set(missed) <= queue


@pytest.mark.parametrize(
    ("manner", "changes"),
    [("frames", {"frames": [".workbench-frame", ".workbench-frame"]}), ("shadow", {"shadow": [".desk-host"]})],
)
@pytest.mark.parametrize("dialect", ["practice-plain", "jd"])
async def test_a_chat_somewhere_inside_the_page(
    manner: str, changes: dict[str, Any], dialect: str, tmp_path: Path
) -> None:
    await _with_a_pack_of_its_own(manner, changes, dialect, tmp_path)


async def test_a_list_that_looks_for_news_twice_a_minute_is_loaded_anew(tmp_path: Path) -> None:
    pack = yaml.safe_load(shared("selectors/practice-plain.yaml").read_text("utf-8"))
    refresh = {"inbox": pack["inbox"] | {"refresh": {"kind": "reload", "every": 3}}}
    await _with_a_pack_of_its_own("polled", refresh, "practice-plain", tmp_path)


async def _with_a_pack_of_its_own(manner: str, changes: dict[str, Any], dialect: str, tmp_path: Path) -> None:
    pack = yaml.safe_load(shared(f"selectors/{dialect}.yaml").read_text("utf-8")) | changes
    (tmp_path / "inside.yaml").write_text(yaml.safe_dump(pack | {"name": "inside"}), "utf-8")
    practice = await practising("--shops", "1", "--manners", manner, "--dialect", dialect.split("-")[-1])
    try:
        row = practice.shops[0]
        shop = Shop(id="shop-1", console="inside.yaml", url=row["url"], login=Login(user=row["user"]))
        async with attending(tmp_path, [shop], str(row["password"])) as bots:
            play = Play(practice=practice, bots=bots)
            await eventually(play.ready)
            await play.ask(manner)
            await eventually(lambda: play.seen_to(manner), 100)
            verdict = await play.verdict(manner)
    finally:
        await practice.stop()
    assert verdict.shortcomings == []
    assert verdict.answered >= 5


async def test_not_the_same_press_is_lost_after_each_loading(
    practice: Practice, open_desk: Callable[..., Awaitable[Page]]
) -> None:
    await practice.control("manners", names=["lost"])
    uid = (await practice.say("shop-1", "在吗"))["conversation"]
    page = await open_desk()
    opened = []
    for _ in range(8):
        await page.reload()
        await page.click(f'.row[data-uid="{uid}"]')
        opened.append(await page.locator(f'.thread[data-conversation="{uid}"]').count())
    assert set(opened) == {0, 1}


async def test_a_colleagues_words_go_as_they_came(
    practice: Practice, open_desk: Callable[..., Awaitable[Page]]
) -> None:
    await practice.control("manners", names=["drafting"])
    first, second = [(await practice.say("shop-1", "在吗"))["conversation"] for _ in range(2)]
    page = await open_desk()
    await page.clock.install()
    await page.reload()
    field = page.locator(".composer-input")
    await page.click(f'.row[data-uid="{first}"]')
    async with asyncio.timeout(10):
        while not await field.input_value():
            await page.clock.run_for(2500)
    await page.click(f'.row[data-uid="{second}"]')
    assert not await field.input_value()
    await page.clock.run_for(1200)
    await page.click(f'.row[data-uid="{first}"]')
    await page.wait_for_selector(f'.thread[data-conversation="{first}"]')
    assert not await field.input_value()


async def test_a_shop_may_have_manners_of_its_own(
    practice: Practice, open_desk: Callable[..., Awaitable[Page]]
) -> None:
    page = await open_desk()
    await practice.control("manners", names=["rtl"], shop="shop-2")
    await practice.control("manners", names=["wholesale"], shop="shop-1")
    await page.wait_for_selector("body[data-manners=wholesale]")
    await practice.control("manners", names=["slow"])
    await page.wait_for_selector("body[data-manners=slow]")


async def test_a_shop_may_have_buyers_of_its_own(practice: Practice) -> None:
    coming = await practice.control("buyers", run=True, rate=9, seconds=5, shop="shop-2")
    await practice.control("buyers", run=True, rate=9, seconds=5, shop="shop-1")
    await eventually(lambda: _has_come(practice, "shop-2", 9))
    truth = await practice.truth(shop="shop-2", since=coming["begun"])
    assert {turn["shop"] for turn in truth["turns"]} == {"shop-2"}
    assert truth["buyers"]["begun"] == coming["begun"]
    assert (await practice.truth())["buyers"] == {"coming": False, "asked": 0, "begun": None, "until": None}


async def _has_come(practice: Practice, shop: str, number: int) -> bool:
    return bool((await practice.truth(shop=shop))["buyers"]["asked"] >= number)


def test_names_of_manners() -> None:
    assert read_manners("rtl, slow") == ("rtl", "slow")
    assert read_manners("") == ()
    assert set(MANNERS) == {*PAGE, *SHAPE, *SENDING, *HAPPENING}
    with pytest.raises(ValueError, match="没有“rude”这种毛病"):
        read_manners("rtl,rude")
