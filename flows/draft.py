"""A decision in the making: what is told, what is asked back, and what is left to a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flows.choices import Choice, mentions
from flows.situation import Asked, Decision, Outcome, Policy, Situation, to_person
from knowledge.entry import Entry
from knowledge.matcher import Ranked
from knowledge.model import Knowledge

# What the consoles call an order that nobody waits for any more.
_CLOSED = ("签收", "完成", "成功", "关闭", "取消")
NOT_ALL = "一句话里问了几件事，有的不知道答案"


@dataclass(slots=True, kw_only=True)
class Draft:
    """A decision in the making: what is told, what is asked back, and why a person is needed for the rest.

    `said`: all that the buyer said.
    """

    said: str
    situation: Situation
    knowledge: Knowledge
    policy: Policy
    told: list[Choice] = field(default_factory=list)
    offers: tuple[Choice, ...] = ()
    rest: list[str] = field(default_factory=list)
    urgent: bool = False
    reasons: list[str] = field(default_factory=list)
    confidence: float = 1.0

    def tell(self, part: Asked) -> None:
        """Answer a part whose entry is known, ask back what it is about, or leave it to a person."""
        picked = part.picked
        sure = 1.0 if picked else part.ranked[0].confidence
        entry = self.knowledge.entry(picked.entry if picked else part.ranked[0].entry)
        self.confidence = min(self.confidence, sure)
        why = why_not(entry, self.situation)
        found = why or self._about(entry, picked)
        if isinstance(found, str):
            self.rest.append(found)
            self.urgent |= entry.urgent
        elif isinstance(found, tuple) and entry.id in self.situation.forbidden:
            self.rest.append(self.situation.forbidden[entry.id])
        elif isinstance(found, tuple):
            self._offer(found, f"要先知道“{entry.id}”问的是哪一个")
        elif found not in self.told:
            self.told.append(found)
            self.reasons.append(f"买家选了“{entry.id}”" if picked else part.ranked[0].reason)

    def leave(self, part: Asked) -> None:
        """A part of which it is not sure what it asks for: a choice where one can be offered, else a person."""
        choices, confidence, why = near(part.ranked, self.situation, self.knowledge, self.policy)
        if choices:
            self._offer(choices, f"有一问把握一般（{confidence:.2f}），请买家选")
        else:
            self.rest.append(why if part.ranked else "有一问不知道答案")

    def decision(self) -> Decision:
        """What came of it."""
        rest = "；".join(dict.fromkeys(self.rest))
        if len({choice.entry for choice in self.told}) > self.policy.answers:
            return to_person(self.situation, self.policy, "一次问的事情太多", confidence=self.confidence)
        if not self.told and not self.offers:
            return to_person(
                self.situation, self.policy, rest or NOT_ALL, urgent=self.urgent, confidence=self.confidence
            )
        return Decision(
            outcome=Outcome.answer if self.told else Outcome.choose,
            reason="；".join([*self.reasons, *([f"其余转人工：{rest}"] if rest else [])]),
            told=tuple(self.told),
            offers=self.offers,
            confidence=self.confidence,
            urgent=self.urgent,
            rest=rest,
        )

    def _offer(self, choices: tuple[Choice, ...], reason: str) -> None:
        if self.offers:
            self.rest.append("要问的不止一件")
            return
        self.offers = choices
        self.reasons.append(reason)

    def _about(self, entry: Entry, picked: Choice | None) -> Choice | tuple[Choice, ...] | str:
        """What exactly is told; several where the buyer must say which; words where it cannot be told."""
        situation = self.situation
        if entry.no_product and situation.product is None and picked is None:
            asks = Choice(entry=entry.id, asks_product=True)
            return f"问过“{entry.id}”是哪一款，还是不清楚" if str(asks) in situation.offered else (asks,)
        if situation.seen is None:
            return Choice(entry=entry.id)
        views = self._views(entry, situation.seen, picked)
        silent = [view for view in views if not entry.sayable(view)]
        if len(views) > 1 and (silent or not self._alike(entry, views)):
            return self._which(entry, views)
        if silent:
            unseen = entry.unseen(views[0])
            told = "页面上没有看到" if unseen else ""
            return f"“{entry.id}”要说{'、'.join(unseen)}，{told}" if told else f"“{entry.id}”没有写这种情况怎么答"
        about = views[0].get("order.number", "") if entry.of_order else ""
        return Choice(entry=entry.id, order=about)

    def _views(
        self, entry: Entry, seen: Sequence[Mapping[str, str]], picked: Choice | None
    ) -> Sequence[Mapping[str, str]]:
        """What is seen of the orders that the entry may be about, or of the one that the buyer named."""
        if picked and picked.order:
            return [self.situation.view(picked.order) or {}]
        named = [view for view in seen if mentions(self.said, view.get("order.number", ""))]
        return named if len(named) == 1 and entry.of_order else _orders(entry, seen)

    def _alike(self, entry: Entry, views: Sequence[Mapping[str, str]]) -> bool:
        return len({self.knowledge.text(entry.id, 0, view) for view in views}) == 1

    def _which(self, entry: Entry, views: Sequence[Mapping[str, str]]) -> tuple[Choice, ...] | str:
        numbers = [view.get("order.number", "") for view in views]
        choices = tuple(Choice(entry=entry.id, order=number) for number in numbers)
        if not all(numbers) or len(choices) > self.policy.orders:
            return f"买家有 {len(choices)} 笔订单，不知道问的是哪一笔"
        if str(choices[0]) in self.situation.offered:
            return "问过是哪一笔订单，还是不清楚"
        return choices


def _orders(entry: Entry, seen: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """What is seen of the orders that the entry may be about: those it has a case for, and open ones first."""
    if not entry.of_order:
        return seen[:1]
    concerned = [view for view in seen if entry.concerns(view)]
    still_open = [view for view in concerned if not any(word in view.get("order.status", "") for word in _CLOSED)]
    return still_open or concerned or seen[:1]


def why_not(entry: Entry, situation: Situation) -> str:
    """What keeps an entry from being said or offered, in words; empty where nothing does."""
    if entry.for_person:
        return f"“{entry.id}”要由人工回答"
    if not entry.live:
        return f"“{entry.id}”还没有上线：{entry.why_not_live}"
    if entry.id in situation.away:
        return f"“{entry.id}”现在不在它的有效时间（active）里"
    return f"“{entry.id}”已经回答过一次，买家还在问" if entry.id in situation.given else ""


def near(
    ranked: Sequence[Ranked], situation: Situation, knowledge: Knowledge, policy: Policy
) -> tuple[tuple[Choice, ...], float, str]:
    """The likeliest entries to offer, the best one's confidence, and why none are offered."""
    best = ranked[0].confidence if ranked else 0.0
    if not ranked:
        return (), best, "不知道答案"
    first = knowledge.entry(ranked[0].entry)
    if best < policy.choose_at:
        return (), best, f"把握不够（最像“{first.id}”，{best:.2f}）"
    if why := _why_not_offered(first, situation):
        return (), best, why
    if situation.offered:
        return (), best, "给过选项，还是没弄清"
    likely = [knowledge.entry(each.entry) for each in ranked if each.confidence >= policy.choice_at]
    told = [entry for entry in likely if not _why_not_offered(entry, situation)]
    return tuple(Choice(entry=entry.id) for entry in told[: policy.choices]), best, ""


def _why_not_offered(entry: Entry, situation: Situation) -> str:
    """What keeps an entry from being offered: chosen, it must lead to an answer."""
    return why_not(entry, situation) or situation.forbidden.get(entry.id, "")
