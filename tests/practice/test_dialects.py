"""The bots at work in each dialect, with its pack alone: judged by the console's own record."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.demo.judge import Verdict, judge, plain
from bots.settings import Login, Shop
from practice.client import Practice
from practice.dialects import DIALECTS
from storage.ledger import Ledger
from storage.records import ReplyState
from tests.attending import Attended, attending, eventually
from tests.nursery import practising

# What buyers type, and the topic that answers it; with slips, bursts, and what nobody knows.
ASKED = [
    (("什么时候发货呀",), "发货时间"),
    (("在吗", "我的快递到哪了"), "查物流"),
    (("可以开发漂吗",), "发票"),
    (("怎么申请退货啊",), "退货流程"),
    (("地址写错了能改地址吗",), "改地址"),
    (("有优惠券吗",), "优惠券"),
    (("你好", "保质期多久"), "保质期"),
    (("是正品吗",), "正品保证"),
    (("退款什么时候到账",), "退款到账"),
    (("给我讲个笑话吧",), None),
    (("老板今年多大了",), None),
    (("能不能顺便帮我带杯奶茶",), None),
    (("<b>发货</b>要几天",), "发货时间"),
    (("怎么还不发货，都等好几天了",), "催发货"),
    (("什么时候发货呀",), "发货时间"),
]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != "plain"])
async def test_every_buyer_gets_the_right_word_once(dialect: str, tmp_path: Path) -> None:
    practice = await practising("--dialect", dialect, "--shops", "1")
    try:
        row = practice.shops[0]
        shop = Shop(id="shop-1", console=dialect, url=row["url"], login=Login(user=row["user"]))
        async with attending(tmp_path, [shop], str(row["password"])) as bots:
            # Half of them wait before the bots come, half come later.
            for number, (texts, topic) in enumerate(ASKED):
                if number == len(ASKED) // 2:
                    await eventually(lambda: _served(practice, 1))
                for text in texts:
                    # Some share a name, as masked names do.
                    name = f"晨***{number % 4}"
                    await practice.say("shop-1", text, buyer=f"{7_000_000_001 + number}", name=name, topic=topic)
            await eventually(lambda: _served(practice, len(ASKED)), 100)
            await eventually(lambda: _settled(bots))
            verdict = await _verdict(practice, bots)
            states = {reply.state for reply in await bots.ledger(Ledger.all_replies)}
        assert verdict.shortcomings == []
        assert verdict.turns == len(ASKED)
        assert verdict.answered >= 9, verdict
        assert ReplyState.confirmed in states
        assert not states & {ReplyState.sending, ReplyState.unverified}
    finally:
        await practice.stop()


async def _served(practice: Practice, number: int) -> bool:
    turns = (await practice.truth())["turns"]
    return sum(bool(turn["got"]) for turn in turns) >= number


async def _settled(bots: Attended) -> bool:
    return not await bots.ledger(Ledger.unfinished, "shop-1")


async def _verdict(practice: Practice, bots: Attended) -> Verdict:
    meant = (ReplyState.sending, ReplyState.confirmed, ReplyState.unverified)
    replies = [reply for reply in await bots.ledger(Ledger.all_replies) if reply.state in meant]
    return judge(
        await practice.truth(),
        bots.knowledge,
        bots=frozenset(row["user"] for row in practice.shops),
        intended=[(reply.shop, reply.conversation_key, plain(reply.text)) for reply in replies],
        queue=frozenset((one.shop, one.conversation_key) for one in await bots.ledger(Ledger.handoffs)),
    )
