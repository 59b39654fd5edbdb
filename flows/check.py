"""Does a pack fit a page: what each of its selectors finds there, and one plain verdict.

The script counts; what the counts mean is decided here, from values alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from flows.pack import Pack
from flows.probes import Part, Probe, panels, probes

SCRIPT = Path(__file__).with_name("check.js").read_text("utf-8")


class Result(StrEnum):
    """What became of one key."""

    found = "found"
    missing = "missing"
    ambiguous = "ambiguous"
    idle = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One key as tried: how many it found, by which of its selectors, and a word on it."""

    key: str
    result: Result
    count: int
    selector: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the script saw, checked; `counts`: for each key a number for each of its selectors."""

    counts: Mapping[str, Sequence[int]]
    rows: Sequence[Sequence[Any]] | None
    messages: Sequence[Sequence[Any]] | None
    facts: Mapping[str, Mapping[str, Any]]
    signals: frozenset[str]
    open_id: str | None

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Seen:
        """The script's answer as a value."""
        thread = raw["thread"]
        orders = [*(thread["orders"] or ()), {}] if thread else []
        facts = {"order": orders[0], "product": thread["product"] or {}} if thread else {}
        return cls(
            counts=raw["counts"],
            rows=raw["rows"],
            messages=None if thread is None else thread["messages"],
            facts=facts,
            signals=frozenset(raw["signals"]),
            open_id=raw["open"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All findings, whether the pack can be used on such a page, and why or what to do."""

    findings: tuple[Finding, ...]
    usable: bool
    advice: str


def report(pack: Pack, seen: Seen) -> Report:
    """What the counts mean."""
    parts = _parts_shown(seen)
    findings = [_judge(probe, seen, parts) for probe in probes(pack)]
    findings += _reading(pack, seen) if "list" in parts else []
    bad = _bad(findings)
    advice = _repair(bad) if bad else _next_step(parts, seen)
    return Report(findings=tuple(findings), usable=not bad and "list" in parts, advice=advice)


def joined(first: Report, then: Report) -> Report:
    """A login page and the desk behind it as one report: what the second could not try, the first did."""
    tried = {finding.key: finding for finding in first.findings if finding.result is not Result.idle}
    own = [tried.get(each.key, each) if each.result is Result.idle else each for each in then.findings]
    bad = _bad(own)
    return replace(
        then, findings=tuple(own), usable=then.usable and not bad, advice=_repair(bad) if bad else then.advice
    )


# --- what it means ---------------------------------------------------------------------------------------------


def _parts_shown(seen: Seen) -> frozenset[Part]:
    """The parts of a console that this page shows."""
    if "logged_in" not in seen.signals:
        return frozenset({"signals", "login"})
    is_open = seen.open_id is not None or any(seen.counts.get("composer.input", ()))
    return frozenset({"signals", "list", "thread"} if is_open else {"signals", "list"})


def _judge(probe: Probe, seen: Seen, parts: frozenset[Part]) -> Finding:
    counts = seen.counts.get(probe.key, ())
    place = next((place for place, count in enumerate(counts) if count), None)
    count = 0 if place is None else counts[place]
    finding = Finding(
        key=probe.key,
        result=Result.found if count else Result.idle,
        count=count,
        selector="" if place is None else probe.css[place],
        note=f"用的是第 {place + 1} 个选择器" if place else "",
    )
    holders = {"page": 1, "row": len(seen.rows or ()), "message": len(seen.messages or ())}[probe.within]
    if probe.part not in parts or not probe.css or not holders or probe.need == "may":
        return finding
    if not count:
        return replace(finding, result=Result.missing)
    if probe.need == "one" and count > 1:
        return replace(finding, result=Result.ambiguous, note=f"应该只有一个，页面上有 {count} 个")
    if probe.need == "all" and count < holders:
        return replace(finding, result=Result.missing, note=f"{holders} 个里只有 {count} 个有")
    return finding


def _reading(pack: Pack, seen: Seen) -> Iterator[Finding]:
    """What was really read with these selectors: ids that are there and differ, senders that are known."""
    if seen.rows:
        yield _values("inbox.id（读到的）", [row[0] for row in seen.rows], distinct=False)
    if not seen.messages:
        return
    yield _values("thread.message_id（读到的）", [message[0] for message in seen.messages], distinct=True)
    yield _values("thread 的发送人（读到的）", [message[1] for message in seen.messages], distinct=False)
    texts = [message[3] for message in seen.messages if message[2] == "text" and message[1] in ("buyer", "shop")]
    if texts:
        yield _values("thread.text（读到的）", texts, distinct=False)
    for name, panel in panels(pack):
        facts = seen.facts.get(name) or {}
        for fact in panel.facts if facts else ():
            found = bool(facts.get(fact))
            result = Result.found if found else Result.idle
            yield Finding(key=f"{name}.facts.{fact}", result=result, count=int(found), selector="")


def _values(key: str, values: Sequence[Any], *, distinct: bool) -> Finding:
    there = [value for value in values if value]
    finding = Finding(key=key, result=Result.found, count=len(there), selector="")
    if len(there) < len(values):
        return replace(
            finding, result=Result.missing, note=f"{len(values)} 个里有 {len(values) - len(there)} 个读不到"
        )
    if distinct and len(set(there)) < len(there):
        return replace(finding, result=Result.ambiguous, note="有重复的，不能用来认消息")
    return finding


def _bad(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.result in (Result.missing, Result.ambiguous)]


def _repair(bad: Sequence[Finding]) -> str:
    keys = "、".join(finding.key for finding in bad)
    return f"先改这些键：{keys}。用浏览器的开发者工具在页面上找到对应的元素，改好选择器再检查一次"


def _next_step(parts: frozenset[Part], seen: Seen) -> str:
    """What to do to have tried everything; empty when all was."""
    if "list" not in parts:
        walls = seen.signals & {"captcha", "qr", "kicked", "no_permission", "expired"}
        if walls:
            return f"页面停在 {'、'.join(sorted(walls))}，要人工处理以后再检查"
        if "logged_out" in seen.signals:
            return "页面停在登录页，会话列表没有检查：加上 --shop 店铺代号，用这家店的账号登录后再检查"
        return "页面上既没有 signals.logged_in，也没有 signals.logged_out：网址不对，或这两个键要改"
    if seen.rows is not None and not seen.rows:
        return "会话列表是空的，行和会话没有检查：等有买家来了再检查一次"
    return (
        ""
        if "thread" in parts
        else "没有打开的会话，会话和输入框没有检查：打开一个会话，把网页另存后用 --file 检查"
    )
