"""The simulated week: time that leaps, buyers by the hour, a page on paper, mishaps, a short night of it all."""

from __future__ import annotations

import asyncio
import json
import random
import time
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from base.errors import ConsoleNotReady
from base.places import shared
from bench.night.buyers import PROFILE
from bench.night.console import Door, PaperConsole
from bench.night.fast import FastClock, FastLoop, run_fast
from bench.night.figures import figures_of
from bench.night.mishaps import Mishap, strikes
from bench.night.page import PaperPage
from bench.night.report import pictures, report
from bench.night.week import CAMPAIGN, PAGES, START, Given, Lived, crowd_of, live, settings_of
from bots.settings import load_shop_pack
from flows.page import ConsolePage
from knowledge.model import load_knowledge

DAY = timedelta(days=1)
NIGHT = Given(shops=2, hours=3, daily=400)


async def nothing() -> bool:
    return True


# --- time -----------------------------------------------------------------------------------------------------


def test_a_day_passes_at_once_and_threads_take_no_time() -> None:
    async def main(loop: FastLoop) -> list[str]:
        order: list[str] = []
        clock = FastClock(loop, START)
        loop.call_later(3600, order.append, "an hour")
        await asyncio.sleep(86_400)
        order.append(await asyncio.to_thread(str, clock.now() - START))
        return order

    begun = time.monotonic()
    assert run_fast(main) == ["an hour", "1 day, 0:00:00"]
    assert time.monotonic() - begun < 30


def test_waiting_for_what_nothing_brings_is_an_error() -> None:
    async def main(_loop: FastLoop) -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="nothing will bring about"):
        run_fast(main)


# --- who comes and what befalls ---------------------------------------------------------------------------------


def test_a_day_has_a_trough_a_peak_and_nothing_left_over() -> None:
    assert sum(PROFILE) == pytest.approx(1)
    assert PROFILE.index(max(PROFILE)) == 21
    assert max(PROFILE[2:6]) * 10 < max(PROFILE)


def test_the_calendar_and_the_campaign_tell_how_many_come() -> None:
    hourly = crowd_of(Given(shops=10, daily=100)).hourly(START, 168)
    days = [sum(hourly[24 * day : 24 * day + 24]) for day in range(7)]
    # Three days of a holiday, two workdays, a Saturday that is worked and has the campaign, a Sunday.
    assert days[:5] + days[6:] == pytest.approx([1250, 1250, 1250, 1000, 1000, 1150])
    assert hourly[24 * 5 + 20] == pytest.approx(10 * hourly[24 * 4 + 20])
    assert (CAMPAIGN.start - START) == 5 * DAY + timedelta(hours=20)


def test_buyers_come_in_order_and_the_same_for_the_same_seed() -> None:
    crowd = crowd_of(Given(shops=2, daily=300))
    first, again, other = (list(crowd.visits(START, 24, {"a": "cup", "b": "towel"}, seed)) for seed in (1, 1, 2))
    assert first == again != other
    times = [visit.at for visit in first]
    assert times == sorted(times) and times[-1] < 86_400
    assert len(times) == pytest.approx(750, rel=0.15)
    assert sum(2 <= at // 3600 < 6 for at in times) < sum(at // 3600 == 21 for at in times)


def test_every_kind_of_mishap_befalls_within_the_time() -> None:
    found = strikes(["a", "b"], 3 * 3600, 1)
    assert {strike.kind for strike in found} == {*Mishap}
    assert found == strikes(["a", "b"], 3 * 3600, 1)
    assert all(strike.at >= 0 and strike.at + strike.seconds <= 3 * 3600 for strike in found)
    assert sum(strike.kind is Mishap.login for strike in strikes(["a"] * 53, 7 * 86_400, 1)) == 30


# --- the page on paper ------------------------------------------------------------------------------------------


def on_paper(console: PaperConsole, changed: list[frozenset[str]]) -> ConsolePage:
    shop = settings_of(1).shops[0]
    pack = load_shop_pack(shop, Path())
    return PaperPage.open(console, pack, PAGES, random.Random(1), changed.append)  # noqa: S311 - play


def test_the_page_sends_only_what_still_fits() -> None:
    async def main(loop: FastLoop) -> tuple[list[str], float | None]:
        console = PaperConsole("a", FastClock(loop, START), door=Door.open)
        page = on_paper(console, [])
        console.ask("k", "在吗", None)
        thread = (await page.press_row("k", timeout=2)).thread
        assert thread is not None
        send = partial(page.send, "k", "亲", known=(), timeout=2, commit=nothing)
        outcomes = [(await send(latest=thread.latest)).why]
        await page.write("k", "亲", before="")
        console.ask("k", "什么时候发货", "发货时间")
        outcomes.append((await send(latest=thread.latest)).why)
        newest = await page.thread()
        assert newest is not None
        outcomes.append((await send(latest=newest.latest)).why)
        return outcomes, console.turns[0].got_at

    outcomes, got_at = run_fast(main)
    assert outcomes == ["other conversation", "newer message", ""]
    assert got_at is not None and PAGES.p50_ms / 1000 < got_at < 2


def test_a_page_that_is_cut_off_shows_what_it_showed_and_sends_nothing() -> None:
    async def main(loop: FastLoop) -> None:
        console = PaperConsole("a", FastClock(loop, START), door=Door.open)
        changed: list[frozenset[str]] = []
        page = on_paper(console, changed)
        console.ask("k", "在吗", None)
        before = await page.read()
        console.change(connected=False)
        console.ask("other", "在吗", None)
        after = await page.read()
        assert before.rows == after.rows and "offline" in after.signals
        assert frozenset({"signals"}) in changed
        with pytest.raises(ConsoleNotReady):
            await page.press_row("k", timeout=2)

    run_fast(main)


def test_the_same_words_twice_are_noticed() -> None:
    async def main(loop: FastLoop) -> int:
        console = PaperConsole("a", FastClock(loop, START), door=Door.open)
        console.ask("k", "在吗", None)
        console.answer("k", "亲，在的", "bot")
        console.answer("k", "亲，在的", "bot")
        console.ask("k", "在吗", None)
        console.answer("k", "亲，在的", "bot")
        return console.twice

    assert run_fast(main) == 1


def test_a_wrong_answer_and_another_wording_of_the_same_are_noticed(tmp_path: Path) -> None:
    night = lived(tmp_path, replace(NIGHT, hours=1, daily=100))
    right = next(turn for turn in night.turns if turn.topic and turn.got_by == "bot")
    before = figures_of(night)
    assert (before.twice, before.wrong) == (0, 0)
    knowledge = load_knowledge(shared("knowledge.yaml"))
    once = knowledge.text(right.topic or "", 0)
    other = next(entry for entry in knowledge.entries if entry.id != right.topic)
    word = replace(right.got[0], text=once)
    right.got[:] = [word]
    good = figures_of(night)
    assert (good.twice, good.wrong, good.by_bot >= before.by_bot) == (0, 0, True)
    right.got[:] = [word, word]
    assert figures_of(night).twice == 1
    right.got[:] = [replace(word, text=knowledge.text(other.id, 0))]
    bad = figures_of(night)
    assert (bad.wrong, bad.by_bot, bad.sound) == (1, good.by_bot - 1, False)
    right.got[:] = [replace(word, text=knowledge.holding_text(number, resume="9点")) for number in (0, 1)]
    assert figures_of(night).twice == 1


# --- a few hours of it all --------------------------------------------------------------------------------------


def lived(folder: Path, given: Given = NIGHT) -> Lived:
    return run_fast(lambda loop: live(loop, given, folder))


@pytest.mark.timeout(180)
def test_a_short_night_is_covered_whatever_befalls_and_is_the_same_again(tmp_path: Path) -> None:
    night, again = lived(tmp_path / "one"), lived(tmp_path / "two")
    found = figures_of(night)
    assert [(turn.key, turn.got_at, turn.got_by) for turn in night.turns] == [
        (turn.key, turn.got_at, turn.got_by) for turn in again.turns
    ]
    assert found.all.turns > 20
    assert (found.lost, found.twice, found.unplanned, dict(found.errors)) == (0, 0, 0, {})
    assert found.all.share > 0.8 and found.ledger == pytest.approx(found.all.share, abs=0.1)
    assert 0 < found.unattended < found.hours / 4
    assert found.wrong == 0 and min(found.by_bot, found.by_choice) > 0
    assert found.handoffs == sum(found.handoffs_at) > 0
    assert json.loads(json.dumps(asdict(found)))["mishaps"] == found.mishaps
    text = report(night, found)
    assert "It is a simulation" in text and "{" not in text
    assert set(pictures(night, found)) == {"asked.svg", "shops.svg", "people.svg", "roster.svg"}
