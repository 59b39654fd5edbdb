"""Two questions in one message: each is surer beside another clear one, and only then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flows.company import in_company
from flows.situation import Asked
from knowledge.matcher import Ranked
from knowledge.talk import Talk
from knowledge.weights import Logistic, shipped

# Weights of the test's own: beside another clear question, odds are three times as good.
TRAINED = replace(shipped(), company=Logistic(slopes=np.array([1.0, 0.0]), bias=float(np.log(3))))


def asked(text: str, *matches: tuple[str, float]) -> Asked:
    ranked = tuple(Ranked(entry=name, confidence=sure, question="", reason="") for name, sure in matches)
    return Asked(text=text, talk=Talk.question, ranked=ranked)


SHIPS = asked("几天能发货呀", ("发货", 0.5), ("到货", 0.1))
PAPERS = asked("可以开发票吗", ("发票", 0.6))


def sure_of(*parts: Asked) -> list[float]:
    return [round(part.ranked[0].confidence, 2) for part in in_company(parts, TRAINED, 0.2) if part.ranked]


def test_two_clear_questions_make_each_other_surer() -> None:
    assert sure_of(SHIPS, PAPERS) == [0.75, 0.82]
    assert [each.confidence for each in in_company([SHIPS, PAPERS], TRAINED, 0.2)[0].ranked[1:]] == [0.1]


@pytest.mark.parametrize(
    "other",
    [
        asked("我昨天刚买的", ("发票", 0.6)),  # it tells, and asks nothing
        asked("开票吗", ("发票", 0.6)),  # a piece of a question
        asked("老板你是哪里人呀", ("发票", 0.19)),  # nothing that is known
        asked("几号能发货呢", ("发货", 0.6)),  # the same asked again
        asked("你们老板是谁呀"),
    ],
)
def test_what_is_no_other_clear_question_changes_nothing(other: Asked) -> None:
    assert sure_of(SHIPS, other)[0] == 0.5


def test_one_question_alone_stays_as_it_is() -> None:
    assert in_company([SHIPS], TRAINED, 0.2) == (SHIPS,)


def test_company_takes_nothing_away() -> None:
    doubting = replace(TRAINED, company=Logistic(slopes=np.array([1.0, 0.0]), bias=-1.0))
    assert in_company([SHIPS, PAPERS], doubting, 0.2) == (SHIPS, PAPERS)
