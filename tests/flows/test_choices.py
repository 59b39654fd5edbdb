"""What a buyer's next word makes of what was offered."""

from __future__ import annotations

import pytest

from flows.choices import Choice, pick

KINDS = (("发货",), ("换货",), ("发票",))


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("1", (0,)),
        ("2", (1,)),
        ("第二个", (1,)),
        ("第2个", (1,)),
        ("选3吧", (2,)),
        ("一", (0,)),
        ("第三种 。", (2,)),
        ("要1号", (0,)),
        ("我要第一个", (0,)),
        ("前面那个", (0,)),
        ("后面那个", (2,)),
        ("最后一个", (2,)),
        ("1和2", (0, 1)),
        ("1、3", (0, 2)),
        ("都要", (0, 1, 2)),
        ("两个都要", (0, 1, 2)),
        ("都想知道", (0, 1, 2)),
        ("4", ()),  # the number after the last
        ("第四个", ()),
        ("都不是", ()),
        ("其他问题", ()),
        ("5", None),
        ("0", None),
        ("12", None),
        ("都可以吗", None),
        ("换货", (1,)),
        ("发票的", (2,)),
        ("我问的是发票", (2,)),
        ("换货怎么弄", None),
        ("货", None),
        ("好的", None),
        ("", None),
        ("？", None),
    ],
)
def test_how_a_buyer_picks(text: str, chosen: tuple[int, ...] | None) -> None:
    assert pick(text, KINDS) == chosen
    assert pick(text, ()) is None


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("退货的", None), ("流程", (0,)), ("运费的", (1,)), ("退货运费", (1,)), ("后面那个", (1,))],
)
def test_a_part_of_a_name_is_enough_where_no_other_has_it(text: str, chosen: tuple[int, ...] | None) -> None:
    assert pick(text, (("退货流程",), ("退货运费",))) == chosen


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("尾号1234", (0,)),
        ("1234的", (0,)),
        ("2611-9991234", (0,)),
        ("就是2611-9995678这单，快点", (1,)),
        ("待发货的那单", (0,)),
        ("已发货那个", (1,)),
        ("没发货的", None),
        ("两笔都问", None),
    ],
)
def test_an_order_is_known_by_its_end_or_by_how_far_it_is(text: str, chosen: tuple[int, ...] | None) -> None:
    assert pick(text, (("1234", "2611-9991234", "待发货"), ("5678", "2611-9995678", "已发货"))) == chosen


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        (Choice(entry="发货"), "发货"),
        (Choice(entry="发货", order="2611-99"), "发货#2611-99"),
        (Choice(entry="年龄", asks_product=True), "年龄#?"),
    ],
)
def test_an_offer_is_kept_as_text(choice: Choice, kept: str) -> None:
    assert str(choice) == kept
    assert Choice.read(kept) == choice


def test_the_end_of_an_orders_number() -> None:
    assert Choice(entry="x", order="2611-99-12-3").tail == "9123"
