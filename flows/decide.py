"""What to do about what a buyer said. Pure: values in, a decision with its reason in words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flows.choices import Choice, pick
from flows.draft import NOT_ALL, Draft, near
from flows.situation import Asked as Asked
from flows.situation import Decision as Decision
from flows.situation import Outcome as Outcome
from flows.situation import Policy as Policy
from flows.situation import Situation as Situation
from flows.situation import to_person
from knowledge.matcher import Ranked
from knowledge.model import Knowledge
from knowledge.speech import manners
from knowledge.talk import Talk
from storage.records import Kind

# All that was said must likelier than not mean what a part of it asks: what is told beside it can turn it around.
# So must words that are to choose something offered.
_SUPPORT = 0.5


def decide(
    parts: Sequence[Asked], whole: Sequence[Ranked], situation: Situation, knowledge: Knowledge, policy: Policy
) -> Decision:
    """Decide on a turn from its parts and from the ranking of its whole text."""
    if situation.robot and not situation.clock:
        return Decision(outcome=Outcome.ignore, reason="平台机器人正在接待")
    if situation.claimed:
        return _left_to_person(situation, policy, "人工已经接手")
    if situation.too_much:
        return to_person(situation, policy, "买家说得太多，机器人没有逐句看", urgent=True)
    for talk, reason in ((Talk.person, "买家要找人工"), (Talk.dispute, "涉及投诉或纠纷")):
        if any(part.talk is talk for part in parts):
            return to_person(situation, policy, reason, urgent=True)
    chosen = resolve(parts, situation, knowledge, policy)
    if chosen is None:
        return to_person(situation, policy, "给过选项，买家说都不是")
    picked = any(part.picked for part in chosen)
    if Kind.text not in situation.kinds and not picked:
        return to_person(situation, policy, "只有图片或卡片，没有文字")
    if situation.repeats >= 2 and not picked:
        return to_person(situation, policy, "同样的话说了三遍")
    questions = [part for part in chosen if part.picked or part.talk is Talk.question]
    if not questions:
        return _small_talk(parts, situation, knowledge, policy)
    return _knowledge(questions, () if picked else whole, situation, knowledge, policy)


# --- what was offered ---------------------------------------------------------------------------------------


def resolve(
    parts: Sequence[Asked], situation: Situation, knowledge: Knowledge, policy: Policy
) -> tuple[Asked, ...] | None:
    """The parts, with what chooses something of what was offered marked so; None where none of it is meant."""
    offers = [Choice.read(text) for text in situation.offered]
    if not offers or not all(knowledge.find(choice.entry) for choice in offers):
        return tuple(parts)  # an edit took one away: the numbers that the buyer saw stand for others now
    names = [names_of(choice, situation, knowledge) for choice in offers]
    for number in reversed(range(len(parts))):
        part = parts[number]
        found = pick(part.text, names)
        if found == ():
            return None
        if found is not None:
            picked = [_picked(part.text, replace(offers[each], asks_product=False)) for each in found]
            return (*parts[:number], *picked, *parts[number + 1 :])
    return _by_meaning(parts, offers, situation, knowledge, policy)


def _by_meaning(
    parts: Sequence[Asked], offers: Sequence[Choice], situation: Situation, knowledge: Knowledge, policy: Policy
) -> tuple[Asked, ...]:
    """By the product that is seen by now, or by what was said where that is most like one of the offers."""
    questions = [part for part in parts if part.talk is Talk.question]
    sure = any(part.ranked and part.ranked[0].confidence >= policy.answer_at for part in questions)
    shown = [
        choice
        for choice in offers
        if choice.asks_product and situation.product in knowledge.entry(choice.entry).scope.products
    ]
    if len(shown) == 1 and not sure:
        return (_picked(parts[-1].text if parts else "", replace(shown[0], asks_product=False)),)
    if len(questions) == 1 and questions[0].ranked and not sure:
        best = questions[0].ranked[0]
        meant = [choice for choice in offers if choice.entry == best.entry]
        among = [each.confidence for each in questions[0].ranked if any(each.entry == one.entry for one in offers)]
        # Words that are only a little like the one thing offered may well be another question.
        clear = best.confidence >= max(_SUPPORT, policy.choose_at, policy.answer_at * sum(among))
        if meant == [Choice(entry=best.entry)] and clear:
            return tuple(_picked(part.text, meant[0]) if part is questions[0] else part for part in parts)
    return tuple(parts)


def _picked(text: str, choice: Choice) -> Asked:
    return Asked(text=text, talk=Talk.question, picked=choice)


def names_of(choice: Choice, situation: Situation, knowledge: Knowledge) -> tuple[str, ...]:
    """What a buyer may call a thing that was offered."""
    entry = knowledge.entry(choice.entry)
    if choice.asks_product:
        return (entry.name, *entry.scope.products)
    if not choice.order:
        return (entry.name,)
    status = (situation.view(choice.order) or {}).get("order.status")
    return (choice.tail, choice.order, *([status] if status else []))


# --- what is known ------------------------------------------------------------------------------------------


def _knowledge(
    questions: Sequence[Asked], whole: Sequence[Ranked], situation: Situation, knowledge: Knowledge, policy: Policy
) -> Decision:
    for ranked in [*(part.ranked[0] for part in questions if part.ranked), *whole[:1]]:
        entry = knowledge.entry(ranked.entry)
        if ranked.confidence >= policy.choose_at and entry.risky:
            return to_person(situation, policy, f"“{entry.id}”要由人工回答", urgent=True)
    said = "\n".join(part.text for part in questions)
    draft = Draft(said=said, situation=situation, knowledge=knowledge, policy=policy)
    sure = [part for part in questions if _is_sure(part, policy)]
    best = whole[0] if whole else None
    if best is not None and best.confidence >= policy.answer_at:
        if not sure:  # said in pieces, a question may only be clear as a whole
            draft.tell(Asked(text="", talk=Talk.question, ranked=whole))
            return draft.decision()
        if len(sure) < len(questions) and best.entry not in {part.ranked[0].entry for part in sure}:
            return to_person(situation, policy, NOT_ALL)
    if not sure:
        return _unsure(questions, whole, situation, knowledge, policy)
    asks = [part for part in questions if part in sure or _asks(part, policy)]
    if len(asks) < len(questions) and not _supported(sure, whole):
        return _unsure(questions, whole, situation, knowledge, policy)
    for part in asks:
        if part in sure:
            draft.tell(part)
        else:
            draft.leave(part)
    return draft.decision()


def _is_sure(part: Asked, policy: Policy) -> bool:
    return part.picked is not None or (bool(part.ranked) and part.ranked[0].confidence >= policy.answer_at)


def _supported(sure: Sequence[Asked], whole: Sequence[Ranked]) -> bool:
    """Whether all that was said means what a part asks."""
    if any(part.picked for part in sure):
        return True
    known = {part.ranked[0].entry for part in sure}
    return any(each.entry in known and each.confidence >= _SUPPORT for each in whole)


def _asks(part: Asked, policy: Policy) -> bool:
    """Whether a part wants an answer of its own; else it tells what the question is about, or is a piece of it."""
    return part.asks or (bool(part.ranked) and part.ranked[0].confidence >= policy.choose_at)


def _likeliest(rankings: Sequence[Sequence[Ranked]]) -> list[Ranked]:
    """Several rankings as one: each entry as it does best, the best first."""
    best: dict[str, Ranked] = {}
    for each in (each for ranked in rankings for each in ranked):
        if each.entry not in best or each.confidence > best[each.entry].confidence:
            best[each.entry] = each
    return sorted(best.values(), key=lambda each: -each.confidence)


def _unsure(
    questions: Sequence[Asked], whole: Sequence[Ranked], situation: Situation, knowledge: Knowledge, policy: Policy
) -> Decision:
    """No part is sure: offer what the whole, or a part that asks, may mean; else a person."""
    for ranked in (part.ranked for part in questions if part.ranked and len(questions) > 1):
        entry = knowledge.entry(ranked[0].entry)
        if ranked[0].confidence >= policy.choose_at and (entry.for_person or not entry.live):
            _choices, best, why = near(ranked, situation, knowledge, policy)
            return to_person(situation, policy, why, urgent=entry.urgent, confidence=best)
    likely = _likeliest([whole, *(part.ranked for part in questions if manners(part.text))])
    choices, best, why = near(likely, situation, knowledge, policy)
    if not choices:
        urgent = best >= policy.choose_at and knowledge.entry(likely[0].entry).urgent
        return to_person(situation, policy, why, urgent=urgent, confidence=best)
    reason = f"把握一般（{best:.2f}），请买家选"
    return Decision(outcome=Outcome.choose, reason=reason, offers=choices, confidence=best)


def _small_talk(parts: Sequence[Asked], situation: Situation, knowledge: Knowledge, policy: Policy) -> Decision:
    if situation.handed:
        left = _left_to_person(situation, policy, "已经转人工，买家在等")
        # Told to be patient, who only asks for somebody is told so again when the clock runs short, not at once.
        nudged = situation.held > 0 and all(part.talk is Talk.nudge for part in parts)
        return replace(left, outcome=Outcome.handoff) if nudged and left.outcome is Outcome.hold else left
    if parts and all(part.talk is Talk.thanks for part in parts):
        if knowledge.small_talk.thanks:
            return Decision(outcome=Outcome.answer, reason="道谢", talk=Talk.thanks, confidence=1.0)
        if not situation.clock:
            return Decision(outcome=Outcome.ignore, reason="道谢，不用回")
        return Decision(outcome=Outcome.answer, reason="道谢，但有倒计时", talk=Talk.thanks, confidence=1.0)
    if knowledge.small_talk.greeting or situation.clock:
        return Decision(outcome=Outcome.answer, reason="寒暄", talk=Talk.greeting, confidence=1.0)
    return Decision(outcome=Outcome.ignore, reason="寒暄，不用回")


def _left_to_person(situation: Situation, policy: Policy, reason: str) -> Decision:
    """A person has it: nothing is said unless a clock is running, and then only a word of patience."""
    if situation.clock and situation.held < policy.holds:
        return to_person(situation, policy, reason)
    return Decision(outcome=Outcome.ignore, reason=reason)
