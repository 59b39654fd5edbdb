"""Knowledge edited while bots run: good edits go live at once, wrong ones change nothing and are told."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from base.clock import SystemClock
from base.errors import ConfigError
from bots.keeper import MindKeeper
from storage.ledger import Ledger
from storage.records import Event
from storage.thread import LedgerThread
from tests.attending import eventually
from tests.fresh import fresh

GOOD = """\
entries:
  - {id: 发货, questions: [什么时候发货], answer: %s}
"""


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[LedgerThread]:
    opened = await LedgerThread.open(fresh(tmp_path / "ledger.db"), SystemClock())
    yield opened
    await opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "home" / "knowledge.yaml"
    path.parent.mkdir()
    path.write_text(GOOD % "一")
    return path


@pytest.fixture
async def keeper(file: Path, ledger: LedgerThread) -> AsyncIterator[MindKeeper]:
    kept = await MindKeeper.open(file, ledger, SystemClock())
    kept.start()
    yield kept
    await kept.stop()


def save(file: Path, text: str) -> None:
    file.write_text(text)


def renew(file: Path, text: str) -> None:
    """As some editors write: the old file goes, a new one gets its name."""
    file.unlink()
    fresh = file.with_name("4913")
    fresh.write_text(text)
    fresh.replace(file)


def says(keeper: MindKeeper, answer: str) -> Callable[[], Awaitable[bool]]:
    async def told() -> bool:
        return keeper.mind().library.default.text("发货", 0) == answer

    return told


async def events(ledger: LedgerThread) -> list[Event]:
    return [event for event in await ledger(Ledger.events) if event.kind == "knowledge"]


def states(ledger: LedgerThread, *wanted: str) -> Callable[[], Awaitable[bool]]:
    async def told() -> bool:
        return [event.detail["state"] for event in await events(ledger)] == list(wanted)

    return told


async def test_a_good_edit_goes_live_and_is_kept(keeper: MindKeeper, file: Path, ledger: LedgerThread) -> None:
    save(file, GOOD % "二")
    await eventually(says(keeper, "二"))
    await eventually(states(ledger, "live", "live"))
    newest, first = await ledger(Ledger.knowledge_notes)
    assert (await ledger(Ledger.knowledge_files, newest.digest)) == {"knowledge.yaml": GOOD % "二"}
    assert (await ledger(Ledger.knowledge_files, first.digest)) == {"knowledge.yaml": GOOD % "一"}
    assert (await events(ledger))[-1].detail["changes"] == "改动 发货（answer）"


async def test_a_wrong_edit_keeps_the_last_good_version_and_says_where(
    keeper: MindKeeper, file: Path, ledger: LedgerThread
) -> None:
    save(file, GOOD % "二" + "  - {id: 坏了}\n")
    await eventually(states(ledger, "live", "broken"))
    assert await says(keeper, "一")()
    told = (await events(ledger))[-1]
    assert (told.severity, told.detail["file"], told.detail["line"]) == ("alert", str(file), 3)
    save(file, GOOD % "一")
    await eventually(states(ledger, "live", "broken", "live"))
    mended = (await events(ledger))[-1]
    assert (mended.severity, mended.detail["mended"]) == ("info", True)


async def test_a_file_replaced_by_renaming_and_gone_for_a_moment(
    keeper: MindKeeper, file: Path, ledger: LedgerThread
) -> None:
    renew(file, GOOD % "三")
    await eventually(says(keeper, "三"))
    await eventually(states(ledger, "live", "live"))


async def test_quick_saves_half_written_are_not_called_wrong(
    keeper: MindKeeper, file: Path, ledger: LedgerThread
) -> None:
    for number in range(20):
        save(file, (GOOD % f"第{number}次")[:40])
        await asyncio.sleep(0.01)
        save(file, GOOD % f"第{number}次")
    await eventually(says(keeper, "第19次"))
    assert {event.detail["state"] for event in await events(ledger)} == {"live"}


async def test_two_workers_tell_the_ledger_once(keeper: MindKeeper, file: Path, ledger: LedgerThread) -> None:
    other = await MindKeeper.open(file, ledger, SystemClock())
    other.start()
    try:
        save(file, "entries: 不对\n")
        await eventually(states(ledger, "live", "broken"))
        save(file, GOOD % "二")
        await eventually(says(keeper, "二"))
        await eventually(says(other, "二"))
    finally:
        await other.stop()
    await eventually(states(ledger, "live", "broken", "live"))


async def test_a_worker_that_begins_while_the_file_is_wrong_has_the_last_good_one(
    file: Path, ledger: LedgerThread
) -> None:
    own = file.parent / "tea.yaml"
    save(own, "extends: knowledge.yaml\nentries: []\n")
    first = await MindKeeper.open(file, ledger, SystemClock(), {"tea": own})
    save(file, "entries: 不对\n")
    again = await MindKeeper.open(file, ledger, SystemClock(), {"tea": own})
    assert again.mind().library.of("tea").text("发货", 0) == "一"
    assert await states(ledger, "live", "broken")()
    again.start()
    save(file, GOOD % "二")
    await eventually(says(again, "二"))
    await again.stop()
    await eventually(states(ledger, "live", "broken", "live"))
    assert await says(first, "一")()


async def test_the_collector_leaves_alone_what_is_known_and_takes_what_was(
    file: Path, ledger: LedgerThread
) -> None:
    keeper = await MindKeeper.open(file, ledger, SystemClock())
    before = weakref.ref(keeper.mind().matcher)
    assert not any(held is before() for held in gc.get_objects())
    keeper.start()
    save(file, GOOD % "二")
    await eventually(says(keeper, "二"))
    await keeper.stop()
    assert before() is None
    assert not any(held is keeper.mind().matcher for held in gc.get_objects())


async def test_a_wrong_file_at_the_start_is_the_operators(file: Path, ledger: LedgerThread) -> None:
    save(file, "entries: 不对\n")
    with pytest.raises(ConfigError, match="entries"):
        await MindKeeper.open(file, ledger, SystemClock())


async def test_a_shops_own_file_and_what_it_builds_on_are_watched_too(file: Path, ledger: LedgerThread) -> None:
    own = file.parent / "shops" / "tea.yaml"
    own.parent.mkdir()
    save(own, "extends: ../knowledge.yaml\nentries:\n  - {id: 茶, questions: [什么茶], answer: 红茶}\n")
    keeper = await MindKeeper.open(file, ledger, SystemClock(), {"tea": own})
    keeper.start()

    async def known(shop: str, entry: str, answer: str) -> bool:
        return keeper.mind().library.of(shop).text(entry, 0) == answer

    try:
        save(own, "extends: ../knowledge.yaml\nentries:\n  - {id: 茶, questions: [什么茶], answer: 绿茶}\n")
        await eventually(lambda: known("tea", "茶", "绿茶"))
        save(file, GOOD % "新的")
        await eventually(lambda: known("tea", "发货", "新的"))
        assert await known("milk", "发货", "新的")
    finally:
        await keeper.stop()
    note = (await ledger(Ledger.knowledge_notes))[0]
    assert set(await ledger(Ledger.knowledge_files, note.digest) or ()) == {"knowledge.yaml", "shops/tea.yaml"}


async def test_other_files_are_taken_in_whole_or_not_at_all(file: Path, ledger: LedgerThread) -> None:
    keeper = await MindKeeper.open(file, ledger, SystemClock())
    keeper.start()
    own = file.parent / "shops" / "tea.yaml"
    own.parent.mkdir()
    try:
        with pytest.raises(ConfigError, match=r"tea\.yaml"):
            await keeper.attend(file, {"tea": own})
        assert keeper.mind().library.of("tea").text("发货", 0) == "一"
        save(own, "extends: ../knowledge.yaml\nentries:\n  - {id: 茶, questions: [什么茶], answer: 红茶}\n")
        await keeper.attend(file, {"tea": own})
        assert keeper.mind().library.of("tea").text("茶", 0) == "红茶"
        save(own, "extends: ../knowledge.yaml\nentries:\n  - {id: 茶, questions: [什么茶], answer: 绿茶}\n")

        async def edited() -> bool:
            return keeper.mind().library.of("tea").text("茶", 0) == "绿茶"

        await eventually(edited)
    finally:
        await keeper.stop()


async def test_what_ends_tomorrow_is_told_a_day_before_and_once(file: Path, ledger: LedgerThread) -> None:
    class NextDay(SystemClock):
        def now(self) -> datetime:
            return datetime(2026, 11, 10, 4, tzinfo=UTC)

    save(file, GOOD % "一" + "  - {id: 促销, questions: [有优惠吗], answer: 有, active: {to: 2026-11-11}}\n")
    for _worker in range(2):
        keeper = await MindKeeper.open(file, ledger, NextDay())
        keeper.start()
        await eventually(expiry_told(ledger))
        await keeper.stop()
    (told,) = [event for event in await ledger(Ledger.events) if event.kind == "knowledge_expires"]
    assert (told.severity, told.detail["entries"]) == ("warning", ["促销"])


def expiry_told(ledger: LedgerThread) -> Callable[[], Awaitable[bool]]:
    async def told() -> bool:
        return any(event.kind == "knowledge_expires" for event in await ledger(Ledger.events))

    return told
