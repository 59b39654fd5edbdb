"""The rehearsal before a shift: by bots at work, by hand, and an hour before the shift begins."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from base.clock import SystemClock
from bench.house import House, house
from bots.findings import Finding, look_at
from bots.home import Home
from bots.reading import Reading
from bots.rehearsal import Rehearsal, rehearsing, shift_of, verdict
from bots.roll import Roll, read_roll
from bots.settings import Alerting
from storage.ledger import Ledger
from storage.records import ShopState
from storage.thread import LedgerThread
from tests.attending import off_duty_hours
from tests.rolls import roll_of

ZONE = ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reading", "found", "problem"),
    [
        (Reading(state=ShopState.ready, rows=4), "登录着，读到 4 个会话", ""),
        (Reading(state=ShopState.off_shift, rows=0), "登录着，读到 0 个会话", ""),
        (Reading(state=ShopState.captcha, why="滑块"), "", "要验证码：滑块\n  建议：运行 nightdesk login tea，"),
        (
            Reading(state=ShopState.needs_login, why="没有密码\n  建议：运行 nightdesk secret set tea"),
            "",
            "要登录：没有密码\n  建议：运行 nightdesk secret set tea",
        ),
        (Reading(state=ShopState.ready), "", "没有读到会话列表\n  建议：运行 nightdesk status 看原因"),
        (Reading(state=ShopState.ready, rows=1, away=True), "", "后台显示账号不在线"),
        (Reading(state=ShopState.ready, rows=1, robot=True), "", "平台自带的机器人开着"),
        (Reading(state=ShopState.paused, rows=1), "", "暂停着，只看不说\n  建议：nightdesk resume tea"),
    ],
)
def test_what_a_reading_says(reading: Reading, found: str, problem: str) -> None:
    told = reading.finding("tea", "茶叶店")
    assert told.what == "店铺 茶叶店"
    assert problem in told.problem
    assert bool(told.problem) is bool(problem)
    assert problem or told.found == found


@pytest.mark.parametrize(
    ("wrong", "severity", "why"),
    [
        ([], "info", "班前检查都正常"),
        (["磁盘"], "warning", "班前检查有问题，运行 nightdesk rehearse：磁盘（不行）"),
        (["店铺 茶叶店"], "alert", "店铺 茶叶店（不行）"),
        (["a", "b", "c", "d"], "warning", "a（不行）；b（不行）；c（不行）等 4 处"),
    ],
)
def test_how_serious_it_is(wrong: Sequence[str], severity: str, why: str) -> None:
    bad = [Finding(what=one, problem="不行\n  建议：改好") for one in wrong]
    told = verdict([Finding(what="值班", found="小王"), *bad], ["店铺 茶叶店"])
    assert (told[0], told[1].endswith(why)) == (severity, True)


@pytest.mark.parametrize(
    ("shifts", "moment", "shops"),
    [
        (["09:00-18:00", "22:00-09:00"], NINE, ["shop-0"]),
        (["09:00-18:00", "08:00-20:00"], NINE, ["shop-0", "shop-1"]),  # all that work then
        (["09:00-18:00", "08:00-20:00"], NINE + timedelta(minutes=1), []),
        (["00:00-24:00", "00:00-24:00"], NINE, []),
        (["00:00-24:00", "09:00-18:00"], NINE + timedelta(hours=13), ["shop-0"]),  # people go home: 22:00
        (["00:00-24:00", "00:00-24:00"], NINE + timedelta(hours=13, minutes=1), []),
    ],
)
def test_whose_shift_begins(shifts: Sequence[str], moment: datetime, shops: list[str]) -> None:
    roll = roll_of("shop-0", "shop-1")
    listed = [
        shop.model_copy(update={"shift": shift}) for shop, shift in zip(roll.settings.shops, shifts, strict=True)
    ]
    changed = roll.settings.model_copy(update={"shops": listed})
    assert shift_of(type(roll)(settings=changed, packs=roll.packs), moment) == shops


def lines(there: House) -> list[dict[str, object]]:
    """The shops as the file says it."""
    return list(json.loads(there.home.shops.read_text("utf-8"))["shops"])


async def findings(there: House) -> dict[str, Finding]:
    """What a rehearsal of all shops finds, by what was looked at."""
    rehearsal = Rehearsal(there.home, read_roll(there.home), there.ledger, SystemClock(), ZONE)
    found = await rehearsal.look(SystemClock().now() + timedelta(hours=1))
    await rehearsal.tell(found)
    return {finding.what: finding for finding in found}


def passwords(there: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for row, line in zip(there.practice.shops, lines(there), strict=True):
        monkeypatch.setenv(str(line["login"]["secret"]).removeprefix("env:"), str(row["password"]))  # type: ignore[index]


async def severity(there: House) -> str:
    told = [event for event in await there.ledger(Ledger.events) if event.kind == "rehearsal"]
    return told[-1].severity


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ([{"name": "小王"}, {"name": "老板"}], "小王、老板，先叫 小王"),
        (
            [{"name": "小王", "shops": ["tea"]}, {"name": "老板"}],
            "小王、老板，先叫 小王（tea）；老板，先叫 老板（milk）",
        ),
        ([{"name": "小王", "hours": "18:00-09:00"}], "09:00 没有人值班"),
        (
            [
                {"name": "小王", "shops": ["tea"], "hours": "18:00-09:00"},
                {"name": "老板", "shops": ["milk"]},
            ],
            "tea 09:00 没有人值班",
        ),
    ],
)
def test_who_is_on_call_for_which_shop(tmp_path: Path, people: list[dict[str, object]], told: str) -> None:
    roll = roll_of("tea", "milk")
    written = {"channels": {"群": "file"}, "people": [{"channels": ["群"], **each} for each in people]}
    settings = roll.settings.model_copy(update={"alerts": Alerting.model_validate(written)})
    rehearsal = Rehearsal(Home(tmp_path), Roll(settings=settings, packs=roll.packs), None, SystemClock(), ZONE)  # type: ignore[arg-type]
    found = look_at("值班", lambda: rehearsal._on_call(NINE))
    assert (found.problem or found.found).splitlines()[0] == told


@pytest.mark.timeout(180)
async def test_where_no_bots_work_it_logs_in_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(2) as there:
        passwords(there, monkeypatch)
        found = await findings(there)
        assert found["店铺 shop-1"] == Finding(what="店铺 shop-1", found="登录着，读到 0 个会话")
        assert "秒前存的" in found["登录状态 shop-1"].found
        assert "出了事不会叫人" in found["值班"].problem
        assert found["磁盘"].problem == ""
        assert there.holder("shop-1") is None
        assert await severity(there) == "warning"
        monkeypatch.setenv("PRACTICE_SHOP_2", "wrong")
        await there.practice.control("expire", shop="shop-2")
        found = await findings(there)
        assert "账号或密码不对" in found["店铺 shop-2"].problem
        assert found["店铺 shop-1"].problem == ""
        assert await severity(there) == "alert"


async def test_a_login_that_takes_the_marks_of_who_waits_is_not_tried() -> None:
    async with house(1) as there:
        roll = read_roll(there.home)
        pack = roll.packs["shop-1"]
        afresh = pack.model_copy(update={"login": pack.login.model_copy(update={"afresh": True})})
        changed = Roll(settings=roll.settings, packs={"shop-1": afresh})
        found = await Rehearsal(there.home, changed, there.ledger, SystemClock(), ZONE).look(SystemClock().now())
        assert found[0].found.startswith("没有试登录") and not found[0].problem


@pytest.mark.timeout(240)
async def test_bots_at_work_read_for_themselves_and_off_shift_they_look_in_and_leave() -> None:
    async with house(2) as there:
        first, second = lines(there)
        written = json.loads(there.home.shops.read_text("utf-8")) | {
            "shops": [first, second | {"shift": off_duty_hours()}],
            "alerts": {"channels": {"群": "file"}, "people": [{"name": "小王", "channels": ["群"]}]},
        }
        there.home.shops.write_text(json.dumps(written), encoding="utf-8")
        await there.up()

        async def begun() -> bool:
            rows = {row.shop: row.state for row in await there.ledger(Ledger.shop_rows)}
            return rows["shop-1"] is ShopState.ready and there.holder("shop-2") is not None

        await there.until(begun)
        holders = [there.holder(shop) for shop in there.shops]
        await there.practice.control("robot", shop="shop-1", on=True)
        found: dict[str, Finding] = {}

        async def robot_shows() -> bool:
            found.update(await findings(there))
            return "平台自带的机器人开着" in found["店铺 shop-1"].problem

        await there.until(robot_shows)
        assert found["店铺 shop-2"] == Finding(what="店铺 shop-2", found="登录着，读到 0 个会话")
        assert found["值班"].found == "小王，先叫 小王"
        assert [there.holder(shop).process for shop in there.shops] == [one.process for one in holders]  # type: ignore[union-attr]
        # Nobody who asks meanwhile is answered before the shift.
        asked = await there.practice.say("shop-2", "什么时候发货")
        assert "读到 1 个会话" in (await findings(there))["店铺 shop-2"].found
        truth = await there.practice.truth()
        assert [one["sender"] for one in truth["messages"] if one["conversation"] == asked["conversation"]] == [
            "buyer"
        ]
        await there.close()


@dataclass(slots=True)
class Minutes:
    """What is looked at while minutes pass: `job` is what each of them brings, to whom `start` began last."""

    now: datetime
    start: Callable[[], AbstractContextManager[None]] = nullcontext
    in_charge: bool = True
    looked: list[tuple[list[str], datetime]] = field(default_factory=list)
    job: Callable[[], Awaitable[None]] | None = None

    async def pass_to(self, moment: datetime) -> None:
        """It is `moment`, and a little more."""
        self.now = moment + timedelta(seconds=0.2)
        assert self.job is not None
        await self.job()


@pytest.fixture
async def minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Minutes]:
    """The rehearsals of two shops; the shift of `tea` begins at nine, that of `milk` never ends."""
    passing = Minutes(NINE)

    @contextmanager
    def each_minute(_zone: ZoneInfo, job: Callable[[], Awaitable[None]]) -> Iterator[None]:
        passing.job = job
        yield

    async def look(self: Rehearsal, start: datetime) -> list[Finding]:
        passing.looked.append((list(self._roll.shops), start))
        return []

    class Passing(SystemClock):
        def now(self) -> datetime:
            return passing.now

    monkeypatch.setattr("bots.rehearsal.each_minute", each_minute)
    monkeypatch.setattr(Rehearsal, "look", look)
    roll = roll_of("tea", "milk")
    listed = [roll.settings.shops[0].model_copy(update={"shift": "09:00-18:00"}), *roll.settings.shops[1:]]
    roll = type(roll)(settings=roll.settings.model_copy(update={"shops": listed}), packs=roll.packs)
    ledger = await LedgerThread.open(tmp_path / "ledger.db", Passing())

    def start() -> AbstractContextManager[None]:
        return rehearsing(Home(tmp_path), lambda: roll, ledger, Passing(), ZONE, lambda: passing.in_charge)

    passing.start = start
    with start():
        yield passing
    await ledger.close()


async def test_it_comes_an_hour_before_a_shift(minutes: Minutes) -> None:
    await minutes.pass_to(NINE - timedelta(minutes=60))
    await minutes.pass_to(NINE - timedelta(minutes=60))
    await minutes.pass_to(NINE - timedelta(minutes=59))
    assert minutes.looked == [(["tea", "milk"], NINE)]


async def test_it_is_for_the_one_in_charge(minutes: Minutes) -> None:
    minutes.in_charge = False
    await minutes.pass_to(NINE - timedelta(minutes=60))
    minutes.in_charge = True
    await minutes.pass_to(NINE - timedelta(minutes=59))
    assert minutes.looked == []


@pytest.mark.parametrize(("late", "times"), [(2, 1), (40, 1), (59, 1), (60, 0), (600, 0)])
async def test_who_begins_within_the_hour_before_a_shift_makes_up_for_it_once(
    minutes: Minutes, late: int, times: int
) -> None:
    begun = NINE + timedelta(minutes=late - 61)
    for _start in range(2):
        with minutes.start():
            await minutes.pass_to(begun)  # its bots are only taking their seats
            await minutes.pass_to(begun + timedelta(minutes=1))
            await minutes.pass_to(begun + timedelta(minutes=2))
    assert minutes.looked == [(["tea", "milk"], NINE)] * times


async def test_who_takes_over_makes_up_for_what_the_other_did_not_do(minutes: Minutes) -> None:
    minutes.in_charge = False
    for left in (90, 50, 31):
        await minutes.pass_to(NINE - timedelta(minutes=left))
    minutes.in_charge = True
    for left in (30, 29):
        await minutes.pass_to(NINE - timedelta(minutes=left))
    assert minutes.looked == [(["tea", "milk"], NINE)]


@pytest.mark.parametrize(("late", "times"), [(1, 1), (40, 1), (59, 1), (60, 0), (600, 0)])
async def test_a_minute_that_was_missed_is_made_up_for_until_the_shift_begins(
    minutes: Minutes, late: int, times: int
) -> None:
    await minutes.pass_to(NINE - timedelta(minutes=61))
    await minutes.pass_to(NINE + timedelta(minutes=late - 60))
    assert minutes.looked == [(["tea", "milk"], NINE)] * times


async def test_a_clock_that_is_set_back_looks_again(minutes: Minutes) -> None:
    await minutes.pass_to(NINE + timedelta(days=2, minutes=1))
    await minutes.pass_to(NINE - timedelta(minutes=61))
    await minutes.pass_to(NINE - timedelta(minutes=60))
    assert minutes.looked == [(["tea", "milk"], NINE)]
