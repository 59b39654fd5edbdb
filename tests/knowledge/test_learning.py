"""What people said is learnt as entries and questions, never what was said to one buyer only."""

from __future__ import annotations

import pytest

from knowledge.chats import Exchange
from knowledge.learning import Judged, answer_in, propose, question_in


def judge(text: str) -> Judged:
    """Knows when things are sent, and is near it where dispatch is spoken of."""
    return Judged(
        entry="发货" if "发" in text else None,
        confidence=0.9 if text == "什么时候发货" else 0.4,
        answered=text == "什么时候发货",
        answers=("亲，付款后48小时内发出的",),
    )


def said(asked: str, *answer: str, shop: str = "甲店") -> Exchange:
    return Exchange(asked=("在吗", asked), said=("您好", *answer), shop=shop)


WASH = [
    said("杯子能放洗碗机吗", "可以放洗碗机上层的"),
    said("能不能放洗碗机", "亲，可以放洗碗机上层的哦", shop="乙店"),
    said("这杯子能用洗碗机洗吗", "稍等我看下", "可以放洗碗机上层的"),
    said("杯子能放洗碗机么", "不可以哦，会掉漆"),
]


def test_questions_alike_become_one_entry_with_its_evidence() -> None:
    (found,) = propose([*WASH, said("问一次的事", "只有一次")], "聊天记录", judge, {"杯子能放洗碗机吗"})
    assert found.entry is not None
    assert found.entry.id == "杯子能放洗碗机吗2"
    assert set(found.entry.questions) == {"杯子能放洗碗机吗", "能不能放洗碗机", "这杯子能用洗碗机洗吗"}
    assert "洗碗机上层" in found.entry.answer[0]
    evidence = found.evidence
    assert (evidence.count, evidence.shops) == (3, ("乙店", "甲店"))
    assert evidence.agree == "4 次相近的提问里 3 次这样回答"


def test_the_same_said_at_length_was_asked_in_other_words() -> None:
    answer = "本店都是顺丰发出的，偏远地区转中通"
    asked = ["发什么快递", "发的是什么快递", "用哪家物流公司", "物流公司是哪家"]
    (found,) = propose([said(text, answer) for text in asked], "记录", judge, ())
    assert found.entry is not None
    assert set(found.entry.questions) == set(asked)
    short = [said(text, "是的") for text in asked]
    assert len(propose(short, "记录", judge, ())) == 2


def test_questions_alike_that_were_answered_otherwise_are_two_things() -> None:
    asked = [said("蓝色的能退吗", "蓝色的支持七天无理由")] * 2 + [
        said("定制的能退吗", "定制商品做好了就不能退")
    ] * 2
    assert len(propose(asked, "记录", judge, ())) == 2


def test_the_same_answer_as_an_entrys_gives_it_more_questions() -> None:
    (found,) = propose(
        [said("下单多久发走", "付款后48小时内发出"), said("下单后多久给发走", "付款后48小时内发出")],
        "记录",
        judge,
        (),
    )
    assert (found.into, set(found.questions)) == ("发货", {"下单多久发走", "下单后多久给发走"})


def test_what_is_known_or_answered_for_one_only_teaches_nothing() -> None:
    known = [said("什么时候发货", "48小时内")] * 3
    once = [said("能改地址吗", "您的订单已经改好了")] * 3
    private = [said("打我电话13812345678行吗", "好的，可以的没问题")] * 3
    assert propose([*known, *once, *private], "记录", judge, ()) == []


def test_the_same_found_again_has_the_same_id() -> None:
    first, again = (propose(WASH, "记录", judge, ())[0] for _ in range(2))
    assert first.id == again.id


@pytest.mark.parametrize(
    ("texts", "asked"),
    [
        (["在吗", "能开票吗"], "能开票吗"),
        (["能开票吗", "要专票"], "能开票吗，要专票"),
        (["谢谢"], None),
        (["转人工"], None),
        (["寄到人民路88号3栋可以吗"], None),
        (["长" * 41], None),
    ],
)
def test_what_is_asked(texts: list[str], asked: str | None) -> None:
    assert question_in(texts) == asked


@pytest.mark.parametrize(
    ("bubbles", "answer"),
    [
        (["您好", "可以的，不影响"], "可以的，不影响"),
        (["可以机洗", "水温不要太高"], "可以机洗。水温不要太高"),
        (["请稍等，帮您查一下"], None),
        (["您的快递已经到了"], None),
        (["打13812345678"], None),
        ([], None),
    ],
)
def test_what_is_answered(bubbles: list[str], answer: str | None) -> None:
    assert answer_in(bubbles) == answer
