"""What the page's script returned, as values: rows, messages and times, with whatever a page may hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows.views import Latest, Reader, Row, read_time
from storage.records import Kind, Sender

ZONE = ZoneInfo("Asia/Shanghai")
READER = Reader(ZONE, skip_ids=("^sys-",))
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE)  # type: ignore[arg-type, misc] # a date's own parts


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T01:31:05.250Z", datetime(2026, 11, 23, 1, 31, 5, 250_000, tzinfo=UTC)),
        ("2026-11-23T09:31:05+08:00", local(2026, 11, 23, 9, 31, 5)),
        ("2026-11-23 09:31:05", local(2026, 11, 23, 9, 31, 5)),
        ("1795397465250", datetime.fromtimestamp(1_795_397_465.25, tz=UTC)),
        ("09:31:05", local(2026, 11, 23, 9, 31, 5)),
        (" 9:31 ", local(2026, 11, 23, 9, 31)),
        ("10:00", local(2026, 11, 23, 10, 0)),
        ("10:01", local(2026, 11, 23, 10, 1)),  # a clock that runs a little ahead of ours
        ("10:02", local(2026, 11, 22, 10, 2)),
        ("23:59", local(2026, 11, 22, 23, 59)),
        ("昨天 09:31", local(2026, 11, 22, 9, 31)),
        ("昨天 23:59", local(2026, 11, 22, 23, 59)),
        ("前天 09:31", local(2026, 11, 21, 9, 31)),
        ("11-20 09:31", local(2026, 11, 20, 9, 31)),
        ("11月20日 09:31", local(2026, 11, 20, 9, 31)),
        ("2025年11月20日 09:31", local(2025, 11, 20, 9, 31)),
        ("2025/11/20 09:31:07", local(2025, 11, 20, 9, 31, 7)),
        ("12-31 23:59", local(2025, 12, 31, 23, 59)),  # no message is from next month
        ("11-24 09:00", local(2026, 11, 24, 9, 0)),
        # By the clock of twelve hours, as browsers write it in Chinese and English.
        ("上午9:31", local(2026, 11, 23, 9, 31)),
        ("上午12:05", local(2026, 11, 23, 0, 5)),
        ("昨天 下午3:05:07", local(2026, 11, 22, 15, 5, 7)),
        ("昨天 下午12:05", local(2026, 11, 22, 12, 5)),
        ("昨天 下午15:05", local(2026, 11, 22, 15, 5)),
        ("昨天 中午1:05", local(2026, 11, 22, 13, 5)),
        ("11月20日 下午3:05", local(2026, 11, 20, 15, 5)),
        ("11月20日下午3:05", local(2026, 11, 20, 15, 5)),
        ("9:31 PM", local(2026, 11, 22, 21, 31)),
        ("9:31:05 am", local(2026, 11, 23, 9, 31, 5)),
        # The day is a Monday.
        ("周五 09:31", local(2026, 11, 20, 9, 31)),
        ("星期一 09:31", local(2026, 11, 23, 9, 31)),
        ("星期一 21:31", local(2026, 11, 16, 21, 31)),
        ("上周日 09:31", local(2026, 11, 22, 9, 31)),
        ("11月13日（周五）09:31", local(2026, 11, 13, 9, 31)),
        ("2026年11月13日 星期五 下午3:05", local(2026, 11, 13, 15, 5)),
        ("20261123093105", local(2026, 11, 23, 9, 31, 5)),
        # No time at all: such a moment fits into no ledger, or makes what was just said history.
        ("0001-01-01T00:00:00", None),
        ("0001-01-01 00:00:00", None),
        ("0000-00-00 00:00:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59", None),
        ("0000000000000", None),
        ("24:00", None),
        ("13-40 09:31", None),
        ("刚刚", None),
        ("", None),
        (None, None),
    ],
)
def test_times_as_consoles_show_them(text: str | None, moment: datetime | None) -> None:
    assert read_time(text, NOW, ZONE) == moment


def test_just_after_midnight_a_late_hour_is_yesterdays() -> None:
    now = local(2026, 11, 23, 0, 1)
    assert read_time("23:58", now, ZONE) == local(2026, 11, 22, 23, 58)
    assert read_time("00:01", now, ZONE) == local(2026, 11, 23, 0, 1)
    # The same moment seen from another zone is still the platform's day.
    assert read_time("00:01", now.astimezone(UTC), ZONE) == local(2026, 11, 23, 0, 1)


# --- rows ----------------------------------------------------------------------------------------------------


def raw_row(key: str | None = "k1", **changes: object) -> list[object]:
    row = {"key": key, "name": "买家", "preview": "在吗", "time": "09:31", "unread": None, "waiting": None,
           "group": None, "skip": False}  # fmt: skip
    return list((row | changes).values())


def rows(*raw: list[object]) -> tuple[tuple[Row, ...], int]:
    snapshot = READER.snapshot({"inbox": list(raw), "thread": None, "signals": ["logged_in"]}, NOW)
    assert snapshot.rows is not None
    return snapshot.rows, snapshot.unparsed


def test_a_row() -> None:
    (row,), unparsed = rows(raw_row(unread="3", waiting="9秒后超时", group="待回复"))
    assert row == Row(
        key="k1", name="买家", preview="在吗", time="09:31", unread="3", waiting="9秒后超时", group="待回复"
    )
    assert unparsed == 0


def test_nothing_is_not_the_same_as_no_list() -> None:
    assert rows() == ((), 0)
    assert READER.snapshot({"inbox": None, "thread": None, "signals": []}, NOW).rows is None


@pytest.mark.parametrize(("unread", "read_as"), [(None, None), ("0", None), ("", ""), ("99+", "99+")])
def test_unread_marks(unread: object, read_as: str | None) -> None:
    assert rows(raw_row(unread=unread))[0][0].unread == read_as


def test_a_conversation_listed_in_two_groups_is_one_and_any_mark_counts() -> None:
    one = raw_row(preview="", unread=None, group="全部")
    two = raw_row(waiting="9秒后超时", unread="2", group="待回复")
    (row, _other), _unparsed = rows(one, raw_row("k2"), two)
    assert (row.unread, row.waiting, row.preview, row.group) == ("2", "9秒后超时", "在吗", "全部 待回复")


def test_rows_that_are_nobodys_business() -> None:
    got, unparsed = rows(raw_row("sys-1"), raw_row("k1"), raw_row("k2", skip=True), raw_row(None), raw_row(""))
    assert [row.key for row in got] == ["k1"]
    assert unparsed == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00\x07\x1b[31mb", "a[31mb"),
        ("\u202e反过来\u202c", "反过来"),
        ("\u2066隔开\u2069", "隔开"),
        ("好\u200b的\ufeff", "好的"),
        ("第一行\n第二行\t完", "第一行\n第二行\t完"),
        ("שלום مرحبا 😀", "שלום مرحبا 😀"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_what_only_steers_a_terminal_is_left_out(text: str, shown: str) -> None:
    assert rows(raw_row(name=text, preview=text))[0][0].preview == shown
    assert thread([["m1", "buyer", "text", text, None, False]]).messages[0].text == shown


# --- threads -------------------------------------------------------------------------------------------------


def thread(messages: list[list[object]], **more: Any) -> Any:
    raw = {"id": "k1", "messages": messages, "draft": "", "orders": None, "product": None} | more
    return READER.thread(raw, NOW)


def test_a_thread() -> None:
    got = thread(
        [
            ["m1", "buyer", "image", "", "09:31:05", False],
            ["m2", "shop", "text", "亲", "09:31:09", True],
            ["m3", "system", "text", "已转接", None, False],
        ],
        draft="写到一半",
        orders=[{"number": "A1", "status": None}, {"number": "A2", "status": "待发货"}],
        product={"title": "杯子"},
    )
    assert [(said.key, said.sender, said.kind) for said in got.messages] == [
        ("m1", Sender.buyer, Kind.image),
        ("m2", Sender.shop, Kind.text),
        ("m3", Sender.system, Kind.text),
    ]
    assert got.messages[0].at == local(2026, 11, 23, 9, 31, 5)
    assert (got.draft, got.latest, got.failed) == ("写到一半", Latest(buyer="m1", own="m2"), frozenset({"m2"}))
    assert got.facts == {"order.number": "A1", "product.title": "杯子"}
    assert got.orders == ({"order.number": "A1"}, {"order.number": "A2", "order.status": "待发货"})


@pytest.mark.parametrize(("shown", "told"), [(None, None), ([], ())])
def test_no_order_and_no_word_of_orders_are_two_things(shown: list[Any] | None, told: tuple[()] | None) -> None:
    got = thread([], orders=shown)
    assert (got.orders, got.facts) == (told, {})


@pytest.mark.parametrize(
    ("product", "card", "facts"),
    [
        ({"id": "P1"}, {"id": "P2", "title": "碗"}, {"product.id": "P1"}),
        (None, {"id": "P2", "title": "碗"}, {"product.id": "P2", "product.title": "碗"}),
        ({"id": None}, {"id": "P2", "title": ""}, {"product.id": "P2"}),
        (None, None, {}),
    ],
)
def test_the_product_is_the_panels_else_the_newest_cards(
    product: object, card: object, facts: dict[str, str]
) -> None:
    assert thread([], product=product, card=card).facts == facts


def test_messages_that_cannot_be_told_apart_are_counted_not_guessed() -> None:
    got = thread(
        [[None, "buyer", "text", "没有编号", None, False], ["m2", None, "text", "谁说的", None, False],
         ["m3", "buyer", "text", "好的", None, False]]
    )  # fmt: skip
    assert [said.key for said in got.messages] == ["m3"]
    assert got.unparsed == 2


def test_a_message_shown_twice_is_one() -> None:
    got = thread([["m1", "buyer", "text", "在", None, False], ["m1", "buyer", "text", "在吗", None, False]])
    assert [(said.key, said.text) for said in got.messages] == [("m1", "在吗")]


def test_nobody_spoke() -> None:
    assert thread([]).latest == Latest(buyer=None, own=None)
    assert thread([], draft=None).draft is None
