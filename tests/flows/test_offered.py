"""What a buyer's next words make of what was offered, where they name none of it."""

from __future__ import annotations

import pytest

from flows.choices import Choice
from flows.decide import Asked, Policy, Situation, resolve
from knowledge.matcher import Ranked
from knowledge.model import Knowledge
from knowledge.talk import Talk

KNOWLEDGE = Knowledge.model_validate(
    {"entries": [{"id": name, "questions": f"{name}怎么弄", "answer": "这样"} for name in ("改收件人", "换货")]}
)
POLICY = Policy(answer_at=0.9, choose_at=0.2, choices=3, choice_at=0.1, answers=3, holds=3)


@pytest.mark.parametrize(
    ("offered", "likely", "picked"),
    [
        (("改收件人",), 0.26, None),  # whether a name can be put on a cup is another question
        (("改收件人",), 0.49, None),
        (("改收件人",), 0.55, Choice(entry="改收件人")),
        (("改收件人", "换货"), 0.55, Choice(entry="改收件人")),
        (("换货",), 0.55, None),
    ],
)
def test_words_choose_by_their_meaning_only_what_they_mean_likelier_than_not(
    offered: tuple[str, ...], likely: float, picked: Choice | None
) -> None:
    ranked = (Ranked(entry="改收件人", confidence=likely, question="", reason=""),)
    words = Asked(text="可以刻名字吗", talk=Talk.question, ranked=ranked)
    chosen = resolve([words], Situation(offered=offered), KNOWLEDGE, POLICY)
    assert chosen is not None and [part.picked for part in chosen] == [picked]
