"""What needs a person: tables of what the ledger shows, and that nothing private is in what is said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from base.masking import keep_secret
from bots.alerts.needs import Facts, Kind, Need, needs_of, shortly, unwell
from bots.alerts.words import Case, call_letter, footer, over_letter
from storage.calls import Alert, AlertState, Call, Sign, Unanswered
from storage.records import Event, Handoff, HandoffState, Pause, Severity, ShopRow, ShopState
from tests.bots.alerts.night import START, at, need
from tests.bots.alerts.night import handoff as handoff_need

NOW = at(3600)
SECOND = timedelta(seconds=1)


def shop(
    state: ShopState = ShopState.ready, *, lasting: float = 600, silent: float = 1, live: bool = True
) -> ShopRow:
    """The shop `tea`, in a state for so many seconds, whose worker gave a sign so many seconds ago."""
    return ShopRow(
        shop="tea",
        title="茶叶店",
        console="c",
        platform="p",
        state=state,
        why="滑块",
        state_since=NOW - lasting * SECOND,
        beat_at=NOW - silent * SECOND,
        live_since=START if live else None,
        picture="/pictures/qr.png",
    )


def facts(row: ShopRow | None = None, **more: Any) -> Facts:
    """All is well but for what is given."""
    nothing: dict[str, Any] = {name: [] for name in ("handoffs", "events", "unanswered", "signs", "pauses")}
    return Facts(
        **{
            "now": NOW,
            "watched_since": START,
            "titles": {"tea": "茶叶店"},
            "answering": frozenset({"tea"}),
            "shops": [row or shop()],
            "free": 2**40,
            **nothing,
            **more,
        }
    )


def told(found: Facts) -> list[tuple[Kind, Severity]]:
    """What rings at this moment."""
    return [(need.kind, need.severity) for need in needs_of(found) if need.due_at <= NOW]


def handoff(state: HandoffState = HandoffState.open, *, urgent: bool = False, text: str = "退钱") -> Handoff:
    """A buyer handed over a minute ago, with two minutes left."""
    return Handoff(
        id=7,
        turn_id=1,
        shop="tea",
        conversation_key="b1",
        state=state,
        reason="要投诉",
        urgent=urgent,
        opened_at=NOW - 60 * SECOND,
        deadline_at=NOW + 120 * SECOND,
        claimed_by=None,
        claimed_at=None,
        done_at=None,
        text=text,
        picture=None,
        seen={},
    )


def event(severity: Severity, *, ago: float, why: str = "连按三次都没有上线", shop: str | None = "tea") -> Event:
    """Something that happened so many seconds ago."""
    return Event(id=1, at=NOW - ago * SECOND, shop=shop, kind="presence", severity=severity, detail={"why": why})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (shop(), []),
        (shop(ShopState.off_shift), []),
        (shop(ShopState.captcha, lasting=6), [(Kind.captcha, "alert")]),
        (shop(ShopState.captcha, live=False), [(Kind.captcha, "warning")]),
        (shop(ShopState.needs_login, lasting=5), []),
        (shop(ShopState.needs_login, lasting=16), [(Kind.needs_login, "alert")]),
        (shop(ShopState.kicked, lasting=40), []),
        (shop(ShopState.kicked, lasting=61), [(Kind.kicked, "alert")]),
        (shop(ShopState.no_permission), [(Kind.no_permission, "alert")]),
        (shop(ShopState.drift), [(Kind.drift, "alert")]),
        (shop(ShopState.degraded, lasting=170), []),
        (shop(ShopState.degraded, lasting=190), [(Kind.degraded, "alert")]),
        (shop(ShopState.starting, lasting=190), [(Kind.degraded, "alert")]),
        (shop(silent=29), []),
        (shop(silent=61), [(Kind.silent, "alert")]),
        (shop(ShopState.stopped, silent=61), [(Kind.silent, "alert")]),
        (shop(ShopState.off_shift, silent=61), [(Kind.silent, "warning")]),
        (shop(ShopState.captcha, silent=61), [(Kind.silent, "alert")]),
    ],
)
def test_states(row: ShopRow, expected: list[tuple[Kind, Severity]]) -> None:
    assert told(facts(row)) == expected


@pytest.mark.parametrize(
    ("row", "severity"),
    [
        (shop(ShopState.off_shift, silent=61), "alert"),
        (shop(ShopState.off_shift, silent=61, live=False), "warning"),
        (shop(ShopState.ready, silent=61), "alert"),
    ],
)
def test_a_worker_that_fell_silent_before_its_shift_is_missed_once_that_has_begun(
    row: ShopRow, severity: Severity
) -> None:
    assert told(facts(row, on_shift=frozenset({"tea"}))) == [(Kind.silent, severity)]


def test_a_shop_that_never_came_to_life() -> None:
    assert told(facts(shops=[])) == [(Kind.silent, "warning")]


def test_silence_while_we_slept_too_is_not_told() -> None:
    assert told(facts(shop(silent=3000), watched_since=NOW - 20 * SECOND)) == []


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (shop(ShopState.captcha, lasting=-3600), Kind.captcha),
        (shop(silent=-3600), Kind.silent),
    ],
)
def test_a_clock_that_was_set_back_hides_nothing(row: ShopRow, kind: Kind) -> None:
    assert [found for found, _severity in told(facts(row, watched_since=NOW - 61 * SECOND))] == [kind]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (shop(), set()),
        (shop(ShopState.off_shift), set()),
        (shop(ShopState.starting, lasting=1), {"tea"}),
        (shop(ShopState.stopped), {"tea"}),
        (shop(silent=40), {"tea"}),
    ],
)
def test_a_shop_that_does_not_work_has_not_recovered(row: ShopRow, expected: set[str]) -> None:
    assert unwell(facts(row)) == expected


WAITING = [Unanswered(shop="tea", buyers=3, since=NOW - 300 * SECOND)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, [(Kind.waiting, "alert")]),
        ({"answering": frozenset()}, []),
        ({"shops": [shop(live=False)]}, []),
        ({"shops": [shop(ShopState.off_shift)]}, []),
    ],
)
def test_buyers_who_get_no_word_behind_a_shop_that_looks_well(
    changed: dict[str, Any], expected: list[tuple[Kind, Severity]]
) -> None:
    assert told(facts(unanswered=WAITING, **changed)) == expected


@pytest.mark.parametrize(
    ("pause", "handoffs", "expected"),
    [
        (Pause(shop="tea", conversation_key=None, since=NOW - 700 * SECOND, by="我"), [handoff()], True),
        (Pause(shop=None, conversation_key=None, since=NOW - 700 * SECOND, by="我"), [handoff()], True),
        (Pause(shop="tea", conversation_key=None, since=NOW - 60 * SECOND, by="我"), [handoff()], False),
        (Pause(shop="tea", conversation_key="b1", since=NOW - 700 * SECOND, by="我"), [handoff()], False),
        (Pause(shop="tea", conversation_key=None, since=NOW - 700 * SECOND, by="我"), [], False),
        (
            Pause(shop="tea", conversation_key=None, since=NOW - 700 * SECOND, by="我"),
            [handoff(HandoffState.claimed)],
            False,
        ),
    ],
)
def test_a_pause_that_was_forgotten(pause: Pause, handoffs: list[Handoff], expected: bool) -> None:
    kinds = [kind for kind, _severity in told(facts(pauses=[pause], handoffs=handoffs))]
    assert (Kind.paused in kinds) is expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([event("warning", ago=10)], []),
        ([event("warning", ago=61)], [(Kind.event, "warning")]),
        ([event("warning", ago=11 * 3600)], [(Kind.event, "warning")]),
        ([event("alert", ago=1800)], [(Kind.event, "alert")]),
        ([event("alert", ago=60, shop="gone")], []),
        ([event("alert", ago=60, shop=None)], [(Kind.event, "alert")]),
    ],
)
def test_events(events: list[Event], expected: list[tuple[Kind, Severity]]) -> None:
    assert told(facts(events=events)) == expected


def test_a_channel_that_is_down_for_long() -> None:
    def sign(minutes: float, *, fine: bool = False) -> Sign:
        since = NOW - timedelta(minutes=minutes)
        return Sign(name="channel/群", at=NOW, since=since, fine=fine, why="HTTP 500")

    assert told(facts(signs=[sign(11)])) == [(Kind.channel, "warning")]
    assert told(facts(signs=[sign(5)])) == told(facts(signs=[sign(11, fine=True)])) == []


def test_a_disk_that_is_nearly_full() -> None:
    assert told(facts(free=499 * 2**20)) == [(Kind.disk, "alert")]
    (found,) = needs_of(facts(free=480 * 2**20))
    letter = letter_of([found])
    assert letter.title == "【夜班客服】磁盘快满了，满了机器人就要停"
    assert "只剩 480 MB" in letter.text


@pytest.mark.parametrize(
    ("needs", "title"),
    [
        ([need("tea", Kind.captcha)], "tea店要验证码"),
        ([need("tea", Kind.captcha), need("coffee", Kind.captcha)], "2 家店要验证码"),
        ([handoff_need(7)], "7 号 tea店等人工"),
        ([need("tea", Kind.kicked), handoff_need(7), handoff_need(8)], "tea店被挤下线；2 个买家等人工"),
    ],
)
def test_titles(needs: list[Need], title: str) -> None:
    assert letter_of(needs).title == f"【夜班客服】{title}"


def test_the_picture_of_a_shop_goes_along() -> None:
    (found,) = needs_of(facts(shop(ShopState.captcha)))
    assert letter_of([found]).pictures == ("/pictures/qr.png",)


# --- nothing private leaves ---------------------------------------------------------------------------------


def letter_of(needs: list[Need]) -> Any:
    """The letter about these needs."""
    calls = [
        Call(key=need.key, kind=need.kind, shop="tea", subject=need.subject, severity="alert", began_at=START)
        for need in needs
    ]
    return call_letter("小王", [Case(need=n, call=c) for n, c in zip(needs, calls, strict=True)], NOW, urgent=True)


filler = st.text(st.sampled_from("退货吧我要,.：（）abc \n号码是电话"), max_size=12)
phones = st.builds(
    lambda head, body, gaps: "".join(
        f"{digit}{gaps[index % len(gaps)]}" for index, digit in enumerate(head + body)
    ),
    st.sampled_from(["13", "15", "18", "１３", "+8613", "019"]),
    st.text(st.sampled_from("0123456789"), min_size=9, max_size=9),
    st.lists(st.sampled_from(["", "", "", "-", " ", ".", "，"]), min_size=1, max_size=3),
)
spoken = st.text(st.sampled_from("零一二三四五六七八九幺"), min_size=11, max_size=11)
addresses = st.builds(
    lambda road, number, room: f"浙江省杭州市西湖区文三{road}{number}号{room}室",
    st.sampled_from(["路", "街", "巷"]),
    st.integers(1, 999),
    st.integers(101, 2999),
)
mails = st.from_regex(r"[a-z]{3,8}[0-9]{1,3}@[a-z]{3,6}\.com", fullmatch=True)
SECRET = "9f3b7c21d8aa"


def digits_in_a_row(text: str) -> int:
    """The longest run of digits, whatever stands between them."""
    return max((len(re.findall(r"\d", run)) for run in re.findall(r"\d(?:[ \-.,，]?\d)*", text)), default=0)


@settings(max_examples=120, deadline=None)
@given(
    words=st.lists(st.one_of(filler, phones, spoken, addresses, mails, st.just(SECRET)), max_size=6).map("".join),
    urgent=st.booleans(),
)
def test_no_phone_no_address_no_secret_leaves(words: str, urgent: bool) -> None:
    keep_secret(SECRET)
    found = needs_of(
        facts(
            replace(shop(ShopState.captcha), why=words),
            handoffs=[replace(handoff(urgent=urgent, text=words), reason=words)],
            events=[event("alert", ago=60, why=words)],
        )
    )
    letter = letter_of(found)
    for each in found:
        assert digits_in_a_row(each.text) < 5
        assert digits_in_a_row(each.subject) < 5
    text = letter.title + letter.text
    assert SECRET not in text
    assert not re.search(r"[零一二三四五六七八九幺]{8}", text)
    assert not re.search(r"[a-z]{3,8}\d{0,3}@[a-z]", text)
    assert not re.search(r"文三[路街巷]\d", text)


def test_words_are_short_and_on_one_line() -> None:
    assert shortly("一二\n三\t四") == "一二 三 四"
    assert len(shortly("好" * 500)) == 30
    assert shortly("电话 138-0013 8000 打给我") == "电话 138****8000 打给我"


def test_every_letter_fits_the_smallest_chat() -> None:
    """A robot of 企业微信 takes 2048 bytes."""
    many = [replace(handoff(), id=number, text="退款" * 40, reason="要投诉" * 20) for number in range(60)]
    letter = letter_of(needs_of(facts(handoffs=many)))
    alert = Alert(
        id=1,
        code="48213",
        at=NOW,
        person="小王",
        kind="call",
        urgent=True,
        calls=letter.calls,
        title=letter.title,
        text=letter.text,
        pictures=(),
        state=AlertState.new,
        channel=None,
        repeats=0,
        why="",
        sent_at=None,
        acked_by=None,
        acked_at=None,
    )
    assert len(f"{letter.title}\r\n{letter.text}{footer(alert)}".encode()) <= 2048
    assert "48213" in footer(alert)
    call = Call(key="shop/tea", kind=Kind.captcha, shop="tea", subject="店" * 40, severity="alert", began_at=START)
    over = over_letter("小王", [call] * 50)
    assert len(f"{over.title}\r\n{over.text}".encode()) <= 2048


@pytest.mark.parametrize(
    ("claimed", "deadline", "taken"),
    [
        (60, 120, True),
        (660, 120, True),  # there is time left
        (660, -60, False),
        (60, -60, True),
        (60, -3000, True),  # just taken on, late as it is
    ],
)
def test_who_took_a_buyer_on_and_forgot_them_is_reminded(claimed: int, deadline: int, taken: bool) -> None:
    mine = replace(
        handoff(HandoffState.claimed),
        claimed_by="小王",
        claimed_at=NOW - claimed * SECOND,
        deadline_at=NOW + deadline * SECOND,
    )
    (need,) = [need for need in needs_of(facts(handoffs=[mine])) if need.kind is Kind.handoff]
    assert need.taken is taken
    assert need.forgotten_at == (None if taken else max(NOW + deadline * SECOND, NOW - (claimed - 600) * SECOND))
    assert ("小王 认领了，还没处理完" in need.text) is not taken
