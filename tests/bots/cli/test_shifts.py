"""`shifts`: a week as a picture, and every time that nobody covers as text, JSON and SVG."""

from __future__ import annotations

import json
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from base.places import shared
from storage.ledger import Ledger
from tests.bots.cli.conftest import PACK, SHOPS, Place, Run

ZONE = ZoneInfo("Asia/Shanghai")
# Bots at night and people by day, but nobody from 18:00 to 20:00.
BARE = SHOPS.replace("09:00-22:00", "08:00-18:00").replace(
    "title: 茶叶店", 'title: 茶叶店\n    shift: "20:00-08:00"'
)
TABLE = """\
people:
  - { days: 工作日, hours: "09:00-18:00" }
shifts:
  夜班: [{ hours: "18:00-09:00" }, { days: [节假日, 周末], hours: "09:00-09:00", do: 只安抚 }]
  白天: [{ hours: "00:00-24:00", do: 人工优先, after: 20 }]
alerts:
  channels: { 群: file }
  people: [{ name: 小王, channels: [群], hours: "18:00-09:00" }, { name: 老板, channels: [群] }]
  swaps: [{ days: 2026-10-01, between: [小王, 老板] }]
shops:
  - { id: tea, title: 茶叶店, console: pack.yaml, shift: 夜班 }
  - { id: cup, title: 茶具店, console: pack.yaml, shift: 夜班 }
  - { id: pot, title: <茶壶> & 店, console: pack.yaml, shift: 白天 }
"""


def when(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZONE)


# --- show -------------------------------------------------------------------------------------------------------


def test_a_week_as_a_picture(run: Run, place: Place) -> None:
    place.write("shops.yaml", TABLE)
    shown = run("shifts", "show", "--week", "2026-10-03")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert [line.strip() for line in lines if "店" in line] == ["茶叶店、茶具店", "<茶壶> & 店"]
    bots = next(line for line in lines if line.startswith("09-30 周三")).removeprefix("09-30 周三").strip()
    assert bots == "█" * 18 + "·" * 18 + "█" * 12
    number = next(number for number, line in enumerate(lines) if line.startswith("10-01 周四"))
    assert lines[number].split()[-1] == "█" * 18 + "▒" * 30
    assert lines[number + 1].split() == ["国庆节", "·" * 48]
    assert "值班 10-01 周四 00:00 到 18:00（18小时）：小王" in shown.stdout
    assert "没有 2040 年的放假安排" in run("shifts", "show", "--week", "2040-01-05").stderr


def test_where_nobody_is_there_is_marked(run: Run, place: Place) -> None:
    place.write("shops.yaml", BARE)
    lines = run("shifts", "show", "--week", "2026-11-23").stdout.splitlines()
    number = next(number for number, line in enumerate(lines) if line.startswith("11-25 周三"))
    for line, mark in ((lines[number].split()[-1], "█"), (lines[number + 1].strip(), "·")):
        assert line[36:40] == "!!!!"
        assert line[40:] == mark * 8
    assert sum(line.count("!!!!") for line in lines) == 14


def test_a_week_fits_a_narrow_terminal_by_the_hour(
    run: Run, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.cli.show._PIPE_WIDTH", 40)
    place.write("shops.yaml", BARE.replace("20:00-08:00", "19:30-08:00"))
    lines = run("shifts", "show", "--week", "2026-11-23").stdout.splitlines()
    assert any(line.split() == [str(hour) for hour in range(0, 25, 3)] for line in lines)
    day = next(line for line in lines if line.startswith("11-25 周三"))
    assert day.split()[-1] == "█" * 8 + "·" * 10 + "!" * 2 + "█" * 4


def test_one_shop_as_json(run: Run, place: Place) -> None:
    place.write("shops.yaml", TABLE)
    shown = json.loads(run("shifts", "show", "--shop", "cup", "--week", "2026-10-01", "--json").stdout)
    (week,) = shown["shops"]
    assert week["shops"] == ["cup"]
    kinds = {day["day"]: (day["kind"], day["name"]) for day in week["days"]}
    assert kinds["2026-10-02"] == ("holiday", "国庆节")
    assert [spell["do"] for spell in week["bots"]] == ["hold", "answer", "answer", "answer", "hold"]
    assert (when(week["bots"][0]["from"]).isoformat(), week["gaps"]) == ("2026-09-28T00:00:00+08:00", [])
    assert [when(spell["from"]).day for spell in week["people"]] == [28, 29, 30]
    first, *_rest, last = shown["on_call"]
    assert (when(shown["from"]), when(shown["to"])) == (when(first["from"]), when(last["to"]))
    assert all(one["to"] == two["from"] for one, two in pairwise(shown["on_call"]))
    held = {tuple(call["people"]) for call in shown["on_call"] if when(call["from"]).day == 1}
    assert held == {("小王",), ("老板", "小王")}


def test_a_night_in_which_the_clock_is_put_back_is_an_hour_longer(run: Run, place: Place) -> None:
    place.write("pack.yaml", PACK + "meter: {time_zone: America/New_York}\n")
    place.write("shops.yaml", SHOPS.replace("09:00-22:00", "08:00-22:00") + '    shift: "08:00-22:00"\n')
    shown = json.loads(run("shifts", "show", "--week", "2027-11-07", "--json").stdout)
    assert [gap["hours"] for gap in shown["shops"][0]["gaps"]] == [8, 10, 10, 10, 10, 10, 11, 2]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["show", "--week", "2026-13-01"], "日期"),
        (["show", "--week", "下周"], "日期"),
        (["show", "--week", "9999-12-31"], "日期"),
        (["show", "--shop", "nobody"], "tea"),
        (["coverage", "--weeks", "0"], "要写 1 到 53 的数"),
        (["coverage", "--svg", "no/such/folder.svg"], "写不了这个文件"),
    ],
)
def test_bad_input(run: Run, args: list[str], words: str) -> None:
    result = run("shifts", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


# --- coverage ---------------------------------------------------------------------------------------------------


def test_every_gap_is_told(run: Run, place: Place) -> None:
    place.write("shops.yaml", BARE)
    told = run("shifts", "coverage", "--weeks", "2")
    assert told.exit_code == 1
    lines = [line for line in told.stdout.splitlines() if line.startswith("  ")]
    assert len(lines) in (14, 15)  # it may be between six and eight just now
    assert all(re.fullmatch(r"  \d\d-\d\d 周. 18:00 到 20:00（2小时）", line) for line in lines[1:-1])
    data = run("shifts", "coverage", "--weeks", "2", "--json")
    assert data.exit_code == 1
    found = json.loads(data.stdout)
    assert found["covered"] is False
    assert {gap["shop"] for gap in found["gaps"]} == {"tea"}
    assert round(sum(gap["hours"] for gap in found["gaps"]), 1) == 28.0
    assert all((when(gap["from"]).hour, when(gap["to"]).hour) == (18, 20) for gap in found["gaps"][1:-1])


def test_no_gap(run: Run, place: Place) -> None:
    place.write("shops.yaml", BARE.replace("20:00-08:00", "18:00-08:00"))
    told = run("shifts", "coverage")
    assert told.exit_code == 0
    assert "以后 4 个星期，每家店每个小时都有机器人或人工" in told.stdout
    found = json.loads(run("shifts", "coverage", "--json").stdout)
    assert (found["covered"], found["gaps"], found["missing_years"]) == (True, [], [])


def test_bots_that_may_only_hold_are_drawn_so(run: Run, place: Place) -> None:
    tea = "{ id: tea, title: 茶叶店,"
    place.write("shops.yaml", TABLE.replace(tea, f"{tea} mode: hold,"))
    shown = run("shifts", "show", "--shop", "tea", "--week", "2026-09-21").stdout
    bots = next(line for line in shown.splitlines() if line.startswith("09-21 周一"))
    assert bots.split()[-1] == "▒" * 18 + "·" * 18 + "▒" * 12
    assert "茶叶店、" not in run("shifts", "show").stdout


def test_bots_that_only_observe_cover_nobody(run: Run, place: Place) -> None:
    place.write("shops.yaml", SHOPS)
    assert run("shifts", "coverage").exit_code == 0
    place.write("shops.yaml", SHOPS + "    mode: observe\n")
    assert run("shifts", "coverage").exit_code == 1


def test_a_shop_that_is_not_live_yet_is_named(run: Run, ledger: Ledger) -> None:
    assert "tea 还没有上线" in run("shifts", "coverage").stderr
    assert json.loads(run("shifts", "coverage", "--json").stdout)["not_live"] == ["tea"]
    ledger.go_live("tea")
    assert run("shifts", "coverage").stderr == ""
    assert json.loads(run("shifts", "coverage", "--json").stdout)["not_live"] == []


def test_before_the_first_run_no_shop_is_live(run: Run, place: Place) -> None:
    place.write("shops.yaml", SHOPS + "  - {id: cup, console: pack.yaml, mode: observe}\n")
    assert "注意：tea 还没有上线" in run("shifts", "coverage").stderr
    assert json.loads(run("shifts", "coverage", "--json").stdout)["not_live"] == ["tea"]
    assert not place.home.ledger.exists()


def test_the_picture_has_a_red_bar_for_each_gap_and_takes_no_title_for_markup(run: Run, place: Place) -> None:
    place.write("shops.yaml", BARE.replace("茶叶店", '"<b>茶 & 叶"'))
    path = place.home.folder / "a.svg"
    assert run("shifts", "coverage", "--weeks", "1", "--svg", path).exit_code == 1
    root = ElementTree.fromstring(path.read_text("utf-8"))  # noqa: S314 - our own
    space = "{http://www.w3.org/2000/svg}"
    texts = [element.text for element in root.iter(f"{space}text")]
    assert "<b>茶 & 叶" in texts
    titled = [(bar, bar.find(f"{space}title")) for bar in root.iter(f"{space}rect")]
    red = [bar for bar, title in titled if title is not None and str(title.text).startswith("没有人")]
    assert [(bar.get("x"), bar.get("width")) for bar in red] == [("690", "60")] * 7
    assert len({bar.get("y") for bar in red}) == 7


def test_a_year_that_the_calendar_lacks_is_told_of_where_it_matters(run: Run, place: Place) -> None:
    own = "calendar: { holidays: [%s] }\n"
    place.write("shops.yaml", TABLE)
    told = run("shifts", "coverage", "--weeks", "53")
    assert re.search(r"没有 20\d\d", told.stderr)
    years = [str(year) for year in range(2026, 2036)]
    days = ", ".join(f"{year}-{day}" for year in years for day in ("01-01", "05-01", "10-01"))
    place.write("shops.yaml", own % days + TABLE)
    assert "放假安排" not in run("shifts", "coverage", "--weeks", "53").stderr
    place.write("shops.yaml", SHOPS)
    assert "放假安排" not in run("shifts", "coverage", "--weeks", "53").stderr


@pytest.mark.parametrize("page", ["the manual", "the example"])
def test_what_we_show_has_no_gap(run: Run, place: Place, page: str) -> None:
    text = (shared("examples") / "shops.yaml").read_text("utf-8").replace("mode: observe", "mode: answer")
    if page == "the manual":
        manual = (Path(__file__).parents[3] / "docs" / "上线.md").read_text("utf-8")
        (text,) = re.findall(r"```yaml\n(people:.*?)```", manual, re.DOTALL)
    place.write("shops.yaml", text)
    found = json.loads(run("shifts", "coverage", "--weeks", "53", "--json").stdout)
    assert {gap["shop"] for gap in found["gaps"]} == ({"night"} if page == "the manual" else set())
