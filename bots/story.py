"""The story of a turn as steps in time, told for operators; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Literal

from base.masking import mask
from bots.table import OUTCOMES, STATES
from storage.calls import Alert, AlertState
from storage.records import (
    Event,
    Handoff,
    HandoffState,
    Kind,
    Reply,
    ReplyKind,
    ReplyState,
    Sender,
    ShopState,
    Turn,
)
from storage.stories import Heard, Story

KINDS = {Kind.image: "图片", Kind.card: "商品卡片", Kind.order: "订单卡片", Kind.recall: "撤回了一条消息"}
_REPLIES = {ReplyKind.answer: "回答", ReplyKind.choose: "请买家选", ReplyKind.hold: "安抚"}
_ENDS = {
    ReplyState.stale: "作废",
    ReplyState.blocked: "不让发",
    ReplyState.failed: "没发出",
    ReplyState.unverified: "没看到气泡，不知道有没有发出",
}
_WHOSE = {Sender.shop: "人工", Sender.robot: "平台机器人"}
_BY = {"bot": "机器人", "person": "人工", "robot": "平台机器人"}
_EVENTS = {
    "apart": "单独的值守进程",
    "backup": "账本的备份",
    "calendar": "放假安排",
    "coverage": "班次",
    "drift": "页面变了",
    "drift_over": "页面又认得了",
    "fallback_used": "用了备用的选择器",
    "go_live": "店铺上线，可以回答了",
    "key_gone": "页面上少了东西",
    "knowledge": "知识库有改动",
    "knowledge_expires": "知识库里的到期时间",
    "metrics": "给监控程序看的指标",
    "missed": "可能漏了消息",
    "moved": "值守换了进程",
    "page_doubt": "页面不太对",
    "presence": "接待状态",
    "rehearsal": "班前检查",
    "robot": "平台机器人",
    "rows_unparsed": "会话列表",
    "session": "登录状态",
    "shops": "店铺清单",
    "silent": "没有机器人在值守",
    "transfer": "在后台转接给同事",
    "worker": "值守进程",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened; `at` is None where the ledger has no moment for it.

    `clock`: whose clock told the moment. `after_ms`: milliseconds since the step before, None for the first and
    for what was so before the turn began; `text` is masked.
    """

    at: datetime | None
    what: str
    text: str
    clock: Literal["ours", "console"] = "ours"
    after_ms: int | None = None


def steps_of(story: Story) -> list[Step]:
    """What happened, in the order of time; what has no moment stands behind what it came after."""
    told = [
        *_asking(story),
        *_deciding(story),
        *(step for handoff in story.handoffs for step in _of_handoff(handoff, story)),
        *(step for reply in story.replies for step in _of_reply(reply, story.turn)),
        *_others(story),
        *(step for alert in story.alerts for step in _of_alert(alert)),
        *(_of_event(event) for event in story.events),
        *(_of_event(event) for event in story.before if event.kind != "resume"),
    ]
    ordered = []
    place = (story.since, False)
    ends = {reply.ended_at for reply in story.replies}
    for step in told:
        if step.at is not None:
            # What brought it about may have the same moment, and stands before it.
            place = (step.at, step.what == "done" or (step.what == "handoff" and step.at in ends))
        ordered.append((place, step))
    return _timed([step for _place, step in sorted(ordered, key=lambda one: one[0])], story.since)


def _timed(steps: Sequence[Step], since: datetime) -> list[Step]:
    """With the milliseconds between each and the one before it."""
    last: datetime | None = None
    timed = []
    for step in steps:
        after = None
        if step.at is not None and step.at >= since:
            after = None if last is None else round((step.at - last).total_seconds() * 1000)
            last = step.at
        timed.append(replace(step, after_ms=after))
    return timed


def _asking(story: Story) -> Iterator[Step]:
    turn = story.turn
    first = story.asked[0] if story.asked else None
    words = f"：{_words(first)}" if first else ""
    told = first.at if first and _is_exact(first.at) else turn.asked_at
    yield Step(at=told, what="asked", text=f"买家开口{words}{'' if told else _coarse(first)}", clock="console")
    yield Step(at=turn.seen_at, what="seen", text="在会话列表里看到")
    if not story.asked:
        yield Step(at=None, what="read", text="没有打开会话读过")
    for moment, group in groupby(story.asked, key=lambda one: one.noted_at):
        said = list(group)
        yield Step(at=moment, what="read", text=f"读到 {len(said)} 条：{'；'.join(map(_words, said))}")


def _deciding(story: Story) -> Iterator[Step]:
    turn = story.turn
    if turn.outcome is None:
        yield Step(at=None, what="decided", text="还没有决定怎么办")
        return
    text = f"决定{OUTCOMES.get(turn.outcome, turn.outcome)}：{mask(turn.reason)}"
    if turn.entry:
        text += f"（条目 {turn.entry}，把握 {turn.confidence or 0.0:.2f}）"
    if turn.would_say:
        text += f"；没有说出口的话：“{mask(turn.would_say)}”"
    yield Step(at=turn.decided_at, what="decided", text=text)


def _of_reply(reply: Reply, turn: Turn) -> Iterator[Step]:
    name = f"回复 {reply.id}"
    decided_anew = turn.decided_at is not None and turn.decided_at > reply.drafted_at
    entry = f"，条目 {reply.entry}" if decided_anew and reply.entry else ""
    told = f"{name}（{_REPLIES[reply.kind]}{entry}）写好：“{mask(reply.text)}”"
    told += "；后来又决定过，这一次的理由在日志里" if decided_anew else ""
    yield Step(at=reply.drafted_at, what="drafted", text=told)
    if reply.typing_at is not None:
        yield Step(at=reply.typing_at, what="typing", text=f"{name} 开始写进输入框")
    if reply.sending_at is not None:
        yield Step(at=reply.sending_at, what="sending", text=f"{name} 开始发送")
    if reply.state in _ENDS:
        why = f"：{mask(reply.why)}" if reply.why else ""
        yield Step(at=reply.ended_at, what=reply.state, text=f"{name} {_ENDS[reply.state]}{why}")
    elif reply.ended_at is not None:
        unverified = ReplyState.unverified
        yield Step(at=reply.ended_at, what=unverified, text=f"{name} {_ENDS[unverified]}")
    if reply.state is ReplyState.confirmed:
        yield Step(at=reply.confirmed_at, what="confirmed", text=f"{name} 看到了气泡，买家收到了")


def _of_handoff(handoff: Handoff, story: Story) -> Iterator[Step]:
    name = f"转人工 {handoff.id}"
    urgent = "（急）" if handoff.urgent else ""
    until = f"{handoff.deadline_at.astimezone():%H:%M:%S}"
    yield Step(
        at=handoff.opened_at, what="handoff", text=f"{name}{urgent}，要在 {until} 前答：{mask(handoff.reason)}"
    )
    moved = handoff.claimed_by == "transfer"
    if handoff.claimed_by is not None and not moved:
        yield Step(at=handoff.claimed_at, what="claimed", text=f"{name} 由 {handoff.claimed_by} 认领")
    if handoff.state is HandoffState.done:
        how = "已在后台转接给同事" if moved else "处理完了"
        yield Step(at=_by_our_clock(handoff.done_at, story.others), what="done", text=f"{name} {how}")


def _others(story: Story) -> Iterator[Step]:
    turn = story.turn
    for heard in story.others:
        what = "person" if heard.sender is Sender.shop else "robot"
        text = f"{_WHOSE[heard.sender]}说{_words(heard)}"
        if _is_exact(heard.at):
            yield Step(at=heard.at, what=what, text=text, clock="console")
        else:
            yield Step(at=heard.noted_at, what=what, text=f"{text}，这是读到的时间{_coarse(heard)}")
    for moment, by, what in (
        (turn.holding_at, turn.holding_by, "安抚"),
        (turn.reply_at, turn.reply_by, "回答"),
    ):
        if moment is not None and by is not None and by != "bot":
            ours = _by_our_clock(moment, story.others)
            clock: Literal["ours", "console"] = "console" if ours == moment else "ours"
            yield Step(at=ours, what="answered", text=f"算作{_BY[by]}{what}了", clock=clock)


def _of_alert(alert: Alert) -> Iterator[Step]:
    name = f"告警 {alert.id}"
    yield Step(at=alert.at, what="alert", text=f"{name} 要告诉 {alert.person}：{mask(alert.title)}")
    if alert.state is AlertState.sent:
        yield Step(at=alert.sent_at, what="alert sent", text=f"{name} 发到了 {alert.channel}")
    elif alert.state is AlertState.failed:
        yield Step(at=None, what="alert failed", text=f"{name} 没有发出去：{mask(alert.why)}")
    if alert.acked_at is not None:
        yield Step(at=alert.acked_at, what="acknowledged", text=f"{name} {alert.acked_by} 收到了")


def _of_event(event: Event) -> Step:
    detail = event.detail
    why = str(detail.get("why") or "")
    if event.kind == "shop_state":
        text = f"店铺{STATES[ShopState(detail['new'])]}" + (f"：{why}" if why else "")
    elif event.kind in ("pause", "resume"):
        of = (
            f"会话 {detail['conversation']}"
            if detail.get("conversation")
            else "这家店"
            if event.shop
            else "所有店铺"
        )
        text = f"{detail['by']} 让{of}{'暂停' if event.kind == 'pause' else '恢复'}"
    elif event.kind == "pace":
        text = why
    elif event.kind == "go_live" and why:
        text = f"店铺退回只观察：{why}"
    else:
        text = _EVENTS.get(event.kind, "另有一条记录") + (f"：{why}" if why else "")
    return Step(at=event.at, what=event.kind, text=text)


def _is_exact(moment: datetime | None) -> bool:
    """Whether the console told seconds; minutes are too coarse to stand between the others."""
    return moment is not None and bool(moment.second or moment.microsecond)


def _by_our_clock(moment: datetime | None, others: Sequence[Heard]) -> datetime | None:
    """A moment taken from what a person said; where the console told its minute only, when that was read."""
    if _is_exact(moment):
        return moment
    return next((heard.noted_at for heard in others if heard.at == moment), moment)


def _coarse(heard: Heard | None) -> str:
    """What the console showed of a time that is not told to the second."""
    if heard is None or heard.at is None:
        return "（后台没有显示时间）"
    return f"（后台只显示 {heard.at.astimezone():%H:%M}）"


def _words(heard: Heard) -> str:
    return f"“{mask(heard.text)}”" if heard.text else f"（{KINDS.get(heard.kind, heard.kind)}）"
