"""`shops.yaml` as settings: what it may say, what it gets for what it may not, and the hours it names."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from base.errors import ConfigError
from base.places import shared
from bots.settings import (
    Settings,
    Shop,
    load_settings,
    load_shop_pack,
    pack_path,
)
from bots.shifts.plan import Do, Plan

ZONE = ZoneInfo("Asia/Shanghai")
GOOD = """\
people: "09:00-22:00"
shops:
  - id: main
    console: practice-plain
"""
ALERTS = """\
alerts:
  channels: {群: file}
  people:
    - {name: 小王, channels: [群]}
    - {name: 小李, channels: [群]}
"""


def at(text: str, day: int = 23) -> datetime:
    """A moment of 2026-11-23 by Shanghai's clock, given as UTC as everywhere inside."""
    hour, minute = text.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=ZONE).astimezone(UTC)


def load(folder: Path, text: str) -> Settings:
    path = folder / "shops.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def there(settings: Settings, shop: Shop | None = None, day: int = 23) -> list[str]:
    """The first and the last full hour at which people serve the shop on a day."""
    plan = settings.people_plan(shop)
    hours = [f"{hour:02}:00" for hour in range(24) if plan.at(at(f"{hour}:00", day), ZONE).on]
    return [hours[0], hours[-1]] if hours else []


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return str(caught.value)


# --- the file ------------------------------------------------------------------------------------------------


def test_the_shortest_file(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    (shop,) = settings.shops
    assert (shop.id, shop.mode, shop.shift, shop.login) == ("main", "answer", "00:00-24:00", None)
    card = settings.card(shop, load_shop_pack(shop, tmp_path))
    assert (card.title, card.platform, card.silence) == ("main", "practice", 600.0)
    assert (card.burst.quiet, card.burst.most) == (0.6, 1.5)
    assert settings.people == "09:00-22:00"


def test_a_shop_has_the_last_word_on_its_own_affairs(tmp_path: Path) -> None:
    own = ["title: 旗舰店", "url: http://x/", 'people: "10:00-18:00"', "product: 123", "category: food"]
    settings = load(tmp_path, GOOD + "".join(f"    {line}\n" for line in own))
    (shop,) = settings.shops
    card = settings.card(shop, load_shop_pack(shop, tmp_path))
    assert (card.title, card.url) == ("旗舰店", "http://x/")
    assert (card.product, card.category) == ("123", "food")
    assert there(settings, shop) == ["10:00", "17:00"]


def test_the_shipped_example_loads() -> None:
    assert load_settings(shared("examples") / "shops.yaml").shops


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('shops: []\npeople: "09:00-22:00"\n', 1, "shops"),
        ('people: "09:00-22:00"\n', 1, "shops"),
        (GOOD.replace("console", "consol"), 4, "console"),
        (GOOD.replace('people: "09:00-22:00"\n', ""), 1, "people"),
        (GOOD.replace("09:00-22:00", "9点到22点"), 1, "09:00-22:00"),
        (GOOD.replace("09:00-22:00", "09:00-24:30"), 1, "09:00-22:00"),
        (GOOD.replace("09:00-22:00", "25:00-26:00"), 1, "09:00-22:00"),
        (GOOD + "    mode: anwser\n", 5, "answer"),
        (GOOD + "    url: im.example.com/desk\n", 5, "https://"),
        (GOOD + "    url: ''\n", 5, "https://"),
        (GOOD + "    login: {user: bot, secret: hunter2}\n", 5, "密码"),
        (GOOD + "    login: {user: true}\n", 5, "user"),
        (GOOD + "    pace: {shop: {messages: 0, seconds: 60}}\n", 5, "messages"),
        (GOOD.replace("id: main", "id: 主 店"), 3, "id"),
        (GOOD + "  - id: main\n    console: practice-plain\n", 5, "第 3 行"),
        (GOOD + "silence: -1\n", 5, "silence"),
        (GOOD + "visits: many\n", 5, "visits"),
        (GOOD + ALERTS.replace("[群]", "[群, 电话]"), 8, "群"),
        (GOOD + ALERTS.replace("小李", "小王"), 9, "写了两次"),
        (GOOD + ALERTS.replace("群: file", "群: file, watcher: file"), 6, "换一个名字"),
        (GOOD + ALERTS.replace("群: file", "群: https://robot.test/send?key=b7c1"), 6, "密码来源"),
        (GOOD + ALERTS.replace("[群]", "[]"), 8, "channels"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    told = complaint(tmp_path, text)
    assert f"shops.yaml:{line}:" in told
    assert words in told


def test_who_is_called(tmp_path: Path) -> None:
    alerts = load(tmp_path, GOOD + ALERTS + "  watcher: {secret: env:WATCHER}\n").alerts
    assert alerts is not None
    assert [(person.name, person.channels, person.hours) for person in alerts.people] == [
        ("小王", ("群",), "00:00-24:00"),
        ("小李", ("群",), "00:00-24:00"),
    ]
    assert (alerts.quiet, alerts.per_hour, alerts.escalate) == (None, 20, 10)
    assert alerts.sources() == {"群": "file", "watcher": "env:WATCHER"}


def test_the_alerts_of_the_manual(tmp_path: Path) -> None:
    for page in ("alerts.md", "上线.md"):
        text = (Path(__file__).parents[2] / "docs" / page).read_text("utf-8")
        (written,) = re.findall(r"```yaml\n(alerts:\n.*?)```", text, re.DOTALL)
        alerts = load(tmp_path, GOOD + written).alerts
        assert alerts is not None
        assert [person.name for person in alerts.people] == ["小王", "老板"]


def test_tables_of_shifts(tmp_path: Path) -> None:
    own = """\
    shift: 夜班
    people:
      - { days: 工作日, hours: ["09:00-12:00", "14:00-18:00"] }
      - { days: [节假日, 2026-11-24], do: 休息 }
  - { id: other, console: practice-plain, shift: 夜班, mode: hold }
shifts:
  夜班:
    - { hours: "22:00-09:00" }
    - { hours: "09:00-22:00", do: 人工优先, after: 20 }
    - { days: 2026-11-25至2026-11-26, do: 只安抚 }
calendar: { holidays: 2026-11-27, workdays: [2026-11-28] }
"""
    settings = load(tmp_path, GOOD + own)
    rosters = [settings.roster(shop, ZONE) for shop in settings.shops]
    assert rosters[0].bots == rosters[1].bots
    done = [
        (rosters[0].work(at(clock, day)).do, rosters[0].work(at(clock, day)).after)
        for clock, day in (
            ("22:00", 23),
            ("11:59", 23),
            ("12:00", 23),
            ("11:00", 24),
            ("11:00", 25),
            ("08:00", 26),
            ("08:00", 27),
        )
    ]
    assert done == [
        (Do.answer, 0),
        (Do.people_first, 20),
        (Do.answer, 0),  # nobody to wait for
        (Do.answer, 0),
        (Do.hold, 0),
        (Do.hold, 0),
        (Do.off, 0),
    ]
    days = {day: there(settings, settings.shops[0], day) for day in (23, 24, 25, 27, 28, 29)}
    assert [day for day, hours in days.items() if hours == ["09:00", "17:00"]] == [23, 25, 28]
    assert rosters[0].people_at(at("12:00")) == (False, "今天14点")
    assert rosters[0].people_at(at("18:00")) == (False, "11月25日9点")
    assert rosters[0].people_at(at("17:59")) == (True, None)
    assert rosters[1].people_at(at("23:00")) == (False, "明天9点")


def test_where_people_are_not_rostered_any_more_no_buyer_is_told_that_somebody_comes_at_once(
    tmp_path: Path,
) -> None:
    rows = "people: [{days: 2026-11-01至2026-11-23, hours: '09:00-18:00'}]\n"
    settings = load(tmp_path, re.sub("people: .*\n", rows, GOOD))
    roster = settings.roster(settings.shops[0], ZONE)
    told = [roster.people_at(at(clock)) for clock in ("08:00", "17:59", "18:00")]
    assert told == [(False, "今天9点"), (True, None), (False, "稍后")]
    never = Plan(rows=())
    assert replace(roster, bots=never).bots_back(at("08:00")) is None
    assert roster.bots_back(at("08:00")) is None  # at work


def test_the_shifts_of_the_manual(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "上线.md").read_text("utf-8")
    (written,) = re.findall(r"```yaml\n(people:.*?)```", text, re.DOTALL)
    (swaps,) = re.findall(r"```yaml\n( +swaps:\n.*?)```", text, re.DOTALL)
    alerts = ALERTS.replace("小李", "老板") + swaps
    settings = load(tmp_path, written + alerts)
    main, night = (settings.roster(shop, ZONE) for shop in settings.shops)
    assert [main.work(at(clock)).do for clock in ("08:00", "10:00", "12:30")] == [
        Do.answer,
        Do.people_first,
        Do.answer,  # lunch: nobody is there to be waited for
    ]
    assert [night.work(at(clock, 21)).do for clock in ("09:59", "10:00", "22:00")] == [Do.hold, Do.off, Do.hold]
    assert settings.alerts is not None
    christmas = datetime(2026, 12, 24, 12, tzinfo=ZONE)
    assert settings.on_call(settings.alerts).at(christmas, ZONE) == ["老板", "小王"]


def test_who_is_on_call_and_who_stands_in(tmp_path: Path) -> None:
    alerts = ALERTS.replace(
        "小李, channels: [群]", "小李, channels: [群], hours: [{days: 周一, hours: '20:00-08:00'}]"
    )
    swaps = "  swaps:\n    - {days: 2026-11-23, between: [小王, 小李]}\n"
    for text, expected in ((alerts, ["小王", "小李"]), (alerts + swaps, ["小李", "小王"])):
        settings = load(tmp_path, GOOD + text)
        assert settings.alerts is not None
        on_call = settings.on_call(settings.alerts)
        assert on_call.at(at("19:59"), ZONE) == expected[:1]
        assert on_call.at(at("21:00"), ZONE) == expected
    # The night belongs to Monday, and so does who has it; the day after is as always.
    assert on_call.at(at("07:00", 24), ZONE) == ["小王"]
    assert on_call.at(at("08:00", 24), ZONE) == ["小王"]


def test_who_is_called_for_which_shop(tmp_path: Path) -> None:
    others = "".join(f"  - {{id: {name}, console: practice-plain}}\n" for name in ("tea", "cup"))
    hours = "hours: '09:00-18:00'"
    alerts = ALERTS.replace("小王,", f"小王, shops: [main], {hours},").replace(
        "小李,", f"小李, shops: [tea], {hours},"
    )
    settings = load(tmp_path, GOOD + others + alerts)
    assert settings.alerts is not None
    on_call = settings.on_call(settings.alerts)
    for clock in ("12:00", "20:00"):  # where nobody is on call, a shop's own people are called all the same
        called = {shop: on_call.of(shop).called(at(clock), ZONE) for shop in ("main", "tea", "cup")}
        assert called == {"main": ["小王"], "tea": ["小李"], "cup": ["小王", "小李"]}
    assert on_call.called(at("12:00"), ZONE) == ["小王", "小李"]
    assert on_call.of("main").at(at("20:00"), ZONE) == []


def test_what_is_wrong_with_shifts_is_told_with_its_line(tmp_path: Path) -> None:
    rows = GOOD + "    shift:\n      - { hours: '22:00-09:00' }\n      - { %s }\n"
    for row, words in [
        ("days: 周八", "看不懂“周八”"),
        ("days: 2026-02-30", "没有这一天"),
        ("hours: [9点]", "09:00-22:00"),
        ("hours: []", "至少要有 1 项"),
        ("do: 人工优先", "after: 30"),
        ("after: 30", "do: 人工优先"),
        ("do: 人工优先, after: 9999", "不能大于 600"),
        ("do: 会答", "回答"),
        ("day: 周一", "是不是想写“days”"),
    ]:
        told = complaint(tmp_path, rows % row)
        assert "shops.yaml:7:" in told, told
        assert words in told


def test_a_day_cannot_be_off_and_worked(tmp_path: Path) -> None:
    own = "calendar: { holidays: [2027-02-05至2027-02-11, 2027-01-01], workdays: [2027-02-07, 2027-02-06] }\n"
    told = complaint(tmp_path, GOOD + own)
    assert "shops.yaml:5: calendar: 2027-02-06 写了放假，又写了上班" in told


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("    shift: 夜班\n", 5, "没有叫“夜班”的班次"),
        ("    shift: 晚班\nshifts: {夜班: [{hours: '22:00-09:00'}]}\n", 5, "shifts 里有：夜班"),
        ("    shift: []\n", 5, "一行也没有"),
        ("    shift: {days: 周一}\n", 5, "列表"),
        ("    people: [{do: 只安抚}]\n", 5, "删掉这个 do"),
        ("    people: 夜班\nshifts: {夜班: [{do: 只安抚}]}\n", 5, "另外写一个班次表"),
        ("calendar: {holidays: 元旦}\n", 5, "元旦"),
        (ALERTS + "  swaps: [{days: 2026-12-01, between: [小王, 小张]}]\n", 10, "没有叫“小张”的人"),
        (ALERTS + "  swaps: [{days: 2026-12-01, between: [小王, 小王]}]\n", 10, "同一个人"),
        (ALERTS.replace("小李,", "小李, shops: [main, mian],"), 9, "没有 id 为“mian”的店铺"),
        (ALERTS + "  swaps: [{days: 周一, between: [小王, 小李]}]\n", 10, "周一"),
    ],
)
def test_names_that_nobody_bears(tmp_path: Path, text: str, line: int, words: str) -> None:
    told = complaint(tmp_path, GOOD + text)
    assert f"shops.yaml:{line}:" in told, told
    assert words in told


def test_a_secret_written_into_the_file_is_not_repeated(tmp_path: Path) -> None:
    told = complaint(tmp_path, GOOD + "    login: {user: bot, secret: hunter2-Pw}\n")
    assert "hunter2-Pw" not in told


def test_ids_and_names_that_look_like_numbers_are_text(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD.replace("id: main", "id: 007") + "    login: {user: 13800001111}\n")
    shop = settings.shops[0]
    assert shop.login is not None
    assert (shop.id, shop.login.user) == ("007", "13800001111")


# --- packs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trap", ["0123456", "off", "on", "no", "1e3", "0x1F", "1_000", "2026-11-01", "123"])
def test_what_yaml_would_bend_stays_text(tmp_path: Path, trap: str) -> None:
    path = tmp_path / "shops.yaml"
    path.write_text(
        f"""\
people: 22:00-06:00
shops:
  - id: {trap}
    title: {trap}
    console: practice-plain
    category: {trap}
    product: {trap}
    shift: 09:00-12:00
    colleagues: [{trap}]
    login: {{user: {trap}}}
""",
        "utf-8",
    )
    settings = load_settings(path)
    (shop,) = settings.shops
    assert shop.login is not None
    assert {shop.id, shop.title, shop.category, shop.product, *shop.colleagues, shop.login.user} == {trap}
    assert (settings.people, shop.shift) == ("22:00-06:00", "09:00-12:00")


def test_a_pack_by_name_or_by_path(tmp_path: Path) -> None:
    assert pack_path("practice-plain", tmp_path) == shared("selectors") / "practice-plain.yaml"
    assert pack_path("my/own.yaml", tmp_path) == tmp_path / "my" / "own.yaml"
    assert pack_path("/elsewhere/own.yml", tmp_path) == Path("/elsewhere/own.yml")


def test_a_shop_that_transfers_needs_a_pack_that_can(tmp_path: Path) -> None:
    def shop(console: str, **more: object) -> Shop:
        return Shop.model_validate({"id": "a", "console": console, "transfer": True, **more})

    assert load_shop_pack(shop("practice-plain"), tmp_path).transfer
    with pytest.raises(ConfigError, match="选择器包里没有 transfer"):
        load_shop_pack(shop("django-chat-ui"), tmp_path)
    with pytest.raises(ConfigError, match="colleagues"):
        load_shop_pack(shop("doudian"), tmp_path)
    assert load_shop_pack(shop("doudian", colleagues=["小李"]), tmp_path).transfer


@pytest.mark.parametrize(
    ("console", "transfer", "words"),
    [
        ("practice-plain", True, "任何在线的同事"),
        ("doudian", False, "没有要转接"),
        ("converse", False, "没有要转接"),
    ],
)
def test_colleagues_that_would_not_be_heeded_are_refused(
    tmp_path: Path, console: str, transfer: bool, words: str
) -> None:
    named = {"id": "a", "console": console, "transfer": transfer, "colleagues": ["小李"]}
    with pytest.raises(ConfigError, match=words):
        load_shop_pack(Shop.model_validate(named), tmp_path)


def test_a_pack_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="practice-plain"):
        pack_path("taobao", tmp_path)
