"""Converse.js on Prosody, the real ones: what its page hides of those who speak while it has lost its server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from bots.demo.judge import Phrasebook, Said
from bots.settings import Login, Shop
from storage.ledger import Ledger
from tests.attending import Attended, attending, eventually
from tests.consoles.host import Buyer
from tests.consoles.xmpp import Converse

pytestmark = pytest.mark.timeout(120)

# Of these and of those below every other buyer is a stranger to the staff's address book.
BEFORE = {"什么时候发货": "发货时间", "可以开发票吗": "发票"}
MEANWHILE = {
    "有优惠券吗": "优惠券",
    "保质期多久": "保质期",
    "是正品吗": "正品保证",
    "退款什么时候到账": "退款到账",
}


async def test_who_speaks_while_the_page_is_away_is_answered_though_it_shows_no_mark_of_them(
    converse: Converse, tmp_path: Path
) -> None:
    shop = Shop(id="站内", console=converse.pack, url=converse.url, login=Login(user=converse.user))
    buyers = await asking(converse, BEFORE)
    async with attending(tmp_path, [shop], converse.password) as bots:
        await eventually(lambda: told(buyers, bots), 40)
        await asyncio.to_thread(converse.hide)
        buyers |= await asking(converse, MEANWHILE)
        await asyncio.to_thread(converse.show)
        await eventually(lambda: told(buyers, bots), 60)
        await eventually(lambda: people_know(bots), 30)
        said = {text: await asyncio.to_thread(buyer.replies) for text, buyer in buyers.items()}
    book = Phrasebook(bots.knowledge)
    assert {text: len(replies) for text, replies in said.items()} == dict.fromkeys(BEFORE | MEANWHILE, 1)
    assert {text: book.read(replies[0]) for text, replies in said.items()} == {
        text: (Said.answer, frozenset({entry})) for text, entry in (BEFORE | MEANWHILE).items()
    }


async def asking(converse: Converse, texts: Mapping[str, str]) -> dict[str, Buyer]:
    buyers: dict[str, Buyer] = {}
    for text in texts:
        buyers[text] = await asyncio.to_thread(converse.new_buyer)
        await asyncio.to_thread(buyers[text].say, text)
    return buyers


async def told(buyers: Mapping[str, Buyer], bots: Attended) -> bool:
    """Whether everybody has a word, and nothing is in the air."""
    replies = [await asyncio.to_thread(buyer.replies) for buyer in buyers.values()]
    return all(replies) and not await bots.ledger(Ledger.unfinished, "站内")


async def people_know(bots: Attended) -> bool:
    """Whether a person was asked to look through the shop's conversations: nobody knows what was hidden."""
    missed = [event.severity for event in await bots.ledger(Ledger.events) if event.kind == "missed"]
    return set(missed) == {"alert"}
