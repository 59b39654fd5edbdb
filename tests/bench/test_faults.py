"""The campaign of faults: some of its injections, what is struck when, and what counts as what."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from base.places import shared
from bench.faults.__main__ import figures, table
from bench.faults.campaign import Verdict, run
from bench.faults.consoles import CONSOLES, Heard
from bench.faults.judging import Asked, Struck, Tally, judge_turn, met, recovery
from bench.faults.plan import MOMENTS, plan, rounds
from bench.faults.strikes import FAULTS
from bench.faults.wire import Wire
from bots.demo.judge import Phrasebook
from knowledge.model import load_knowledge

CI = 60
KNOWLEDGE = load_knowledge(shared("knowledge.yaml"))
BOOK = Phrasebook(KNOWLEDGE)
RIGHT, OTHER = KNOWLEDGE.text("发货时间", 0), KNOWLEDGE.text("发票", 0)
HOLD = KNOWLEDGE.holding_text(0, resume="明天9点")
ASKED = Asked(key="k", shop="shop-1", entry="发货时间", injection=0)
STRUCK = Struck(
    number=0, fault="disk_full", console="plain", wanted="typing", state="typing", begun=1_000, ended=5_000
)


@pytest.mark.timeout(900)
async def test_injections_say_nothing_twice_and_lose_nobody(tmp_path: Path) -> None:
    told: list[str] = []
    verdicts: list[Verdict] = []
    await run(plan(injections=CI, seed=7), tmp_path, lanes=4, told=told.append, judged=verdicts.extend)
    found = figures(verdicts)
    total = found["total"]
    assert (total["injections"], len(told)) == (CI, CI)
    assert set(found["faults"]) == set(FAULTS)
    assert [
        (name, one)
        for name, one in found["faults"].items()
        if one["duplicates"] or one["misdelivered"] or one["lost"]
    ] == []
    assert total["turns"] >= 3 * CI
    assert len(found["without_person"]) == len(total)
    assert all(verdict.tally.recovery for verdict in verdicts)
    assert table(found).row_count == len(FAULTS) + 1


# --- what is struck ------------------------------------------------------------------------------------------


def test_a_plan_follows_from_its_seed_and_holds_every_fault_at_every_moment() -> None:
    legs = plan(injections=500, seed=3)
    assert legs == plan(injections=500, seed=3) != plan(injections=500, seed=4)
    everything = [one for leg in legs for one in leg.injections]
    assert sorted(one.number for one in everything) == list(range(500))
    cells = Counter((one.fault, one.moment) for one in everything)
    assert set(cells) == {(fault, moment) for fault in FAULTS for moment in MOMENTS}
    assert max(cells.values()) - min(cells.values()) <= 1
    assert {leg.console for leg in legs} == set(CONSOLES)
    assert all(leg.console in FAULTS[one.fault].consoles for leg in legs for one in leg.injections)


def test_what_strikes_all_shops_strikes_alone() -> None:
    (leg, *_more) = plan(injections=200, seed=3, consoles=["plain"])
    made = rounds(leg.injections, 3)
    assert sorted(one.number for batch in made for one in batch) == sorted(one.number for one in leg.injections)
    assert all(len(batch) <= 3 and (len(batch) == 1 or not any(one.wide for one in batch)) for batch in made)
    assert any(len(batch) == 3 for batch in made)


# --- what counts as what -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "people", "wrong"),
    [
        ([RIGHT], [], {}),
        ([HOLD], ["k"], {}),
        ([HOLD, RIGHT], [], {}),
        ([], ["k"], {}),
        ([], [], {"lost": 1}),
        ([HOLD], ["another"], {"lost": 1}),
        ([RIGHT, RIGHT], [], {"duplicates": 1}),
        ([HOLD, HOLD, HOLD], ["k"], {"duplicates": 2}),
        ([OTHER], [], {"misdelivered": 1}),
        ([RIGHT, OTHER], [], {"duplicates": 1, "misdelivered": 1}),
        (["自己写的话"], ["k"], {"misdelivered": 1}),
    ],
)
def test_a_turn(texts: list[str], people: list[str], wrong: dict[str, Any]) -> None:
    heard = [Heard(text=text, at=number) for number, text in enumerate(texts)]
    tally = judge_turn(ASKED, heard, BOOK, people)
    assert tally == Tally(turns=1, **wrong)


def test_recovery_is_the_first_word_after_the_end_in_each_shop() -> None:
    turns = [ASKED, Asked(key="l", shop="shop-2", entry=None, injection=0)]
    heard = {"k": at(4_000, 6_500), "l": at(9_000)}
    assert recovery(STRUCK, turns, heard) == (1.5, 4.0)
    assert recovery(STRUCK, turns, {"k": at(4_000), "l": []}) == ()


def test_the_needs() -> None:
    good = Verdict(struck=STRUCK, tally=Tally(injections=1, turns=100, unverified=2, recovery=[9.0]))
    assert figures([good])["met"]
    for bad in (
        Tally(injections=1, turns=100, duplicates=1),
        Tally(injections=1, turns=100, misdelivered=1),
        Tally(injections=1, turns=100, lost=1),
        Tally(injections=1, turns=100, unverified=1, unverified_outside=1),
        Tally(injections=1, turns=100, unverified=3),
        Tally(injections=1, turns=100, recovery=[10.5]),
        Tally(),
    ):
        assert not figures([Verdict(struck=STRUCK, tally=bad)])["met"]
    shown = good.tally.shown()
    assert not met(shown, shown, {**shown, "recovery_s": {"p95": 7.0, "max": 8.5}})


def at(*moments: int) -> Sequence[Heard]:
    return [Heard(text=RIGHT, at=moment) for moment in moments]


# --- the wire ------------------------------------------------------------------------------------------------


async def test_a_wire_is_cut_is_silent_and_is_mended() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        wire = await Wire.to(server.sockets[0].getsockname()[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(b"1\n")
        assert await reader.readline() == b"1\n"
        wire.cut(silent=True)
        writer.write(b"2\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.1)
        wire.mend()
        assert await reader.readline() == b"2\n"
        wire.cut(silent=False)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
        wire.mend()
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(b"3\n")
        assert await reader.readline() == b"3\n"
        writer.close()
        await wire.close()
