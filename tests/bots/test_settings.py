"""`shops.yaml` as settings: what it may say, what it gets for what it may not, and the hours it names."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from base.errors import ConfigError
from base.places import shared
from bots.settings import (
    Settings,
    Shop,
    in_hours,
    load_settings,
    load_shop_pack,
    next_start,
    pack_path,
    people_at,
)

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
    assert settings.people_hours(shop) == "09:00-22:00"


def test_a_shop_has_the_last_word_on_its_own_affairs(tmp_path: Path) -> None:
    own = ["title: 旗舰店", "url: http://x/", 'people: "10:00-18:00"', "product: 123", "category: food"]
    settings = load(tmp_path, GOOD + "".join(f"    {line}\n" for line in own))
    (shop,) = settings.shops
    card = settings.card(shop, load_shop_pack(shop, tmp_path))
    assert (card.title, card.url) == ("旗舰店", "http://x/")
    assert (card.product, card.category) == ("123", "food")
    assert settings.people_hours(shop) == "10:00-18:00"


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


def test_a_pack_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="practice-plain"):
        pack_path("taobao", tmp_path)


# --- hours ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("09:00-22:00", ["09:00", "21:59"], ["08:59", "22:00", "00:00"]),
        ("22:00-06:00", ["22:00", "23:59", "00:00", "05:59"], ["06:00", "21:59", "12:00"]),
        ("00:00-24:00", ["00:00", "12:00", "23:59"], []),
        ("18:00-24:00", ["18:00", "23:59"], ["00:00", "17:59"]),
        ("9:00 至 22:00", ["09:00"], ["08:59"]),
        ("09:00~22:00", ["09:00"], ["08:59"]),
    ],
)
def test_hours_overnight_and_not(hours: str, inside: list[str], outside: list[str]) -> None:
    assert all(in_hours(hours, at(text), ZONE) for text in inside)
    assert not any(in_hours(hours, at(text), ZONE) for text in outside)


@pytest.mark.parametrize(
    ("hours", "now", "then"),
    [
        ("09:00-22:00", at("08:00"), at("09:00")),
        ("09:00-22:00", at("23:00"), at("09:00", 24)),
        ("09:00-22:00", at("09:00"), at("09:00", 24)),
        ("22:00-06:00", at("07:00"), at("22:00")),
        ("22:00-06:00", at("23:00"), at("22:00", 24)),
        ("09:30-12:00", at("00:00"), at("09:30")),
    ],
)
def test_when_a_span_next_begins(hours: str, now: datetime, then: datetime) -> None:
    assert next_start(hours, now, ZONE) == then


def test_the_day_is_the_shops_not_the_machines() -> None:
    # 23:30 UTC is half past seven in Shanghai, on the next day.
    now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert people_at("09:00-22:00", now, ZONE) == (False, "今天9点")
    assert people_at("07:00-22:00", now, ZONE) == (True, None)
