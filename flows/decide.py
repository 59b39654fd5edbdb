"""What to do about what a buyer said. Pure: values in, a decision with its reason in words out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from knowledge.matcher import Ranked
from knowledge.model import Knowledge
from knowledge.talk import Talk
from storage.records import Kind


class Outcome(StrEnum):
    """`hold`: ask for patience now, and a person; `handoff`: a person, who is there and may answer first."""

    answer = "answer"
    choose = "choose"
    hold = "hold"
    handoff = "handoff"
    ignore = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The cuts: answer at or above `answer_at`, offer a choice at or above `choose_at`; `holds` texts at most."""

    answer_at: float = 0.85
    choose_at: float = 0.35
    choices: int = 3
    choice_at: float = 0.03
    answers: int = 3
    holds: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One part of what the buyer said, with what kind of talk it is and the entries it may mean, best first."""

    text: str
    talk: Talk
    ranked: Sequence[Ranked] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What surrounds a turn.

    `clock`: the row shows a waiting clock. `given`: entries already answered in this conversation. `offered`:
    the entries of the choice last offered. `handed`/`claimed`: a person has been asked for, or has taken it.
    `seen`: what an answer may say of the page beside the thread; None: no thread is at hand, as if all were seen.
    `held`: holding texts since the last answer. `repeats`: how often the newest text was said before.
    """

    kinds: frozenset[Kind] = frozenset({Kind.text})
    clock: bool = False
    given: frozenset[str] = frozenset()
    offered: tuple[str, ...] = ()
    handed: bool = False
    claimed: bool = False
    held: int = 0
    repeats: int = 0
    robot: bool = False
    staffed: bool = False
    seen: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do and why; `entries` are answered in this order, or offered; `talk` chooses a small-talk text."""

    outcome: Outcome
    reason: str
    entries: tuple[str, ...] = ()
    confidence: float = 0.0
    urgent: bool = False
    talk: Talk | None = None


def decide(
    parts: Sequence[Asked], whole: Sequence[Ranked], situation: Situation, knowledge: Knowledge, policy: Policy
) -> Decision:
    """Decide on a turn from its parts and from the ranking of its whole text."""
    if situation.robot and not situation.clock:
        return Decision(outcome=Outcome.ignore, reason="平台机器人正在接待")
    if situation.claimed:
        return _left_to_person(situation, policy, "人工已经接手")
    for talk, reason in ((Talk.person, "买家要找人工"), (Talk.dispute, "涉及投诉或纠纷")):
        if any(part.talk is talk for part in parts):
            return _to_person(situation, policy, reason, urgent=True)
    if Kind.text not in situation.kinds:
        return _to_person(situation, policy, "只有图片或卡片，没有文字")
    if situation.repeats >= 2:
        return _to_person(situation, policy, "同样的话说了三遍")
    picked = pick(parts[-1].text, situation.offered) if parts else None
    if picked == NONE_OF_THEM:
        return _to_person(situation, policy, "给过选项，买家说都不是")
    if picked is not None:
        return _answer((picked,), 1.0, f"买家选了“{picked}”", situation, knowledge, policy)
    questions = [part for part in parts if part.talk is Talk.question]
    if not questions:
        return _small_talk(parts, situation, knowledge, policy)
    return _knowledge(questions, whole, situation, knowledge, policy)


def _knowledge(
    questions: Sequence[Asked], whole: Sequence[Ranked], situation: Situation, knowledge: Knowledge, policy: Policy
) -> Decision:
    best = [part.ranked[0] for part in questions if part.ranked]
    for ranked in [*best, *whole[:1]]:
        entry = knowledge.entry(ranked.entry)
        if ranked.confidence >= policy.choose_at and entry.for_person:
            return _to_person(situation, policy, f"“{entry.id}”要由人工回答", urgent=entry.risky)
        if ranked.confidence >= policy.choose_at and not entry.live:
            return _to_person(situation, policy, f"“{entry.id}”还没有上线：{entry.why_not_live}")
    sure = [ranked for ranked in best if ranked.confidence >= policy.answer_at]
    entries = tuple(dict.fromkeys(ranked.entry for ranked in sure))
    if entries and len(sure) == len(questions) and len(entries) <= policy.answers:
        confidence = min(ranked.confidence for ranked in sure)
        return _answer(
            entries, confidence, "；".join(ranked.reason for ranked in sure), situation, knowledge, policy
        )
    # Said in pieces, a question may only be clear as a whole; but no known part may be passed over.
    if whole and whole[0].confidence >= policy.answer_at and entries in ((), (whole[0].entry,)):
        return _answer((whole[0].entry,), whole[0].confidence, whole[0].reason, situation, knowledge, policy)
    if entries:
        return _to_person(situation, policy, "一句话里问了几件事，有的不知道答案")
    return _choose(whole, situation, knowledge, policy)


def _choose(whole: Sequence[Ranked], situation: Situation, knowledge: Knowledge, policy: Policy) -> Decision:
    near = [ranked for ranked in whole if ranked.confidence >= policy.choice_at]
    told = [ranked.entry for ranked in near if knowledge.entry(ranked.entry).live]
    entries = [entry for entry in told if not knowledge.entry(entry).for_person][: policy.choices]
    best = whole[0].confidence if whole else 0.0
    if best < policy.choose_at or not entries:
        reason = "不知道答案" if not whole else f"把握不够（最像“{whole[0].entry}”，{best:.2f}）"
        return _to_person(situation, policy, reason, confidence=best)
    if situation.offered:
        return _to_person(situation, policy, "给过选项，还是没弄清", confidence=best)
    reason = f"把握一般（{best:.2f}），请买家选"
    return Decision(outcome=Outcome.choose, reason=reason, entries=tuple(entries), confidence=best)


def _answer(
    entries: tuple[str, ...],
    confidence: float,
    reason: str,
    situation: Situation,
    knowledge: Knowledge,
    policy: Policy,
) -> Decision:
    again = [entry for entry in entries if entry in situation.given]
    if again:
        return _to_person(situation, policy, f"“{again[0]}”已经回答过一次，买家还在问", confidence=confidence)
    for entry in entries:
        unseen = () if situation.seen is None else knowledge.entry(entry).unseen(situation.seen)
        if unseen:
            lacking = f"“{entry}”要说{'、'.join(unseen)}，页面上没有看到"
            return _to_person(situation, policy, lacking, confidence=confidence)
    return Decision(outcome=Outcome.answer, reason=reason, entries=entries, confidence=confidence)


def _small_talk(parts: Sequence[Asked], situation: Situation, knowledge: Knowledge, policy: Policy) -> Decision:
    if situation.handed:
        left = _left_to_person(situation, policy, "已经转人工，买家在等")
        # Told to be patient, who only asks for somebody is told so again when the clock runs short, not at once.
        nudged = situation.held > 0 and all(part.talk is Talk.nudge for part in parts)
        return replace(left, outcome=Outcome.handoff) if nudged and left.outcome is Outcome.hold else left
    if parts and all(part.talk is Talk.thanks for part in parts):
        if not situation.clock:
            return Decision(outcome=Outcome.ignore, reason="道谢，不用回")
        talk = Talk.thanks if knowledge.small_talk.thanks else Talk.greeting
        return Decision(outcome=Outcome.answer, reason="道谢，但有倒计时", talk=talk, confidence=1.0)
    if knowledge.small_talk.greeting or situation.clock:
        return Decision(outcome=Outcome.answer, reason="寒暄", talk=Talk.greeting, confidence=1.0)
    return Decision(outcome=Outcome.ignore, reason="寒暄，不用回")


def _to_person(
    situation: Situation, policy: Policy, reason: str, *, urgent: bool = False, confidence: float = 0.0
) -> Decision:
    """With people on shift they may answer first; with nobody there the buyer is told at once."""
    told = situation.held >= policy.holds or (situation.held > 0 and not situation.clock)
    outcome = Outcome.handoff if situation.staffed or told else Outcome.hold
    return Decision(outcome=outcome, reason=reason, urgent=urgent, confidence=confidence)


def _left_to_person(situation: Situation, policy: Policy, reason: str) -> Decision:
    """A person has it: nothing is said unless a clock is running, and then only a word of patience."""
    if situation.clock and situation.held < policy.holds:
        return _to_person(situation, policy, reason)
    return Decision(outcome=Outcome.ignore, reason=reason)


NONE_OF_THEM = ""
_NONE = re.compile(r"^(?:都|全|一个都)?(?:不是|不对|没有)|^(?:其他|其它|别的)")
_ORDINALS = ("一", "二", "三", "四", "五")
_PICK = re.compile(r"(?:选|要|是|问)?(?:第)?([1-5一二三四五])(?:个|号|项|条|种)?(?:吧|的|呢|哦|啊)?")


def pick(text: str, offered: Sequence[str]) -> str | None:
    """The entry that the buyer chose by number (`1`, `第二个`) or by its name; `NONE_OF_THEM` for the last number
    or words to that effect; None where the text chooses nothing.
    """
    if not offered:
        return None
    word = re.sub(r"[\s，。,.!！~、]+", "", text)
    found = _PICK.fullmatch(word)
    if found:
        number = _ORDINALS.index(found[1]) + 1 if found[1] in _ORDINALS else int(found[1])
        return {number: entry for number, entry in enumerate([*offered, NONE_OF_THEM], 1)}.get(number)
    if _NONE.search(word):
        return NONE_OF_THEM
    named = [entry for entry in offered if word.removesuffix("的") == entry]
    return named[0] if named else None
