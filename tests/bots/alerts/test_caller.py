"""From the ledger to people and back: the whole way, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from base.errors import LedgerUnavailable
from bots.alerts.caller import Caller, calling
from bots.home import Home
from bots.settings import Settings
from storage.calls import AlertState
from storage.ledger import Ledger
from storage.records import ShopState
from storage.thread import LedgerThread
from tests.bots.alerts.test_delivery import Watch, done
from tests.bots.receiver import Receiver

ZONE = ZoneInfo("Asia/Shanghai")


def settings(**more: object) -> Settings:
    """One shop, two people with a channel each."""
    alerts = {
        "channels": {"群": "env:ALERT_GROUP", "老板群": "env:ALERT_BOSS"},
        "people": [{"name": "小王", "channels": ["群"]}, {"name": "老板", "channels": ["老板群"]}],
        **more,
    }
    shop = {"id": "tea", "title": "茶叶店", "console": "c"}
    return Settings.model_validate({"people": "00:00-24:00", "shops": [shop], "alerts": alerts})


@pytest.fixture
def clock(ledger: Ledger) -> Iterator[Watch]:
    """A clock to set forward, which the ledger of the test goes by too."""
    clock = Watch()
    ledger._clock = clock
    yield clock


@pytest.fixture
def caller_by(
    home: Home,
    thread: LedgerThread,
    clock: Watch,
    receiver: Receiver,
    second: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Settings], Caller]:
    """One in charge, by these settings; 小王 is reached by `receiver`, 老板 by `second`."""
    monkeypatch.setenv("ALERT_GROUP", receiver.address())
    monkeypatch.setenv("ALERT_BOSS", second.address())
    thread._ledger._clock = clock
    return partial(caller_of, home, thread, clock)


@pytest.fixture
def caller(caller_by: Callable[[Settings], Caller]) -> Caller:
    """One in charge, by the settings of the test."""
    return caller_by(settings())


def caller_of(
    home: Home, thread: LedgerThread, clock: Watch, found: Settings, *, in_charge: bool = True
) -> Caller:
    """A caller that is in charge or not."""
    assert found.alerts is not None
    return Caller(home, found, found.alerts, thread, clock, ZONE, lambda: in_charge)


async def live(caller: Caller, ledger: Ledger, clock: Watch, seconds: float) -> None:
    """Look and send every twenty seconds, while the worker gives its sign of life."""
    for _ in range(int(seconds // 20)):
        ledger.shop_beat({"tea": None})
        await caller.look()
        await done(caller.delivery)
        clock.ahead += 20


async def test_from_a_captcha_to_all_is_well(
    caller: Caller, ledger: Ledger, clock: Watch, receiver: Receiver, second: Receiver
) -> None:
    ledger.set_shop_state("tea", ShopState.captcha, "滑块")
    await live(caller, ledger, clock, 60)
    assert receiver.titles() == ["【夜班客服】茶叶店要验证码"]
    assert "茶叶店：滑块" in receiver.got[0][1]["message"]
    await live(caller, ledger, clock, 600)
    assert second.titles() == ["【夜班客服】茶叶店要验证码"]
    (_first, alert) = ledger.alerts(clock.now() - timedelta(hours=1))
    ledger.acknowledge(alert.code, "老板")
    await live(caller, ledger, clock, 1800)
    assert (len(receiver.got), len(second.got)) == (1, 1)
    ledger.set_shop_state("tea", ShopState.ready)
    await live(caller, ledger, clock, 120)
    assert receiver.titles()[1:] == second.titles()[1:] == ["【夜班客服】已恢复：茶叶店"]
    await live(caller, ledger, clock, 600)
    assert len(receiver.got) == 2


async def test_a_shop_in_trouble_that_is_taken_out_of_the_list(
    caller: Caller, caller_by: Callable[[Settings], Caller], ledger: Ledger, clock: Watch, receiver: Receiver
) -> None:
    ledger.set_shop_state("tea", ShopState.captcha, "滑块")
    await live(caller, ledger, clock, 60)
    found = settings()
    cup = found.shops[0].model_copy(update={"id": "cup", "title": "杯子店"})
    await live(caller_by(found.model_copy(update={"shops": [cup]})), ledger, clock, 120)
    told = [title for title in receiver.titles() if "茶叶店" in title]
    assert told == ["【夜班客服】茶叶店要验证码", "【夜班客服】不再值守：茶叶店"]


async def test_the_end_is_told_though_the_channel_was_down_meanwhile(
    caller: Caller, ledger: Ledger, clock: Watch, receiver: Receiver
) -> None:
    ledger.set_shop_state("tea", ShopState.captcha, "滑块")
    await live(caller, ledger, clock, 60)
    receiver.manner = "500"
    ledger.set_shop_state("tea", ShopState.ready)
    await live(caller, ledger, clock, 1500)
    receiver.manner = "ok"
    await live(caller, ledger, clock, 900)
    sent = [alert for alert in ledger.alerts(clock.now() - timedelta(hours=1)) if alert.state is AlertState.sent]
    told = [alert.title for alert in sent if alert.person == "小王" and "茶叶店" in alert.title]
    assert told == ["【夜班客服】茶叶店要验证码", "【夜班客服】已恢复：茶叶店"]


async def test_a_worker_that_dies_is_told_and_a_night_s_sleep_is_not(
    caller: Caller, ledger: Ledger, clock: Watch, receiver: Receiver
) -> None:
    ledger.set_shop_state("tea", ShopState.ready)
    await live(caller, ledger, clock, 40)
    clock.ahead += 8 * 3600  # the machine slept
    await caller.look()
    await live(caller, ledger, clock, 40)
    assert (receiver.got, caller.wrong()) == ([], "")
    for _ in range(8):
        clock.ahead += 10
        await caller.look()
        await done(caller.delivery)
    assert receiver.titles() == ["【夜班客服】茶叶店没有机器人在值守"]
    assert caller.wrong() == "没有机器人在值守：茶叶店"


async def test_a_channel_without_an_address_is_known_before_it_is_needed(
    caller: Caller, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALERT_BOSS")
    assert caller.wrong() is None
    await caller.look()
    sign = next(sign for sign in ledger.signs() if sign.name != "alerts")
    assert (sign.name, sign.fine, "ALERT_BOSS" in sign.why) == ("channel/老板群", False, True)


async def test_only_the_one_in_charge_calls(
    caller: Caller, home: Home, thread: LedgerThread, ledger: Ledger, clock: Watch, receiver: Receiver
) -> None:
    other = caller_of(home, thread, clock, settings(), in_charge=False)
    ledger.set_shop_state("tea", ShopState.captcha)
    for _ in range(6):
        ledger.shop_beat({"tea": None})
        for one in (other, caller):
            await one.look()
            await one.send()
            await asyncio.gather(*one.delivery._tasks.values())
        clock.ahead += 10
    assert len(receiver.got) == 1
    assert other.wrong() is None


async def test_a_ledger_that_takes_nothing_is_told_all_the_same(
    caller: Caller,
    ledger: Ledger,
    clock: Watch,
    receiver: Receiver,
    second: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise LedgerUnavailable("磁盘满了，写不进去")

    await live(caller, ledger, clock, 20)
    with monkeypatch.context() as broken:
        for name in ("plan_alerts", "unsent_alerts", "sign"):
            broken.setattr(Ledger, name, full)
        for _ in range(72):  # twelve minutes
            await caller.look()
            clock.ahead += 10
    assert receiver.titles() == ["【夜班客服】记录写不进去，机器人不敢发消息"]
    assert "磁盘满了" in receiver.got[0][1]["message"]
    assert len(second.got) == 1
    await live(caller, ledger, clock, 120)
    assert [title[:9] for title in receiver.titles()[1:]] == ["【夜班客服】已恢复"]


@pytest.mark.parametrize("before", [0, 40])
async def test_the_watcher_hears_of_looks_that_break(
    caller: Caller, ledger: Ledger, clock: Watch, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    def broken(_path: object) -> None:
        raise OSError("no such device")

    ledger.set_shop_state("tea", ShopState.ready)
    await live(caller, ledger, clock, before)
    told = []
    with monkeypatch.context() as breaks:
        breaks.setattr("bots.alerts.caller.shutil.disk_usage", broken)
        for _ in range(30):
            ledger.shop_beat({"tea": None})
            with pytest.raises(OSError, match="device"):
                await caller.look()
            told.append(caller.wrong())
            clock.ahead += 2
    assert (told[0], told[-1]) == ("", "告警停了")
    await live(caller, ledger, clock, 20)
    assert caller.wrong() == ""


async def test_who_is_there_for_some_shops_is_not_called_for_what_concerns_none(
    caller_by: Callable[[Settings], Caller], ledger: Ledger, clock: Watch, receiver: Receiver, second: Receiver
) -> None:
    people = [{"name": "小王", "channels": ["群"], "shops": ["tea"]}, {"name": "老板", "channels": ["老板群"]}]
    caller = caller_by(settings(people=people))
    ledger.set_shop_state("tea", ShopState.ready)
    ledger.event("backup", severity="alert", why="备份没有写成")
    await live(caller, ledger, clock, 60)
    assert (receiver.titles(), second.titles()) == ([], ["【夜班客服】备份没有写成"])
    ledger.event("presence", shop="tea", severity="alert", why="按了三次都不在线")
    await live(caller, ledger, clock, 60)
    assert len(receiver.got) == 1


async def test_quiet_hours_of_the_operator(
    caller_by: Callable[[Settings], Caller], ledger: Ledger, clock: Watch, receiver: Receiver
) -> None:
    caller = caller_by(settings(quiet="00:00-24:00", people=[{"name": "小王", "channels": ["群"]}]))
    ledger.set_shop_state("tea", ShopState.ready)
    ledger.event("presence", shop="tea", severity="warning", why="不在线")
    await live(caller, ledger, clock, 60)
    assert receiver.got == []
    ledger.event("presence", shop="tea", severity="alert", why="按了三次都不在线")
    await live(caller, ledger, clock, 60)
    assert len(receiver.got) == 1


async def test_running_beside_the_bots(
    home: Home,
    thread: LedgerThread,
    ledger: Ledger,
    clock: Watch,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The beats themselves: something happens, and somebody is told without anybody asking."""
    monkeypatch.setenv("ALERT_GROUP", receiver.address())
    monkeypatch.setenv("ALERT_WATCHER", f"http://127.0.0.1:{receiver.port}/ping")
    monkeypatch.setattr("bots.alerts.caller._LOOK_EVERY", 0.05)
    monkeypatch.setattr("bots.alerts.caller._SEND_EVERY", 0.05)
    found = settings(watcher={"secret": "env:ALERT_WATCHER", "every": 10})
    ledger.set_shop_state("tea", ShopState.ready)
    ledger.shop_beat({"tea": None})
    ledger.event("knowledge", severity="alert", why="知识库第 3 行写错了")
    async with calling(home, lambda: found, thread, clock, ZONE, lambda: True):
        await asyncio.to_thread(receiver.until_at, {"/", "/ping"})
    letter = next(body for path, body in receiver.got if path == "/")
    assert "知识库第 3 行写错了" in json.dumps(letter, ensure_ascii=False)


async def test_who_is_called_by_what_follows_the_file(
    home: Home,
    thread: LedgerThread,
    ledger: Ledger,
    clock: Watch,
    receiver: Receiver,
    second: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALERT_GROUP", receiver.address())
    monkeypatch.setenv("ALERT_BOSS", second.address())
    for beat in ("_LOOK_EVERY", "_SEND_EVERY", "_RENEW_EVERY"):
        monkeypatch.setattr(f"bots.alerts.caller.{beat}", 0.05)
    ledger.set_shop_state("tea", ShopState.ready)
    ledger.shop_beat({"tea": None})
    ledger.event("knowledge", severity="alert", why="知识库第 3 行写错了")
    now = settings(people=[{"name": "老板", "channels": ["老板群"]}])
    async with calling(home, lambda: now, thread, clock, ZONE, lambda: True):
        await asyncio.to_thread(second.until, 1)
        assert receiver.got == []
        now = settings(people=[{"name": "小王", "channels": ["群"]}])
        ledger.event("robot", severity="alert", why="平台的机器人开着")
        await asyncio.to_thread(receiver.until, 1)


async def test_a_night_without_bots_rings_in_quiet_hours_though_they_fell_silent_before_it(
    caller_by: Callable[[Settings], Caller], ledger: Ledger, clock: Watch, receiver: Receiver
) -> None:
    found = settings(quiet="00:00-24:00", people=[{"name": "小王", "channels": ["群"]}])
    begins = clock.now().astimezone(ZONE).replace(second=0, microsecond=0) + timedelta(minutes=5)
    shift = f"{begins:%H:%M}-{begins + timedelta(hours=8):%H:%M}"
    night = found.model_copy(update={"shops": [found.shops[0].model_copy(update={"shift": shift})]})
    caller = caller_by(night)
    ledger.go_live("tea")
    ledger.set_shop_state("tea", ShopState.off_shift)
    ledger.shop_beat({"tea": None})
    told: list[tuple[datetime, int]] = []
    for _ in range(24):
        await caller.look()
        await done(caller.delivery)
        told.append((clock.now(), len(receiver.got)))
        clock.ahead += 20
    assert all(count == (moment >= begins) for moment, count in told)
    assert receiver.titles() == ["【夜班客服】茶叶店没有机器人在值守"]


async def test_without_alerts_in_the_file_nobody_is_called(home: Home, thread: LedgerThread, clock: Watch) -> None:
    plain = settings().model_copy(update={"alerts": None})
    async with calling(home, lambda: plain, thread, clock, ZONE, lambda: True):
        pass
