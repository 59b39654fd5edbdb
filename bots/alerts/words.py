"""What people read: letters grouped over shops, what to do under each, masked, and short enough for every chat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from base.masking import mask
from base.spoken import span
from bots.alerts.needs import Kind, Need, shortly
from bots.table import ADVICE
from storage.calls import Alert, Call, Letter
from storage.records import ShopState

# Robots can be set to let only messages with a certain word through: this one is in every letter.
NAME = "夜班客服"
_MOST_LISTED = 8
_MOST_TEXT = 480
_MOST_TITLE = 80
_MOST_PICTURES = 3


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind is told: what is counted, what is wrong with it, and what to do about it."""

    counted: str
    what: str
    advice: str

    def many(self, count: int) -> str:
        """So many of it, in one phrase."""
        return f"{count} {self.counted}{self.what}" if self.counted else self.what


_KINDS: Mapping[Kind, Words] = {
    Kind.ledger: Words("", "记录写不进去，机器人不敢发消息", "看磁盘满了没有；nightdesk doctor"),
    Kind.silent: Words("家店", "没有机器人在值守", "看那台机器和 nightdesk up 还在不在"),
    Kind.captcha: Words("家店", "要验证码", ADVICE[ShopState.captcha]),
    Kind.needs_login: Words("家店", "要登录", ADVICE[ShopState.needs_login]),
    Kind.kicked: Words("家店", "被挤下线", ADVICE[ShopState.kicked]),
    Kind.no_permission: Words("家店", "没有权限", ADVICE[ShopState.no_permission]),
    Kind.drift: Words("家店", "页面变了，已停止发送", ADVICE[ShopState.drift]),
    Kind.degraded: Words("家店", "连不上", ADVICE[ShopState.degraded]),
    Kind.paused: Words("家店", "暂停着，有买家在等", ADVICE[ShopState.paused]),
    Kind.waiting: Words("家店", "有买家没人理", "请马上到后台看一眼，由人工回复"),
    Kind.handoff: Words("个买家", "等人工", "到后台回复；nightdesk handoffs list"),
    Kind.event: Words("件事", "要看一看", ""),
    Kind.disk: Words("", "磁盘快满了，满了机器人就要停", "清理磁盘，或者换一个文件夹"),
    Kind.channel: Words("个告警出口", "发不出去", "nightdesk alerts test"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A need with what became of it so far."""

    need: Need
    call: Call


def call_letter(person: str, cases: Sequence[Case], now: datetime, *, urgent: bool) -> Letter:
    """One letter about everything that is due to one person."""
    groups = {kind: [case for case in cases if case.need.kind is kind] for kind in Kind}
    told = [(kind, group) for kind, group in groups.items() if group]
    lines = [line for kind, group in told for line in _group(kind, group, now)]
    if any(case.call.held for case in cases):
        lines.insert(0, "有些是早些时候的，按设置攒到现在才说")
    pictures = tuple(case.need.picture for case in cases if case.need.picture)[:_MOST_PICTURES]
    return Letter(
        person=person,
        kind="call",
        title=_title("；".join(_phrase(kind, group) for kind, group in told)),
        text=_text(lines),
        urgent=urgent,
        calls=tuple(case.call.key for case in cases),
        pictures=pictures,
    )


def over_letter(person: str, calls: Sequence[Call]) -> Letter:
    """That what was told is over."""
    return _end_letter(person, calls, "已恢复", "下面这些已经好了，不用再管：")


def removed_letter(person: str, calls: Sequence[Call]) -> Letter:
    """That nobody is called any more for what was told, since its shop is watched no more."""
    return _end_letter(person, calls, "不再值守", "店铺从店铺清单里去掉了，以后不再叫人；下面这些不一定好了：")


def held_letter(person: str, count: int, cap: int) -> Letter:
    """That more is held back."""
    return Letter(
        person=person,
        kind="held",
        title=_title("告警太多，先攒着"),
        text=_text(
            [
                f"这一小时已经发了 {cap} 条。还有 {count} 件不急的先攒着，过后一起说；急的照样马上发。",
                "→ nightdesk alerts list",
            ]
        ),
    )


def test_letter(person: str, channel: str) -> Letter:
    """A letter that only asks to be acknowledged."""
    return Letter(
        person=person,
        kind="test",
        title=_title("这是一条测试"),
        text=_text([f"渠道“{channel}”能收到。真的有事时，告警就像这样发来。"]),
    )


def footer(alert: Alert) -> str:
    """How to say that one sees to it."""
    if alert.kind not in ("call", "test"):
        return ""
    what = "收到了" if alert.kind == "test" else "我来处理（不再叫别人）"
    return f"\n{what}：运行 nightdesk alerts ack {alert.code}，或把 {alert.code} 告诉能运行的人"


def _phrase(kind: Kind, cases: Sequence[Case]) -> str:
    """Several in one phrase; one by its name."""
    words = _KINDS[kind]
    if len(cases) > 1 or not words.counted:
        return words.many(len(cases))
    return cases[0].need.subject + ("" if kind is Kind.event else words.what)


def _end_letter(person: str, calls: Sequence[Call], title: str, said: str) -> Letter:
    lines = [_ended(call) for call in calls[:_MOST_LISTED]]
    if len(calls) > _MOST_LISTED:
        lines.append(f"…还有 {len(calls) - _MOST_LISTED} 件")
    return Letter(
        person=person,
        kind="over",
        title=_title(f"{title}：{_names([call.subject for call in calls])}"),
        text=_text([said, *lines]),
        calls=tuple(call.key for call in calls),
    )


def _ended(call: Call) -> str:
    what = "" if call.kind == Kind.event else _KINDS[Kind(call.kind)].what
    lasted = span(((call.gone_at or call.began_at) - call.began_at).total_seconds())
    return f"{call.subject}{what}（{_moment(call.began_at)} 起，{lasted}）"


def _group(kind: Kind, cases: Sequence[Case], now: datetime) -> Iterator[str]:
    words = _KINDS[kind]
    ordered = sorted(cases, key=lambda case: case.need.deadline or case.need.since)
    plain = [case for case in ordered if not _line(case, now)]
    if plain:
        yield f"{words.many(len(cases))}：{_names([case.need.subject for case in plain])}"
    else:
        yield f"{words.many(len(cases))}："
    listed = [line for case in ordered if (line := _line(case, now))]
    yield from listed[:_MOST_LISTED]
    if len(listed) > _MOST_LISTED:
        yield f"…还有 {len(listed) - _MOST_LISTED} 个"
    again = max(case.call.rounds for case in cases)
    if again:
        took = "、".join(dict.fromkeys(shortly(case.call.acked_by) for case in cases if case.call.acked_by))
        said = f"{took} 说过在处理，还没好" if took else "还没有人说在处理"
        yield f"（第 {again + 1} 次叫人，{said}）"
    if words.advice:
        yield f"→ {words.advice}"


def _line(case: Case, now: datetime) -> str:
    """What is to be said of one shop or buyer; empty where the heading says it all."""
    need = case.need
    parts = [need.text] if need.text else []
    if need.deadline is not None:
        left = (need.deadline - now).total_seconds()
        parts.insert(0, f"还剩{span(left)}" if left >= 0 else f"已过{span(-left)}")
    if case.call.times > 1:
        parts.append(f"反复出现，第 {case.call.times} 次")
    if need.kind is Kind.event:
        return "，".join([need.subject, *parts]) + f"（{_moment(need.since)} 起）"
    if not parts:
        return ""
    return f"{need.subject or NAME}：{'，'.join(parts)}（{_moment(need.since)} 起）"


def _names(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" 等 {len(unique)} 家" if len(unique) > _MOST_LISTED else ""
    return "、".join(unique[:_MOST_LISTED]) + more


def _moment(moment: datetime) -> str:
    return moment.astimezone().strftime("%m-%d %H:%M")


def _title(words: str) -> str:
    told = mask(f"【{NAME}】{words}")
    return told if len(told) <= _MOST_TITLE else told[: _MOST_TITLE - 1] + "…"


def _text(lines: Sequence[str]) -> str:
    text = mask("\n".join(lines))
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"
