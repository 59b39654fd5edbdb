"""Figures for Prometheus, from the ledger and the supervisor; counted since this process began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from bots.supervisor import WorkerFigures
from storage.meter import first_reply_seconds
from storage.queues import Queue
from storage.records import ShopRow, ShopState, Turn, TurnState

CONTENT_TYPE = CONTENT_TYPE_LATEST
# The three-minute clock is one of the bounds, so that a rule can count those within it.
_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 150, 180, 300, 600)
_ENDED = (TurnState.answered, TurnState.ignored, TurnState.observed)
# A turn that people never finished is followed no longer.
FOLLOWED = timedelta(hours=24)
_MIB = 1024 * 1024
# What may come of a turn stands at zero from the start: of what begins at one `increase()` sees nothing.
_ENDS = tuple(
    product(("answer", "choose", "hold", "handoff", "ignore", "none"), ("bot", "person", "robot", "nobody"))
)
_FIRST_REPLIES = ("answer", "hold", "person", "robot")
# When a counter began is a series more for each, of which nothing here makes use.
disable_created_metrics()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is to be seen at a moment; `turns`: the new ones, and those of `Metrics.followed`.

    `well`: each shop of the list, and whether it is looked after; `staffed`: whether its people are on shift.
    """

    now: datetime
    in_charge: bool
    shops: Sequence[ShopRow]
    well: Mapping[str, bool]
    staffed: Mapping[str, bool]
    queues: Sequence[Queue]
    turns: Sequence[Turn]
    workers: Sequence[WorkerFigures]
    knowledge_trouble: bool
    roll_trouble: bool


class Metrics:
    """The figures, brought up to date by `note`."""

    def __init__(self, newest: int, unended: Iterable[Turn] = ()) -> None:
        """Counts, each once, what comes of the turns after the one with the id `newest`, and of `unended`."""
        self.newest = newest
        # Turns that have not ended, and whether their first reply was counted, here or where it was seen.
        self._followed = {turn.id: first_reply_seconds(turn) is not None for turn in unended}
        self._restarts: dict[int, int] = {}
        self._registry = CollectorRegistry()
        self._turns = self._counter(
            "turns", "Turns that have ended, by what was decided and who answered", "shop", "outcome", "by"
        )
        self._latency = Histogram(
            "nightdesk_first_reply_seconds",
            "Seconds from the buyer's message to the first reply, by what that was",
            ("shop", "outcome"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._well = self._gauge("shop_ok", "1 for a shop that is looked after, as /healthz sees it", "shop")
        self._staffed = self._gauge(
            "people_on_shift", "1 for a shop whose people are on shift by its roster", "shop"
        )
        self._state = self._gauge(
            "shop_state", "1 for the state that a shop is in, 0 for the others", "shop", "state"
        )
        self._read_age = self._gauge("shop_read_age_seconds", "Seconds since a shop's list was last read", "shop")
        self._beat_age = self._gauge("shop_beat_age_seconds", "Seconds since a shop's worker showed life", "shop")
        self._open = self._gauge("open_turns", "Buyers who wait for the bot", "shop")
        self._open_age = self._gauge("oldest_open_turn_seconds", "Age of the oldest of them, 0 for none", "shop")
        self._handed = self._gauge("open_handoffs", "Turns that wait for a person", "shop")
        self._handed_age = self._gauge(
            "oldest_open_handoff_seconds", "Age of the oldest of them, 0 for none", "shop"
        )
        self._unverified = self._gauge(
            "unverified_replies", "Replies of which nobody knows if they arrived", "shop"
        )
        self._worker_restarts = self._counter("worker_restarts", "How often a worker was started anew", "worker")
        self._memory = self._gauge(
            "worker_memory_bytes", "What a worker and its browser take; one is weighed every 10 seconds", "worker"
        )
        self._knowledge = self._gauge("knowledge_trouble", "1 while the newest edit of the knowledge is wrong")
        self._roll = self._gauge("shops_trouble", "1 while the newest edit of the list of shops is wrong")
        self._in_charge = self._gauge("in_charge", "1 for the process in charge, 0 for one that stands by")

    @property
    def followed(self) -> list[int]:
        """The turns that may still change."""
        return list(self._followed)

    def note(self, scene: Scene) -> None:
        """Take in what is to be seen now."""
        self._note_turns(scene.turns, scene.now)
        self._note_shops(scene)
        self._note_workers(scene.workers)
        self._knowledge.set(scene.knowledge_trouble)
        self._roll.set(scene.roll_trouble)
        self._in_charge.set(scene.in_charge)

    def text(self) -> bytes:
        """The figures as Prometheus reads them."""
        return generate_latest(self._registry)

    def _note_turns(self, turns: Iterable[Turn], now: datetime) -> None:
        for turn in turns:
            self.newest = max(self.newest, turn.id)
            told = self._followed.pop(turn.id, False) or self._note_first_reply(turn)
            if turn.state in _ENDED:
                by = turn.reply_by or "nobody"
                self._turns.labels(turn.shop, turn.outcome or "none", by).inc()
            elif now - turn.seen_at < FOLLOWED:
                self._followed[turn.id] = told

    def _note_first_reply(self, turn: Turn) -> bool:
        seconds = first_reply_seconds(turn)
        if seconds is None:
            return False
        held = turn.holding_at is not None and (turn.reply_at is None or turn.holding_at <= turn.reply_at)
        by = turn.holding_by if held else turn.reply_by
        outcome = str(by) if by != "bot" else "hold" if held else "answer"
        self._latency.labels(turn.shop, outcome).observe(seconds)
        return True

    def _note_shops(self, scene: Scene) -> None:
        for gauge in (self._well, self._staffed, self._state, self._read_age, self._beat_age):
            gauge.clear()  # a shop that is gone must not stay
        for gauge, known in ((self._well, scene.well), (self._staffed, scene.staffed)):
            for shop, yes in known.items():
                gauge.labels(shop).set(yes)
        for row in scene.shops:
            for outcome, by in _ENDS:
                self._turns.labels(row.shop, outcome, by)
            for outcome in _FIRST_REPLIES:
                self._latency.labels(row.shop, outcome)
            for state in ShopState:
                self._state.labels(row.shop, state.value).set(row.state is state)
            for gauge, moment in ((self._read_age, row.read_at), (self._beat_age, row.beat_at)):
                if moment is not None:
                    gauge.labels(row.shop).set(_age(moment, scene.now))
        shown = {row.shop for row in scene.shops}
        values: Mapping[Gauge, list[tuple[str, float]]] = {
            self._open: [(each.shop, each.turns) for each in scene.queues],
            self._open_age: [(each.shop, _age(each.oldest_turn, scene.now)) for each in scene.queues],
            self._handed: [(each.shop, each.handoffs) for each in scene.queues],
            self._handed_age: [(each.shop, _age(each.oldest_handoff, scene.now)) for each in scene.queues],
            self._unverified: [(each.shop, each.unverified) for each in scene.queues],
        }
        for gauge, told in values.items():
            gauge.clear()
            for shop, value in told:
                if shop in shown:
                    gauge.labels(shop).set(value)

    def _note_workers(self, workers: Sequence[WorkerFigures]) -> None:
        self._memory.clear()  # a worker that is gone must not stay
        for worker in workers:
            number = str(worker.number)
            self._worker_restarts.labels(number).inc(worker.restarts - self._restarts.get(worker.number, 0))
            self._memory.labels(number).set(worker.memory * _MIB)
        self._restarts = {worker.number: worker.restarts for worker in workers}

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"nightdesk_{name}", told, labels, registry=self._registry)

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(f"nightdesk_{name}", told, labels, registry=self._registry)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
