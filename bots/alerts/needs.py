"""What needs a person just now: pure, from what the ledger shows and a moment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from base.masking import mask
from storage.calls import Sign, Unanswered
from storage.records import Event, Handoff, HandoffState, Pause, Severity, ShopRow, ShopState

_SILENT = timedelta(seconds=30)
# No buyer may wait for so long without a word, whatever the reason.
WAITED = timedelta(minutes=4)
_PAUSED = timedelta(minutes=10)
_BROKEN = timedelta(minutes=10)
_LEAST_FREE = 500 * 2**20
# An event ends with one of its kind that says that all is well, and after this at the latest. A bot mends much of
# what it warns of within the grace.
EVENT_LASTS = timedelta(hours=12)
_EVENT_GRACE = timedelta(seconds=60)
# What is opened together is told together, but never so late that nobody could act.
_GATHERED = timedelta(seconds=60)
_LEFT_TO_ACT = timedelta(minutes=2)
# Whoever took a buyer on and has not answered so long after that, and past the deadline, may have forgotten them.
_FORGOTTEN = timedelta(minutes=10)
_MOST_WORDS = 30
_MOST_WHY = 60
_DIGITS = re.compile(r"\d(?:[\s\-_.·,，、()（）]*\d){4,}")
_SPOKEN_DIGITS = re.compile(
    r"[零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖](?:[\s,，、]*[零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖]){6,}"
)


class Kind(StrEnum):
    """What it is about, the most serious first: as they are told."""

    ledger = "ledger"
    silent = "silent"
    captcha = "captcha"
    needs_login = "needs_login"
    kicked = "kicked"
    no_permission = "no_permission"
    drift = "drift"
    degraded = "degraded"
    paused = "paused"
    waiting = "waiting"
    handoff = "handoff"
    event = "event"
    disk = "disk"
    channel = "channel"


# How long a state must last before it rings: what a bot mends by itself within that time is not told.
_GRACE: Mapping[ShopState, tuple[Kind, timedelta]] = {
    ShopState.captcha: (Kind.captcha, timedelta(seconds=5)),
    ShopState.needs_login: (Kind.needs_login, timedelta(seconds=15)),
    ShopState.no_permission: (Kind.no_permission, timedelta(seconds=15)),
    ShopState.drift: (Kind.drift, timedelta(seconds=15)),
    ShopState.kicked: (Kind.kicked, timedelta(seconds=60)),
    ShopState.degraded: (Kind.degraded, timedelta(minutes=3)),
    ShopState.starting: (Kind.degraded, timedelta(minutes=3)),
}
_WELL = frozenset({ShopState.ready, ShopState.off_shift, ShopState.paused})


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that a person must see to.

    `key` is the same for as long as it lasts, `subject` names whom it is about, `text` is masked. It is told from
    `due_at` on, once or again and again (`repeated`), past the hourly cap if `urgent`, not at all while somebody
    has it in hand (`taken`); `forgotten_at`: from then on they have not, though they said so.
    """

    key: str
    kind: Kind
    severity: Severity
    subject: str
    text: str
    since: datetime
    due_at: datetime
    shop: str | None = None
    urgent: bool = False
    repeated: bool = True
    taken: bool = False
    forgotten_at: datetime | None = None
    deadline: datetime | None = None
    picture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the ledger shows at a moment.

    `watched_since`: since when we look without a gap; older silence was our own. `answering`: of the shops in
    `titles`, which are meant to answer by themselves; `on_shift`: those whose shift is on now. `unanswered`: who
    waits longer than `WAITED`. `free`: the bytes left on the disk of the ledger.
    """

    now: datetime
    watched_since: datetime
    titles: Mapping[str, str]
    answering: frozenset[str]
    shops: Sequence[ShopRow]
    handoffs: Sequence[Handoff]
    events: Sequence[Event]
    unanswered: Sequence[Unanswered]
    signs: Sequence[Sign]
    pauses: Sequence[Pause]
    free: int
    on_shift: frozenset[str] = frozenset()


def needs_of(facts: Facts) -> list[Need]:
    """Everything that needs a person now."""
    needs = [
        *_of_shops(facts),
        *_of_pauses(facts),
        *_of_waiting(facts),
        *(_of_handoff(each, facts) for each in facts.handoffs if each.shop in facts.titles),
        *_of_events(facts),
        *_of_signs(facts),
        *_of_disk(facts),
    ]
    # What began ahead of us began before the clock was set back.
    return [replace(need, due_at=facts.now) if need.since > facts.now else need for need in needs]


def unwell(facts: Facts) -> frozenset[str]:
    """The shops whose calls cannot be over yet, since they do not work: between two states is no recovery."""
    rows = {row.shop: row for row in facts.shops}
    return frozenset(
        shop
        for shop in facts.titles
        if shop not in rows or rows[shop].state not in _WELL or _silent(rows[shop], facts)
    )


def shortly(text: str, most: int = _MOST_WORDS) -> str:
    """Words on one line, masked more strictly than anywhere else, then cut: they leave for a chat."""
    told = mask(" ".join(text.split()))
    told = _SPOKEN_DIGITS.sub("****", _DIGITS.sub("****", told))
    return told if len(told) <= most else told[: most - 1] + "…"


def _of_shops(facts: Facts) -> Iterator[Need]:
    rows = {row.shop: row for row in facts.shops}
    for shop, title in facts.titles.items():
        row = rows.get(shop)
        if row is None or _silent(row, facts):
            yield _silence(shop, title, row, facts)
        elif row.state in _GRACE:
            kind, grace = _GRACE[row.state]
            yield Need(
                key=f"shop/{shop}",
                kind=kind,
                severity="alert" if row.live_since else "warning",
                subject=title,
                text=shortly(row.why, _MOST_WHY),
                since=row.state_since,
                due_at=row.state_since + grace,
                shop=shop,
                urgent=row.live_since is not None,
                picture=row.picture,
            )


def _of_pauses(facts: Facts) -> Iterator[Need]:
    """Silence that somebody ordered and may have forgotten, while buyers wait for a person."""
    waiting = {each.shop for each in facts.unanswered}
    waiting |= {each.shop for each in facts.handoffs if each.state is HandoffState.open}
    for shop, title in facts.titles.items():
        pause = next((pause for pause in facts.pauses if pause.covers(shop)), None)
        if pause is not None and shop in waiting:
            yield Need(
                key=f"pause/{shop}",
                kind=Kind.paused,
                severity="alert",
                subject=title,
                text=f"{shortly(pause.by)} 暂停的",
                since=pause.since,
                due_at=pause.since + _PAUSED,
                shop=shop,
            )


def _silent(row: ShopRow, facts: Facts) -> bool:
    return facts.now - _last_sign(row, facts) > _SILENT


def _last_sign(row: ShopRow | None, facts: Facts) -> datetime:
    if row is None or row.beat_at is None or row.beat_at > facts.now + _SILENT:
        return facts.watched_since
    return max(row.beat_at, facts.watched_since)


def _silence(shop: str, title: str, row: ShopRow | None, facts: Facts) -> Need:
    since = _last_sign(row, facts)
    # A worker that fell silent off shift says no more that its shift has begun.
    rests = row is None or (row.state is ShopState.off_shift and shop not in facts.on_shift)
    working = row is not None and row.live_since is not None and not rests
    return Need(
        key=f"shop/{shop}",
        kind=Kind.silent,
        severity="alert" if working else "warning",
        subject=title,
        text="",
        since=since,
        due_at=since + _SILENT,
        shop=shop,
        urgent=working,
    )


def _of_waiting(facts: Facts) -> Iterator[Need]:
    """Whatever the reason: buyers wait and nobody says a word. The states above may all look well."""
    ready = {row.shop for row in facts.shops if row.state is ShopState.ready and row.live_since}
    for each in facts.unanswered:
        if each.shop in facts.answering and each.shop in ready:
            yield Need(
                key=f"waiting/{each.shop}",
                kind=Kind.waiting,
                severity="alert",
                subject=facts.titles[each.shop],
                text=f"{each.buyers} 个买家等了很久，还没有得到任何回复",
                since=each.since,
                due_at=each.since + WAITED,
                shop=each.shop,
                urgent=True,
            )


def _of_handoff(handoff: Handoff, facts: Facts) -> Need:
    opened = handoff.opened_at
    due = opened if handoff.urgent else max(opened, min(opened + _GATHERED, handoff.deadline_at - _LEFT_TO_ACT))
    words = shortly(handoff.text)
    said = f"：“{words}”" if words else ""
    claimed = handoff.claimed_at if handoff.state is HandoffState.claimed else None
    left = None if claimed is None else max(claimed + _FORGOTTEN, handoff.deadline_at)
    forgotten = left is not None and left <= facts.now
    if forgotten:
        said += f"（{shortly(handoff.claimed_by or '')} 认领了，还没处理完）"
    return Need(
        key=f"handoff/{handoff.id}",
        kind=Kind.handoff,
        severity="alert" if handoff.urgent else "warning",
        subject=f"{handoff.id} 号 {facts.titles[handoff.shop]}",
        text=shortly(handoff.reason, _MOST_WHY) + said,
        since=opened,
        due_at=due,
        shop=handoff.shop,
        urgent=handoff.urgent,
        taken=claimed is not None and not forgotten,
        forgotten_at=left if forgotten else None,
        deadline=handoff.deadline_at,
    )


def _of_events(facts: Facts) -> Iterator[Need]:
    for event in facts.events:
        if event.shop is not None and event.shop not in facts.titles:
            continue
        alert = event.severity == "alert"
        why = shortly(str(event.detail.get("why") or event.kind), _MOST_WHY)
        yield Need(
            key=f"event/{event.severity}/{event.kind}/{event.shop or ''}",
            kind=Kind.event,
            severity=event.severity,
            subject=f"{facts.titles[event.shop]}：{why}" if event.shop else why,
            text="",
            since=event.at,
            due_at=event.at if alert else event.at + _EVENT_GRACE,
            shop=event.shop,
            urgent=alert,
            repeated=alert,
        )


def _of_signs(facts: Facts) -> Iterator[Need]:
    for sign in facts.signs:
        if not sign.fine and facts.now - sign.since >= _BROKEN:
            yield Need(
                key=f"sign/{sign.name}",
                kind=Kind.channel,
                severity="warning",
                subject=sign.name.removeprefix("channel/"),
                text=shortly(sign.why, _MOST_WHY),
                since=sign.since,
                due_at=sign.since + _BROKEN,
            )


def _of_disk(facts: Facts) -> Iterator[Need]:
    """Before the ledger can take no more, and nothing is sent any more."""
    if facts.free < _LEAST_FREE:
        yield Need(
            key="disk",
            kind=Kind.disk,
            severity="alert",
            subject="",
            text=f"只剩 {facts.free / 2**20:.0f} MB",
            since=facts.now,
            due_at=facts.now,
        )
