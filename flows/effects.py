"""What taking in proposals would do: to tests, to known and to real questions, and whether the guard allows it."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from flows.guard import Guard, load_lists
from flows.scoring import Scorer
from flows.trial import Difference, differences, questions, run_tests
from knowledge.book import Knowledge
from knowledge.entry import Entry
from knowledge.proposals import Effect, Proposal

_SHOWN = 5
# New questions change nothing for those that are less like them, in percent.
_NEAR = 40


def foresee(
    knowledge: Knowledge, before: Scorer, asked: Sequence[str], proposals: Sequence[Proposal]
) -> list[Proposal]:
    """The proposals, each with what it does when all are taken in; `asked`: real questions to try them on."""
    if not proposals:
        return []
    together = with_proposals(knowledge, proposals)
    after = Scorer(together)
    texts = [*_near(questions(knowledge), proposals), *asked]
    changed = list(differences(before, after, texts))
    count = len(run_tests(knowledge, before))
    passed = [sum(each.passed for each in run_tests(*pair)) for pair in ((knowledge, before), (together, after))]
    guard = Guard(load_lists(), knowledge.never_say)
    real = frozenset(asked)
    return [
        proposal.model_copy(
            update={
                "effect": Effect(
                    tests=f"{passed[0]}/{count} → {passed[1]}/{count}",
                    answered=_answered(proposal, changed, real),
                    changed=tuple(_changes_by(proposal, changed, real)),
                    blocked=_blocked(proposal, guard),
                )
            }
        )
        for proposal in proposals
    ]


def with_proposals(knowledge: Knowledge, proposals: Sequence[Proposal]) -> Knowledge:
    """The knowledge as it would be with the proposals taken in."""
    added: dict[str, list[str]] = {}
    for proposal in proposals:
        added.setdefault(proposal.into or "", []).extend(proposal.questions)
    grown = [
        entry.model_copy(update={"questions": (*entry.questions, *added.get(entry.id, ()))})
        for entry in knowledge.entries
    ]
    fresh = [
        Entry.model_validate(proposal.entry.as_entry()) for proposal in proposals if proposal.entry is not None
    ]
    fields = {name: getattr(knowledge, name) for name in Knowledge.model_fields}
    return Knowledge.model_construct(**fields | {"entries": (*grown, *fresh)})


def _near(known: Sequence[str], proposals: Sequence[Proposal]) -> list[str]:
    """The questions that may be affected: those like one of the new ones."""
    new = [text for proposal in proposals for text in _asked(proposal)]
    if not known or not new:
        return []
    likest = process.cdist(known, new, scorer=fuzz.ratio, score_cutoff=_NEAR).max(axis=1)
    return [text for text, near in zip(known, likest, strict=True) if near]


def _asked(proposal: Proposal) -> Sequence[str]:
    return proposal.entry.questions if proposal.entry is not None else proposal.questions


def _target(proposal: Proposal) -> str:
    return proposal.entry.id if proposal.entry is not None else proposal.into or ""


def _answered(proposal: Proposal, changed: Sequence[Difference], real: frozenset[str]) -> str:
    gained = [each for each in changed if each.text in real and _target(proposal) in each.new.answered]
    return f"最近的 {len(real)} 句提问里多答 {len(gained)} 句" if real else "没有最近的提问可试"


def _changes_by(proposal: Proposal, changed: Sequence[Difference], real: frozenset[str]) -> list[str]:
    """Known questions that this proposal has a hand in."""
    found = [
        f"{each.text}：{each.before} → {each.after}"
        for each in changed
        if each.text not in real and _target(proposal) in {each.new.entry, *each.new.choices}
    ]
    return found[:_SHOWN]


def _blocked(proposal: Proposal, guard: Guard) -> str:
    verdicts = guard.check_all(proposal.entry.answer if proposal.entry is not None else ())
    return "；".join(dict.fromkeys(verdict.reason for verdict in verdicts if not verdict.allowed))
