"""What people said to what buyers asked, made proposals: new entries, and more questions for old ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from base.masking import mask
from knowledge.chats import Exchange
from knowledge.likeness import groups
from knowledge.parts import parts
from knowledge.proposals import Draft, Evidence, Heard, Proposal, free_id
from knowledge.talk import Talk, talk
from knowledge.text import core, normalise

# Asked once is no lesson.
_LEAST_ASKED = 2
_LONGEST_QUESTION, _LONGEST_ANSWER = 40, 300
_MOST_QUESTIONS, _SHOWN = 15, 3
# Answers are longer than questions: what is meant the same shares more letters.
_ANSWERS_ALIKE = 0.5
# From here on a question may well be meant for the entry that it is likest.
_NEAR = 0.2
_PATIENCE = re.compile(
    r"稍等|等一下|等下|请等|马上(?:为|帮|给|就)?[您你]?(?:查|看|核实|处理|问|回复)|(?:帮|为|给)[您你]?(?:查|看|核实|确认|问|处理)一?下"
    r"|正在(?:为|帮|给)?[您你]?(?:查|看|核实|处理)|转(?:接|给|到)|稍后|请问(?:有什么|还有)|有什么可以"
)
# What holds for one order or one day only.
_OF_THE_MOMENT = re.compile(
    r"\*\*\*|\[地址\]|(?:您|你)(?:这|的)[个单笔件]?(?:订单|快递|包裹)?(?:已经|已)|今天已|昨天已|刚刚?(?:已|给)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the knowledge makes of a question: the likeliest entry, what that says, and whether it would answer."""

    entry: str | None
    confidence: float
    answered: bool
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    asked: str
    said: str
    shop: str


def propose(
    exchanges: Sequence[Exchange], source: str, judge: Callable[[str], Judged], taken: Collection[str]
) -> list[Proposal]:
    """Proposals from what was asked more than once and answered by people, the most asked first.

    `judge`: what the knowledge makes of a question now; what it answers teaches nothing. `taken`: ids in use.
    """
    lessons = [lesson for exchange in exchanges if (lesson := _lesson(exchange)) is not None]
    judged = {lesson.asked: judge(lesson.asked) for lesson in lessons}
    lessons = [lesson for lesson in lessons if not judged[lesson.asked].answered]
    ids = set(taken)
    found = []
    for group in groups([lesson.asked for lesson in lessons]):
        alike = [lessons[place] for place in group]
        proposal = _proposal(alike, source, judged, ids) if len(alike) >= _LEAST_ASKED else None
        if proposal is not None:
            found.append(proposal)
            ids |= {proposal.entry.id} if proposal.entry else set()
    return found


def question_in(texts: Sequence[str]) -> str | None:
    """What a buyer asks in these messages, masked and without small talk; None where that is not one thing."""
    asked = [part for text in texts for part in parts(text) if talk(part) is Talk.question]
    whole = "，".join(asked)
    if not asked or len(whole) > _LONGEST_QUESTION or mask(whole) != whole:
        return None
    return whole


def answer_in(bubbles: Sequence[str]) -> str | None:
    """What a person answered, without small talk and pleas for patience; None where that helps one buyer only."""
    told = [text.strip() for text in bubbles if talk(text) in (Talk.question, Talk.dispute)]
    told = [text for text in told if text and not _PATIENCE.search(text)]
    whole = "".join(text if text[-1] in "。！？!?~～" else f"{text}。" for text in told[:-1]) + "".join(told[-1:])
    if not whole or len(whole) > _LONGEST_ANSWER or _OF_THE_MOMENT.search(mask(whole)) or mask(whole) != whole:
        return None
    return whole


def _lesson(exchange: Exchange) -> _Lesson | None:
    asked = question_in(exchange.asked)
    return None if asked is None else _Lesson(asked=asked, said=answer_in(exchange.said) or "", shop=exchange.shop)


def _proposal(
    alike: Sequence[_Lesson], source: str, judged: dict[str, Judged], taken: Collection[str]
) -> Proposal | None:
    answers = [lesson.said for lesson in alike if lesson.said]
    if not answers:
        return None
    agreed = groups(answers, _ANSWERS_ALIKE)[0]
    answer = answers[agreed[0]]
    heard = sorted(alike, key=lambda lesson: (lesson.said != answer, not lesson.said))[:_SHOWN]
    evidence = Evidence(
        source=source,
        count=len(alike),
        shops=tuple(sorted({lesson.shop for lesson in alike if lesson.shop})),
        agree=f"{len(agreed)}/{len(answers)} 次回答差不多",
        heard=tuple(Heard(asked=lesson.asked, said=lesson.said) for lesson in heard),
    )
    questions = tuple({core(normalise(lesson.asked)): lesson.asked for lesson in reversed(alike)}.values())
    questions = questions[::-1][:_MOST_QUESTIONS]
    into = _meant(alike, answer, judged)
    if into is not None:
        return Proposal.of(into=into, questions=questions, evidence=evidence)
    draft = Draft(id=free_id(alike[0].asked, taken), questions=questions, answer=(answer,))
    return Proposal.of(entry=draft, evidence=evidence)


def _meant(alike: Sequence[_Lesson], answer: str, judged: dict[str, Judged]) -> str | None:
    """The entry that these questions were meant for: the likeliest one, if people said what it would have said."""
    best = max((judged[lesson.asked] for lesson in alike), key=lambda each: each.confidence)
    if best.entry is None or best.confidence < _NEAR:
        return None
    same = any(len(groups([answer, said], _ANSWERS_ALIKE)) == 1 for said in best.answers)
    return best.entry if same else None
