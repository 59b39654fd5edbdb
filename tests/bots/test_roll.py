"""The roll: what a worker hears of it, what changed from one to the next, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from base.errors import ConfigError
from bots.roll import Roll, read_roll
from tests.bots.cli.conftest import Place
from tests.bots.cli.conftest import place as place
from tests.rolls import roll_of

FULL = """\
people: [{days: 工作日, hours: 09:00-18:00}]
shifts: {夜班: [{hours: "22:00-09:00", do: 人工优先, after: 30}]}
calendar: {holidays: [2026-12-24]}
alerts: {channels: {群: file}, people: [{name: 小王, channels: [群], hours: 09:00-18:00}]}
shops:
  - {id: tea, console: pack.yaml, shift: 夜班, mode: hold, pace: {shop: {messages: 3, seconds: 9}}}
  - {id: milk, console: practice-plain, url: "http://milk.test/", knowledge: milk.yaml}
"""


def test_a_worker_hears_what_was_read(place: Place) -> None:
    place.write("shops.yaml", FULL)
    roll = read_roll(place.home)
    assert Roll.of(roll.line()) == roll
    assert list(Roll.of(roll.only(["milk"]).line()).packs) == ["milk"]


def test_one_that_is_the_same_has_no_changes() -> None:
    assert roll_of("tea", "milk").changes(roll_of("tea", "milk")) == ""


def test_changes_in_words() -> None:
    old, new = roll_of("tea", "milk"), roll_of("tea", "wine", silence=3)
    shift = new.settings.shops[0].model_copy(update={"shift": "22:00-09:00"})
    new = Roll(
        settings=new.settings.model_copy(update={"shops": [shift, *new.settings.shops[1:]]}), packs=new.packs
    )
    assert old.changes(new) == "新增 wine；去掉 milk；改动 tea（shift）；设置 silence"


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"mode": "hold"}, True),
        ({"shift": "22:00-09:00", "people": "09:00-18:00", "title": "茶"}, True),
        ({"url": "http://elsewhere.test/"}, False),
        ({"login": {"user": "bot-2"}}, False),
    ],
)
def test_what_needs_another_page(change: dict[str, object], same: bool) -> None:
    old = roll_of("tea")
    shop = old.settings.shops[0].model_validate({"id": "tea", "console": "practice-plain", **change})
    new = Roll(settings=old.settings.model_copy(update={"shops": [shop]}), packs=old.packs)
    assert old.same_page("tea", new) is same


def test_another_pack_needs_another_page() -> None:
    old = roll_of("tea")
    pack = old.packs["tea"].model_copy(update={"url": "http://elsewhere.test/"})
    new = Roll(settings=old.settings, packs={"tea": pack})
    assert old.changes(new) == "改动 tea（console）"
    assert not old.same_page("tea", new)


@pytest.mark.parametrize(
    ("shops", "said"),
    [
        ("people: 09:00-22:00\nshops:\n  - {id: tea, console: taobao}\n", "3: shops[1].console: 没有名叫“taobao”"),
        ("people: 09:00-22:00\nshops:\n  - id: tea\n    console: pack.yaml\n    transfer: true\n", "4: shops[1]"),
        ("people: 09:00-22:00\nshops:\n  - {id: tea, console: gone.yaml}\n", "gone.yaml: 找不到"),
    ],
)
def test_what_is_wrong_with_a_shop_says_where(place: Place, shops: str, said: str) -> None:
    path: Path = place.write("shops.yaml", shops)
    with pytest.raises(ConfigError) as caught:
        read_roll(place.home)
    assert said in str(caught.value).replace(f"{path}:", "")
    assert "建议" in str(caught.value)
