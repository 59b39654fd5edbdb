"""Being shown as online: what readings ask for, and real bots whose account is set to busy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.async_api import Browser, expect

from base.places import shared
from flows.desk import Desk
from flows.presence import Presence, Rival, Step
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ShopState
from tests.flows.watch import Watch, watching

NONE, LOST, PRESS, STUCK, BACK = Step.none, Step.lost, Step.press, Step.stuck, Step.back


@pytest.mark.parametrize(
    ("can_press", "readings", "steps"),
    [
        (True, "..", [NONE, NONE]),
        (True, "x.x.", [NONE, NONE, NONE, NONE]),
        (True, "xx.", [NONE, LOST, BACK]),
        (True, "xxxx.xx", [NONE, LOST, NONE, PRESS, BACK, NONE, LOST]),
        (True, "xxxxxxxx", [NONE, LOST, NONE, PRESS, NONE, PRESS, NONE, STUCK]),
        (False, "xx.xx", [NONE, STUCK, BACK, NONE, STUCK]),
        (False, "xxxxxx", [NONE, STUCK, NONE, NONE, NONE, NONE]),
    ],
)
def test_what_readings_ask_for(can_press: bool, readings: str, steps: list[Step]) -> None:
    presence = Presence(can_press=can_press)
    assert [presence.note(reading == "x", 0.0) for reading in readings] == steps


def test_an_account_that_stays_away_is_pressed_for_only_now_and_then() -> None:
    presence = Presence(can_press=True)
    steps = [presence.note(True, float(second)) for second in range(200)]
    assert [second for second, step in enumerate(steps) if step is STUCK] == [7]
    assert 3 < steps.count(PRESS) <= 6
    assert presence.note(False, 200.0) is BACK


@pytest.mark.parametrize(
    ("readings", "news"),
    [("x.x.", "...."), ("xx", ".n"), ("xxx.xx", ".n...."), ("xx..", ".n.n"), ("..", "..")],
)
def test_the_platforms_robot_is_news_once_two_readings_agree(readings: str, news: str) -> None:
    rival = Rival()
    assert "".join("n" if rival.note(reading == "x") else "." for reading in readings) == news


def pack_in(folder: Path, **presence: str) -> str:
    """The plain console's pack, read every second, with these keys of its presence."""
    pack: dict[str, Any] = yaml.safe_load((shared("selectors") / "practice-plain.yaml").read_text("utf-8"))
    pack["inbox"]["refresh"] = {"kind": "live", "every": 1}
    pack["presence"] |= presence
    (folder / "own.yaml").write_text(yaml.safe_dump(pack, allow_unicode=True), "utf-8")
    return "own.yaml"


async def told(now: Watch) -> list[str]:
    return [event.severity for event in await now.ledger(Ledger.events) if event.kind == "presence"]


async def drop(practice: Practice) -> None:
    await practice.control("presence", shop="shop-1", account=practice.shops[0]["user"], state="busy")


async def test_an_account_that_drops_is_put_back(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(practice, browser, tmp_path, monkeypatch, console=pack_in(tmp_path)) as now:
        online = now.page.locator('.presence[data-state="online"]')
        await expect(online).to_have_count(1)
        await drop(practice)

        async def over() -> bool:
            return await told(now) == ["warning", "info"]

        # That it was away may show for a moment only.
        await now.until(over)
        await expect(online).to_have_count(1)


async def test_people_are_told_when_pressing_does_not_help(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = pack_in(tmp_path, go_online=".desk-title")
    async with watching(practice, browser, tmp_path, monkeypatch, console=console) as now:
        await drop(practice)

        async def over() -> bool:
            return await told(now) == ["warning", "alert"]

        await now.until(over, 30)
        # Nobody waits for longer because of it.
        said = await now.say("什么时候发货")
        assert len(await now.replied(said["conversation"])) == 1


async def test_an_observed_shop_is_given_no_buyers(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console, readings, refresh = pack_in(tmp_path), [], Desk.refresh

    async def counted(desk: Desk) -> None:
        await refresh(desk)
        readings.append(desk)

    monkeypatch.setattr(Desk, "refresh", counted)
    async with watching(practice, browser, tmp_path, monkeypatch, console=console, live=False) as now:
        await drop(practice)
        said = await now.say("什么时候发货")

        async def decided() -> bool:
            return [turn.outcome for turn in await now.turns(said["conversation"])] == ["answer"]

        await now.until(decided)
        readings.clear()

        async def read_on() -> bool:
            return len(readings) > 3

        await now.until(read_on)
        await expect(now.page.locator('.presence[data-state="busy"]')).to_have_count(1)
        assert await told(now) == []


async def test_people_are_told_of_the_platforms_own_robot(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(practice, browser, tmp_path, monkeypatch, console=pack_in(tmp_path)) as now:

        async def noted(severity: str, why: str) -> bool:
            events = [event.severity for event in await now.ledger(Ledger.events) if event.kind == "robot"]
            row = await now.ledger(Ledger.shop_row, "shop-1")
            said = row.why.partition("，")[0]
            return (events[-1:], said, row.state) == ([severity], why, ShopState.ready)

        await practice.control("robot", shop="shop-1", on=True)
        await now.until(lambda: noted("alert", "平台自带的机器人开着"))
        said = await now.say("什么时候发货")
        assert len(await now.replied(said["conversation"])) == 1
        await practice.control("robot", shop="shop-1", on=False)
        await now.until(lambda: noted("info", ""))
