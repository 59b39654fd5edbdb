"""What the week amounts to: each shop's rate, the hours covered, what people got, what it saved. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from base.places import shared
from bench.night.console import Asked
from bench.night.people import ANSWERS
from bench.night.week import START, ZONE, Lived
from bots.demo.judge import Phrasebook, Said, judge
from knowledge.model import load_knowledge
from storage.meter import THREE_MINUTES, percentile

# How many shops one person can keep an eye on at a time: an assumption.
SHOPS_EACH = 10
_NIGHT_BEGINS, _NIGHT_ENDS = 22, 8
_DAY = timedelta(days=1)
_BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many of the questions got a first reply within three minutes, by the console's clock."""

    turns: int
    met: int

    @property
    def share(self) -> float:
        """The three-minute rate; whole where nobody asked."""
        return self.met / self.turns if self.turns else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The figures of a week. Hours are those of all shops together, lists by hour run from midnight.

    `ledger`: the rate as our own meter has it; `alone`: of the questions asked while no people were on shift;
    `twice`: texts beyond a word of patience and an answer, to a buyer who had said nothing since; `wrong`: turns
    in which a bot said what is no answer to them; `unplanned`: hours in which by the roster nobody is there;
    `unattended`: in which no bot was at work, by looks on a beat; `letters`: by night, how many each person got;
    `waits`: seconds until a person answered a handoff, p50 and p95, by whether people were on shift when it was
    opened; `by_bot`: turns that a bot alone answered; `by_choice`: to which it only offered a choice, which the
    buyers of this week do not take up.
    """

    all: Rate
    shops: Mapping[str, Rate]
    days: Mapping[str, Rate]
    alone: Rate
    ledger: float
    lost: int
    twice: int
    wrong: int
    first_reply_s: Mapping[str, float | None]
    hours: float
    unplanned: float
    unattended: float
    asked_hourly: Sequence[int]
    late_hourly: Sequence[int]
    handoffs: int
    handoffs_open: int
    handoffs_at: Sequence[int]
    letters_at: Sequence[int]
    letters: Mapping[str, Mapping[str, int]]
    waits: Mapping[str, tuple[float | None, float | None]]
    mishaps: Mapping[str, int]
    by_bot: int
    by_choice: int
    answering_saved_h: float
    presence_saved_h: float
    errors: Mapping[str, int]

    @property
    def sound(self) -> bool:
        """Whether every hour is planned for, every shop reaches 95%, no one was lost, told twice or wrongly."""
        reached = all(rate.share >= 0.95 for rate in self.shops.values())
        bad = self.unplanned or self.lost or self.twice or self.wrong or self.errors
        return self.all.turns > 0 and reached and not bad


def figures_of(lived: Lived) -> Found:
    """What came of a week."""
    turns, given = lived.turns, lived.given
    hours, end = given.hours, given.end
    people = lived.settings.people_plan()
    alone = [turn for turn in turns if not people.at(_moment(turn.at), ZONE).on]
    took = sorted(turn.got_at - turn.at for turn in turns if turn.got_at is not None)
    gaps = [gap.hours for roster in lived.rosters.values() for gap in roster.gaps(START, end)]
    off = sum(
        (each.end - each.start).total_seconds() for each in people.spells(START, end, ZONE) if not each.work.on
    )
    handed = {each.where for each in lived.handoffs}
    knowledge = load_knowledge(shared("knowledge.yaml"))
    verdict = judge(_truth(turns), knowledge, bots=frozenset({_BOT}), intended=(), queue=frozenset(handed))
    book = Phrasebook(knowledge)
    alike = [_best(turn, book) for turn in turns if turn.got_by == _BOT and (turn.shop, turn.key) not in handed]
    by_bot, by_choice = alike.count(Said.answer), alike.count(Said.choose)
    due = [line for line in lived.figures if line.due]
    return Found(
        all=_rate(turns),
        shops={shop: _rate([turn for turn in turns if turn.shop == shop]) for shop in lived.rosters},
        days={
            f"{START + number * _DAY:%m-%d}": _rate([turn for turn in turns if turn.at // 86_400 == number])
            for number in range(given.days)
        },
        alone=_rate(alone),
        ledger=sum(line.met for line in due) / sum(line.due for line in due) if due else 1.0,
        lost=sum(turn.got_at is None for turn in turns),
        twice=max(lived.twice, verdict.duplicates),
        wrong=verdict.wrong,
        first_reply_s={f"p{part}": percentile(took, part) for part in (50, 95, 99)},
        hours=float(hours * given.shops),
        unplanned=sum(gaps),
        unattended=sum(given.shops * (1 - on / of) for hour, (on, of) in lived.attended.items() if hour < hours),
        asked_hourly=_hourly([turn.at for turn in turns], hours),
        late_hourly=_hourly([turn.at for turn in turns if not _met(turn)], hours),
        handoffs=len(lived.handoffs),
        handoffs_open=sum(each.done_at is None for each in lived.handoffs),
        handoffs_at=_by_hour([each.opened_at for each in lived.handoffs]),
        letters_at=_by_hour([at for at, _person, _calls in lived.rang]),
        letters=_letters(lived.rang, given.days),
        waits=_waits(lived),
        mishaps=dict(Counter(strike.kind.value for strike in lived.strikes)),
        by_bot=by_bot,
        by_choice=by_choice,
        answering_saved_h=by_bot * ANSWERS[0] / 3600,
        presence_saved_h=off / 3600 * ceil(given.shops / SHOPS_EACH),
        errors=dict(lived.errors),
    )


def _truth(turns: Sequence[Asked]) -> dict[str, Any]:
    """The week as `judge` reads it: milliseconds, and who spoke by account."""

    def told(turn: Asked) -> list[dict[str, Any]]:
        return [
            {"text": word.text, "at": 1000 * word.at, "account": word.by, "seen": word.seen} for word in turn.got
        ]

    return {
        "turns": [
            {
                "shop": turn.shop,
                "conversation": turn.key,
                "topic": turn.topic,
                "needs_answer": True,
                "got": told(turn),
                "asked_first": 1000 * turn.at,
                "asked_last": 1000 * turn.at,
            }
            for turn in turns
        ],
        "messages": [],
    }


def _best(turn: Asked, book: Phrasebook) -> Said | None:
    """An answer to it, else a choice, that a bot gave; None for anything else."""
    read = [book.read(word.text) for word in turn.got if word.by == _BOT]
    if any(said is Said.answer and entries == {turn.topic} for said, entries in read):
        return Said.answer
    return Said.choose if any(said is Said.choose for said, _entries in read) else None


def _rate(turns: Sequence[Asked]) -> Rate:
    return Rate(turns=len(turns), met=sum(map(_met, turns)))


def _met(turn: Asked) -> bool:
    return turn.got_at is not None and turn.got_at - turn.at <= THREE_MINUTES


def _moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _hourly(seconds: Sequence[float], hours: int) -> list[int]:
    counted = Counter(int(each // 3600) for each in seconds)
    return [counted[hour] for hour in range(hours)]


def _by_hour(moments: Sequence[datetime]) -> list[int]:
    counted = Counter(moment.astimezone(ZONE).hour for moment in moments)
    return [counted[hour] for hour in range(24)]


def _letters(rang: Sequence[tuple[datetime, str, bool]], days: int) -> dict[str, dict[str, int]]:
    """By the evening on which a night began, how many letters each person got in it."""
    nights: dict[str, dict[str, int]] = {}
    for number in range(days):
        begin = START + number * _DAY + timedelta(hours=_NIGHT_BEGINS)
        end = START + (number + 1) * _DAY + timedelta(hours=_NIGHT_ENDS)
        nights[f"{begin:%m-%d}"] = dict(Counter(person for at, person, _calls in rang if begin <= at < end))
    return nights


def _waits(lived: Lived) -> dict[str, tuple[float | None, float | None]]:
    people = lived.settings.people_plan()
    found = {}
    for name, there in (("people_there", True), ("people_away", False)):
        waited = sorted(
            (each.done_at - each.opened_at).total_seconds()
            for each in lived.handoffs
            if each.done_at is not None and people.at(each.opened_at, ZONE).on is there
        )
        found[name] = (percentile(waited, 50), percentile(waited, 95))
    return found
