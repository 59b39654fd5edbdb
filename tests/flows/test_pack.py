"""The model of a pack: short forms, errors with file, line and key, the quality scale, the schema for editors."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from base.errors import ConfigError
from base.yamlfile import parse_yaml, read_yaml
from flows.pack import Mark, Pack, Value, load_pack, pack_from
from tests.schema import Schema

ROOT = Path(__file__).resolve().parents[2]
PACKS = sorted((ROOT / "selectors").glob("*.yaml"))
FILE = Path("desk.yaml")

SMALLEST: dict[str, Any] = {
    "name": "desk",
    "title": "客服台",
    "platform": "desk",
    "as_of": "2026-11-03",
    "verified": {"level": "never"},
    "source": "https://example.com/desk",
    "url": "https://example.com/desk",
    "login": {"kind": "state"},
    "signals": {"logged_in": ".desk"},
    "inbox": {"root": ".list", "row": ".row", "id": {"attr": "data-id"}},
    "thread": {
        "root": ".thread",
        "ready": ".thread .loaded",
        "open_id": {"attr": "data-id"},
        "message": ".message",
        "message_id": {"attr": "data-id"},
        "buyer": ".buyer",
        "shop": ".shop",
        "text": ".text",
    },
    "composer": {"input": "textarea", "key": "Enter"},
}
GONE = object()


def changed(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The smallest pack with the values at dotted places set, or taken away."""
    data = copy.deepcopy(SMALLEST)
    for place, value in changes.items():
        *outer, last = place.split(".")
        inner = data
        for part in outer:
            inner = inner.setdefault(part, {})
        if value is GONE:
            del inner[last]
        else:
            inner[last] = value
    return data


def loaded(changes: Mapping[str, Any]) -> Pack:
    return pack_from(parse_yaml(yaml.safe_dump(changed(changes), allow_unicode=True, sort_keys=False), FILE))


def test_the_smallest_pack_has_sensible_defaults() -> None:
    pack = loaded({})
    assert pack.tier == "none"
    assert (pack.meter.threshold, pack.composer.max_chars, pack.inbox.refresh.kind) == (180, 500, "live")
    assert pack.order is None


SHORT_FORMS: list[tuple[str, Any, Any]] = [
    ("inbox.row", ".a", [".a"]),
    ("inbox.row", [".a", ".b"], [".a", ".b"]),
    ("inbox.name", ".a", Value(css=[".a"])),
    ("inbox.name", [".a", ".b"], Value(css=[".a", ".b"])),
    ("inbox.name", {"css": ".a", "attr": "title"}, Value(css=[".a"], attr="title")),
    ("signals.logged_in", ".a", [Mark(css=[".a"])]),
    ("signals.logged_in", [".a", {"text": "在线"}], [Mark(css=[".a"]), Mark(text="在线")]),
    ("signals.logged_in", {"url": "/desk"}, [Mark(url="/desk")]),
]


@pytest.mark.parametrize(("place", "written", "meant"), SHORT_FORMS)
def test_short_forms_stand_for_the_full_ones(place: str, written: Any, meant: Any) -> None:
    part: Any = loaded({place: written})
    for name in place.split("."):
        part = getattr(part, name)
    assert part == meant


GOOD_SELECTORS = [
    'button:has(> .icon):not([aria-disabled="true"])',
    '[title="(还没读)]"]',
    r".w-\[10px\]",
    "[data-id='{id}'] .messages",
    'a[href*="//"]',
    "div > p + p ~ p",
]


@pytest.mark.parametrize("selector", GOOD_SELECTORS)
def test_css_may_be_what_it_likes(selector: str) -> None:
    assert loaded({"inbox.row": selector}).inbox.row == [selector]


# changes, the key that the error names, a part of what it says
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"inbox.rwo": ".a", "inbox.row": GONE}, "inbox.rwo", "是不是想写“row”？"),
    ({"threed": {}}, "threed", "是不是想写“thread”？"),
    ({"inbox.row": GONE}, "inbox", "缺少“row”这一项"),
    ({"thread": GONE}, "", "缺少“thread”这一项"),
    ({"inbox.row": ""}, "inbox.row", "选择器是空的"),
    ({"inbox.row": []}, "inbox.row", "至少要有 1 项"),
    ({"inbox.row": [".a", "li[data-id"]}, "inbox.row[2]", "括号不成对"),
    ({"inbox.row": ".a:not(.b"}, "inbox.row", "括号不成对"),
    ({"inbox.row": "[title='a]"}, "inbox.row", "引号不成对"),
    ({"inbox.row": "//div[@class='a']"}, "inbox.row", "不能写 XPath"),
    ({"inbox.row": "xpath=//div"}, "inbox.row", "不能写 XPath"),
    ({"inbox.row": "text=登录"}, "inbox.row", "只能写 CSS"),
    ({"inbox.row": "div:has-text('登录')"}, "inbox.row", "浏览器不认识“:has-text”"),
    ({"inbox.row": "div >> span"}, "inbox.row", "浏览器不认识“>>”"),
    ({"thread.ready": "[data-id='{uid}']"}, "thread.ready", "只能写 {id}，不能写 {uid}"),
    ({"inbox.row": 5}, "inbox.row", "应该是文字"),
    ({"inbox.name": {"css": ".a", "atr": "x"}}, "inbox.name.atr", "是不是想写“attr”？"),
    ({"inbox.name": {"css": ".a["}}, "inbox.name.css", "括号不成对"),
    ({"inbox.id": {"attr": "id", "pattern": "([0-9]+"}}, "inbox.id.pattern", "括号 ( ) 没有成对"),
    ({"inbox.id": {"attr": "id", "pattern": "[0-9"}}, "inbox.id.pattern", "方括号 [ ] 没有成对"),
    ({"inbox.id": {"attr": "id", "pattern": "*"}}, "inbox.id.pattern", "前面少了要重复的内容"),
    ({"inbox.id": {"attr": "id", "pattern": "(a)(b)"}}, "inbox.id.pattern", "最多一个括号组"),
    ({"inbox.id": {"attr": "id", "pattern": "(?P<id>a)"}}, "inbox.id.pattern", "浏览器不认识正则表达式里的“(?P”"),
    ({"inbox.id": {"attr": "id", "pattern": "(?i)a"}}, "inbox.id.pattern", "浏览器不认识"),
    ({"inbox.id": {"attr": "id", "pattern": r"\Aa"}}, "inbox.id.pattern", r"“\A”"),
    ({"signals.logged_in": {}}, "signals.logged_in", "至少要写 css、text、url 之一"),
    ({"signals.logged_in": [".a", {"txt": "在线"}]}, "signals.logged_in[2].txt", "是不是想写“text”？"),
    ({"composer.send": ".send"}, "composer", "只写一个"),
    ({"composer.key": GONE}, "composer", "send（按钮的选择器）和 key（按键）要写其中一个"),
    ({"composer.key": "Entr"}, "composer.key", "是不是想写“Enter”？"),
    ({"composer.max_chars": 5}, "composer.max_chars", "不能小于 10"),
    ({"composer.max_chars": "很多"}, "composer.max_chars", "应该是整数"),
    ({"login.kind": "password", "login.username": "#u"}, "login", "密码登录要写 username、password、submit"),
    ({"login.afresh": True}, "login", "只能用于密码登录"),
    ({"verified": {"level": "live"}}, "verified", "就要写 date"),
    ({"verified": {"level": "alive"}}, "verified.level", "是不是想写“live”？"),
    ({"as_of": "昨天"}, "as_of", "应该是日期"),
    ({"name": "My Desk"}, "name", "写法不对"),
    ({"quality": {"reads": "exempt"}}, "quality.reads", "exempt 要写 reason"),
    ({"quality": {"reads": "yes"}}, "quality.reads", "只能写其中之一：done、todo、exempt"),
    ({"quality": {"raeds": "done"}}, "quality.raeds", "是不是想写“reads”？"),
    ({"meter.window": "8:00-23:00"}, "meter.window", "写法不对"),
    ({"meter.time_zone": "Asia/Shanghay"}, "meter.time_zone", "没有“Asia/Shanghay”这个时区"),
    ({"pace": {"shop": {"messages": 0, "seconds": 60}}}, "pace.shop.messages", "不能小于 1"),
    ({"order": {"root": ".order", "facts": {"number": {"attr": []}}}}, "order.facts.number.attr", "应该是文字"),
]


@pytest.mark.parametrize(("changes", "key", "message"), WRONG)
def test_what_is_wrong_is_told_with_file_line_and_key(changes: dict[str, Any], key: str, message: str) -> None:
    text = yaml.safe_dump(changed(changes), allow_unicode=True, sort_keys=False)
    with pytest.raises(ConfigError) as caught:
        pack_from(parse_yaml(text, FILE))
    assert len(caught.value.problems) == 1
    problem = caught.value.problems[0]
    assert (problem.path, problem.key) == (FILE, key)
    assert message in str(problem)
    assert problem.line is not None
    row = text.splitlines()[problem.line - 1].lstrip()
    if "[" in key:
        assert row.startswith("- ")
    else:
        assert row.startswith(f"{key.split('.')[-1]}:") if key else problem.line == 1


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        loaded({"inbox.row": "", "thread.text": "//p", "composer.lines": "kep"})
    assert [problem.key for problem in caught.value.problems] == ["inbox.row", "thread.text", "composer.lines"]


TIERS = [
    ({}, "none"),
    ({"reads": "done"}, "none"),
    ({"reads": "done", "answers": "todo"}, "none"),
    ({"reads": "done", "answers": "done"}, "bronze"),
    ({"reads": "done", "answers": {"status": "exempt", "reason": "只读"}}, "bronze"),
    ({"survives_reload": "done", "measured_live": "done"}, "none"),
]
SILVER = ("reads", "answers", "survives_reload", "survives_logout", "survives_kick", "survives_lost_clicks")
TIERS += [
    (dict.fromkeys(SILVER, "done"), "silver"),
    (dict.fromkeys(SILVER[:-1], "done") | {"measured_live": "done"}, "bronze"),
    (dict.fromkeys((*SILVER, "measured_live"), "done"), "gold"),
]


@pytest.mark.parametrize(("quality", "tier"), TIERS)
def test_a_tier_needs_all_rules_up_to_it(quality: dict[str, Any], tier: str) -> None:
    assert loaded({"quality": quality}).tier == tier


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_shipped_pack_loads_under_its_own_name(path: Path) -> None:
    pack = load_pack(path)
    assert pack.name == path.stem
    assert pack.source
    json.dumps(pack.compiled())  # what goes to the page


def test_there_are_packs() -> None:
    assert len(PACKS) >= 2


@pytest.fixture(scope="module")
def schema() -> Schema:
    return Schema(json.loads((ROOT / "selectors/schema.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_shipped_pack_fits_the_schema(schema: Schema, path: Path) -> None:
    assert schema.fits(read_yaml(path).data)


@pytest.mark.parametrize(("place", "written", "_meant"), SHORT_FORMS)
def test_the_schema_allows_the_short_forms(schema: Schema, place: str, written: Any, _meant: Any) -> None:
    assert schema.fits(changed({place: written}))


REFUSED_BY_SCHEMA: list[dict[str, Any]] = [
    {"inbox.rwo": ".a"},
    {"inbox.row": GONE},
    {"inbox.row": []},
    {"inbox.row": 5},
    {"inbox.name": {"atr": "x"}},
    {"composer.key": "Entr"},
    {"composer.max_chars": 5},
    {"quality": {"raeds": "done"}},
    {"quality": {"reads": "exempt"}},
    {"name": "My Desk"},
    {"meter.window": "8:00-23:00"},
    {"signals.logged_in": [".a", {"txt": "在线"}]},
]


@pytest.mark.parametrize("changes", REFUSED_BY_SCHEMA)
def test_the_schema_sees_what_is_wrong(schema: Schema, changes: dict[str, Any]) -> None:
    assert not schema.fits(changed(changes))
