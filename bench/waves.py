"""A sale: ten times the usual load for ten minutes, then a hundred times for one; the end of `bench.surge`.

The practice console's own buyers come: known questions and unknown ones, bursts, thanks. The bots wait for bursts
as they usually do, and people are away. Judged by the console's record, as the demo is.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.house import SETTLE_SECONDS, House, house
from bots.demo.judge import Verdict
from bots.demo.run import verdict_on

# What 53 shops are asked in a usual second: a hundred questions a shop in the sixteen hours of a day.
USUAL = 0.1
_SEED = 7
# Whoever asked so much later than another one in the same shop has the later clock, bursts and all.
_LATER_MS = 10_000
# After a wave, for whoever is not seen to.
_REST_SECONDS = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """So many times the usual load for so many seconds."""

    times: float
    seconds: float


WAVES = (Wave(times=10, seconds=600), Wave(times=100, seconds=60))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ridden:
    """What became of a wave. `longest_ms`: to a first reply; `overtaken`: who got it after somebody of the same
    shop with a later clock.
    """

    wave: Wave
    verdict: Verdict
    longest_ms: float | None
    overtaken: int

    @property
    def clean(self) -> bool:
        """Whether nobody was lost, told twice, told what was another's, or told something wrong."""
        bad = self.verdict
        return not (bad.waiting or bad.lost or bad.duplicates or bad.misdelivered or bad.wrong)


async def ride(shops: int, usual: float, waves: Sequence[Wave] = WAVES) -> list[Ridden]:
    """One wave after the other over the same shops, each until all are seen to or it is late; tells which turns
    went wrong. All are judged when the last is over: what was said too late or once too often counts too.
    """
    err = Console(stderr=True)
    async with house(shops, seed=_SEED) as there:
        await there.up()
        await there.ready()
        begun = []
        for wave in waves:
            begun.append((await there.practice.truth())["now"])
            await _ride(there, usual, wave)
        truth = await there.practice.truth()
        parts = zip(waves, begun, [*begun[1:], truth["now"] + 1], strict=True)
        found = [await _judged(there, wave, part(truth, since, until)) for wave, since, until in parts]
        for one in found:
            err.print(one, highlight=False)
        for line in await there.blemishes():
            err.print(line, markup=False, highlight=False)
        await there.close()
    return found


async def _ride(there: House, usual: float, wave: Wave) -> None:
    await there.practice.control("buyers", run=True, rate=usual * wave.times, seconds=wave.seconds)
    with suppress(TimeoutError):  # whoever is not seen to by then is judged as it is
        await there.until(there.seen_to, wave.seconds + _REST_SECONDS)
    await asyncio.sleep(SETTLE_SECONDS)


def part(truth: Mapping[str, Any], since: int, until: int) -> Mapping[str, Any]:
    """The turns that were asked between two moments, with all that was said in their conversations."""
    turns = [turn for turn in truth["turns"] if since <= turn["asked_first"] < until]
    there = {(turn["shop"], turn["conversation"]) for turn in turns}
    messages = [one for one in truth["messages"] if (one["shop"], one["conversation"]) in there]
    return {**truth, "turns": turns, "messages": messages}


async def _judged(there: House, wave: Wave, truth: Mapping[str, Any]) -> Ridden:
    asked = [turn for turn in truth["turns"] if turn["needs_answer"]]
    took = [turn["got"][0]["at"] - turn["asked_first"] for turn in asked if turn["got"]]
    return Ridden(
        wave=wave,
        verdict=await verdict_on(truth, there.practice, there.ledger, there.knowledge),
        longest_ms=max(took, default=None),
        overtaken=overtaken(asked),
    )


def overtaken(turns: Iterable[Mapping[str, Any]]) -> int:
    """How many got their first reply after somebody of the same shop whose clock began later."""
    found, latest = 0, Counter[str]()
    for turn in sorted((turn for turn in turns if turn["got"]), key=lambda turn: turn["got"][0]["at"]):
        shop, asked = turn["shop"], turn["asked_first"]
        found += asked + _LATER_MS < latest[shop]
        latest[shop] = max(latest[shop], asked)
    return found


def weathered(found: Sequence[Ridden]) -> bool:
    """Whether nobody came to harm in any wave, and everybody in the first had a word within three minutes."""
    return all(one.clean for one in found) and all(one.verdict.rate_3min == 1.0 for one in found[:1])


def as_json(ridden: Ridden) -> dict[str, Any]:
    """The figures for a program."""
    return {**asdict(ridden.wave), **asdict(ridden.verdict)} | {
        "longest_ms": ridden.longest_ms,
        "overtaken": ridden.overtaken,
    }


def table(found: Sequence[Ridden], usual: float) -> Table:
    """The figures for people."""
    title = f"促销的浪头：平时每秒 {usual:g} 个提问"
    shown = Table(title=title, title_justify="left", header_style="bold")
    heads = (
        "",
        "提问",
        "3分钟率",
        "首次答复 p50 毫秒",
        "p99",
        "最久",
        "转人工",
        "没人管",
        "重复",
        "发错",
        "后来居上",
    )
    for heading in heads:
        shown.add_column(heading, justify="right" if heading else "left")
    for ridden in found:
        one, first = ridden.verdict, ridden.verdict.first_reply_ms
        values = (one.turns, one.rate_3min, first["p50"], first["p99"], ridden.longest_ms)
        counts = (one.handed_off, one.waiting + one.lost, one.duplicates, one.misdelivered, ridden.overtaken)
        cells = ("–" if value is None else f"{value:g}" for value in (*values, *counts))
        shown.add_row(f"{ridden.wave.times:g} 倍，{ridden.wave.seconds:g} 秒", *cells)
    return shown
