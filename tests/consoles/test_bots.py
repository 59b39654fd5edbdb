"""Bots in consoles that others wrote, with nothing but a pack for each: judged at the buyers' own clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from bots.demo.judge import Phrasebook, Said
from bots.settings import Login, Shop
from storage.ledger import Ledger
from storage.records import ReplyState
from tests.attending import Attended, attending, eventually
from tests.consoles.host import Buyer, Console

pytestmark = pytest.mark.timeout(180)

# Typed as buyers type: slips, and words of the same sound. The entry that answers, or None.
ASKED = {
    "什么时侯发货啊": "发货时间",
    "怎么还不发或呀，都等好几天了": "催发货",
    "我的快弟到哪了": "查物流",
    "可以开发漂吗": "发票",
    "怎么申请退货啊": "退货流程",
    "地址写错了能改地扯吗": "改地址",
    "有优惠卷吗": "优惠券",
    "保质期多九": "保质期",
    "老板今年多大了": None,
    "这个和隔壁家的比哪个好看一点": None,
    "能不能顺便帮我带杯奶茶": None,
    "给我讲个笑话吧": None,
    "是正品吗": "正品保证",
    "退款什么时候到帐": "退款到账",
}


async def test_every_buyer_gets_the_right_word_once(console: Console, tmp_path: Path) -> None:
    buyers = await asking(console, *ASKED)
    async with attending(tmp_path, [shop_of(console)], console.password) as bots:
        with suppress(TimeoutError):
            await eventually(lambda: all_served(buyers, bots), 90)
        assert await judge(buyers, bots) == set()
        assert {reply.state for reply in await bots.ledger(Ledger.all_replies)} == {ReplyState.confirmed}
        assert "missed" not in {event.kind for event in await bots.ledger(Ledger.events)}


async def test_service_goes_on_after_the_session_is_lost(console: Console, tmp_path: Path) -> None:
    await interrupted(console, tmp_path, console.end_sessions)


async def test_service_goes_on_after_the_server_is_restarted(console: Console, tmp_path: Path) -> None:
    await interrupted(console, tmp_path, console.restart)


async def interrupted(console: Console, tmp_path: Path, interrupt: Callable[[], None]) -> None:
    """Half of the buyers ask, and while they are served comes the interruption, and then the other half."""
    texts = list(ASKED)
    buyers = await asking(console, *texts[::2])
    async with attending(tmp_path, [shop_of(console)], console.password) as bots:
        await eventually(lambda: anybody_told(buyers))
        await asyncio.to_thread(interrupt)
        buyers |= await asking(console, *texts[1::2])
        with suppress(TimeoutError):
            await eventually(lambda: all_served(buyers, bots), 70)
        # A console may lose a stranger with its session, or a word said while its line broke: a person is called.
        await judge(buyers, bots)


async def asking(console: Console, *texts: str) -> dict[str, Buyer]:
    """A new buyer for each text, who says it."""
    buyers = {text: await asyncio.to_thread(console.new_buyer) for text in texts}
    for text, buyer in buyers.items():
        await asyncio.to_thread(buyer.say, text)
    return buyers


def shop_of(console: Console) -> Shop:
    return Shop(id="站内", console=console.pack, url=console.url, login=Login(user=console.user))


async def anybody_told(buyers: Mapping[str, Buyer]) -> bool:
    return any([await asyncio.to_thread(buyer.replies) for buyer in buyers.values()])


async def all_served(buyers: Mapping[str, Buyer], bots: Attended) -> bool:
    """Whether everybody was told something, or a person was called in their stead, and nothing is in the air."""
    people = {handoff.conversation_key for handoff in await bots.ledger(Ledger.handoffs) if handoff.urgent}
    told = [buyer.key in people or bool(await asyncio.to_thread(buyer.replies)) for buyer in buyers.values()]
    return all(told) and not await bots.ledger(Ledger.unfinished, "站内")


async def judge(buyers: Mapping[str, Buyer], bots: Attended) -> set[str]:
    """Nobody has two texts or a wrong one; who asked beyond the knowledge was told to wait and is with a person.

    Returns who was told nothing, all of whom are with a person.
    """
    book = Phrasebook(bots.knowledge)
    got = {text: await asyncio.to_thread(buyer.replies) for text, buyer in buyers.items()}
    assert {text: replies for text, replies in got.items() if len(replies) > 1} == {}
    said = {text: book.read(replies[0]) for text, replies in got.items() if replies}
    wrong = {text: got[text] for text in said if said[text][0] is Said.answer and said[text][1] != {ASKED[text]}}
    assert wrong == {}
    assert sum(kind in (Said.answer, Said.choose) for kind, _entries in said.values()) >= 8, got
    people = {handoff.conversation_key for handoff in await bots.ledger(Ledger.handoffs)}
    assert {said[text][0] for text in said if ASKED[text] is None} == {Said.hold}
    without = {text for text in buyers if text not in said}
    alone = [
        text for text in buyers if (ASKED[text] is None or text in without) and buyers[text].key not in people
    ]
    assert alone == []
    return without
