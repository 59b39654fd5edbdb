"""What kind of talk a message is."""

from __future__ import annotations

import time

import pytest

from knowledge.talk import Talk, talk

TABLE = {
    Talk.greeting: [
        "你好", "您好！", "亲", "老板", "hi", "HELLO", "nihao", "ni hao", "早上好呀", "亲，你好", "ｈｉ",
        "你好😊", "<b>你好</b>",
    ],
    Talk.thanks: [
        "谢谢", "好的谢谢", "谢谢亲", "嗯嗯", "收到", "哈哈哈哈哈哈", "辛苦了～", "😊", "[微笑]", "...",
        "xiexie", "ok", "OK！",
    ],
    Talk.nudge: [
        "在吗", "在吗在吗在吗", "人呢！！！", "您好，在吗？", "？", "？？？", "怎么不回我", "zaima",
        "客服在吗", "有人吗亲",
    ],
    Talk.person: [
        "转人工", "转人工！！", "我要转人工快点", "转 人 工", "人工", "人工客服在吗", "zhuan ren gong",
        "zhuanrengong", "ren gong", "转仁工", "帮我装人工", "赚人公", "找你们店长", "你是机器人吗",
        "不要机器人", "叫你们老板来", "退货怎么退，转人工",
    ],
    Talk.dispute: [
        "我要投诉", "投 诉", "投*诉", "给你差评！", "打12315了", "再不发货就投诉你们", "我要偷诉你们",
        "平台介入吧", "退款纠纷怎么办", "你们是骗子", "什么垃圾东西", "我要举报", "必须赔偿我",
        "转人工，我要投诉",
    ],
    Talk.question: [
        "在吗 这个多少ml", "你好 什么时候发货", "好的 那什么时候发货", "谢谢，退货怎么退", "收到货了",
        "客服几点上班", "这是人工做的吗", "人工草坪多少钱", "手工编织的吗", "换个人收货",
        "我是法人，工厂要开票", "订单1231590到哪了", "烟雾报警器有吗", "垃圾袋有吗", "垃圾桶多大",
        "给我妈妈买的", "相机怎么调曝光", "他妈妈能用吗", "1", "", "   ",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), [(text, kind) for kind, texts in TABLE.items() for text in texts])
def test_kinds(text: str, kind: Talk) -> None:
    assert talk(text) is kind


@pytest.mark.parametrize(
    "sign", ["哈", "你好", "亲在", "x", "\u202e你", "<b>", "😀", "ni hao ", "？", "\x00", "人"]
)
def test_endless_messages_are_looked_at_quickly(sign: str) -> None:
    talk("投诉")  # the table of sounds is made on first use
    start = time.process_time()
    talk(sign * 20_000)
    assert time.process_time() - start < 0.05


def test_invisible_characters_hide_nothing() -> None:
    assert talk("转\u200b人\u200d工") is Talk.person
    assert talk("\u202e投\x00诉\u202c") is Talk.dispute
