"""`selectors list` and `selectors check` on a saved page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from base.places import shared
from tests.bots.cli.conftest import Place, Run

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>茶台</title>
<script>document.addEventListener("DOMContentLoaded", () => document.body.remove())</script>
<style>.hidden { display: none }</style></head><body>
<div class="desk">
  <ul class="list">
    <li class="line" data-k="u1001001"><b class="who">王小明</b><i class="new">2</i></li>
    <li class="line" data-k="u1001002"><b class="who">Li Lei</b></li>
  </ul>
  <section class="talk hidden" data-k="u1001001"></section>
  <section class="talk" data-k="u1001002">
    <p class="said theirs" data-k="m1"><span class="words">电话13812345678</span></p>
    <p class="said ours" data-k="m2"><span class="words">OK，明天发</span></p>
  </section>
  <textarea>没发出的话</textarea>
  <img src="http://127.0.0.1:9/picture" alt="王小明的头像">
</div></body></html>
"""


def check(run: Run, place: Place, page: str, *more: str) -> tuple[int, Mapping[str, Any]]:
    path = place.write("page.html", page)
    result = run("selectors", "check", "pack.yaml", "--file", path, "--json", *more)
    assert result.exit_code in (0, 1), result.output
    return result.exit_code, json.loads(result.stdout)


def test_the_list_of_packs(run: Run) -> None:
    packs = json.loads(run("selectors", "list", "--json").stdout)
    assert [pack["name"] for pack in packs] == sorted(path.stem for path in shared("selectors").glob("*.yaml"))
    for pack in packs:
        assert pack["tier"] in ("none", "bronze", "silver", "gold")
        assert pack["verified"] in ("never", "replica", "live")
    shown = run("selectors", "list").stdout
    assert all(pack["name"] in shown for pack in packs)


def test_a_saved_page_that_fits(run: Run, place: Place) -> None:
    code, found = check(run, place, PAGE)
    assert (code, found["usable"], found["advice"]) == (0, True, "")
    results = {each["key"]: (each["result"], each["count"]) for each in found["findings"]}
    assert results["inbox.row"] == ("found", 2)
    assert results["thread.root"] == ("found", 1)
    assert results["thread.message"] == ("found", 2)
    assert results["login.username"] == ("idle", 0)


def test_the_plain_verdict_stands_last(run: Run, place: Place) -> None:
    path = place.write("page.html", PAGE)
    assert run("selectors", "check", "pack.yaml", "--file", path).stdout.splitlines()[-1] == "可用"
    path.write_text(PAGE.replace("textarea", "nothing"), "utf-8")
    result = run("selectors", "check", "pack.yaml", "--file", path)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1].startswith("不可用：先改这些键：composer.input")


@pytest.mark.parametrize(
    ("old", "new", "key", "result"),
    [
        ('data-k="u1001002"><b', "><b", "inbox.id（读到的）", "missing"),
        ("said ours", "said", "thread 的发送人（读到的）", "missing"),
        ('data-k="m2"', 'data-k="m1"', "thread.message_id（读到的）", "ambiguous"),
        ("talk hidden", "talk", "thread.root", "ambiguous"),
        ('class="words"', "", "thread.text", "missing"),
        ('class="line"', 'class="old-line"', "inbox.row", "found"),
    ],
)
def test_what_changed_on_the_page(run: Run, place: Place, old: str, new: str, key: str, result: str) -> None:
    _code, found = check(run, place, PAGE.replace(old, new))
    assert {each["key"]: each["result"] for each in found["findings"]}[key] == result


def test_a_login_page(run: Run, place: Place) -> None:
    form = '<form><input id="user"><input id="word"><button id="enter">进</button></form>'
    code, found = check(run, place, f"<!doctype html>{form}")
    assert code == 1
    assert "--shop" in found["advice"]
    assert {each["key"]: each["result"] for each in found["findings"]}["login.submit"] == "found"


def test_the_copy_holds_the_structure_and_no_words(run: Run, place: Place, tmp_path: Path) -> None:
    copy = tmp_path / "copy.html"
    assert check(run, place, PAGE, "--save", str(copy))[0] == 0
    text = copy.read_text("utf-8")
    assert not re.search(r"王|Li|138|1001|picture|没发|script", text)
    assert '<span class="words">汉汉99999999999</span>' in text
    assert '<b class="who">Aa Aaa</b>' in text
    assert '<section class="talk hidden" data-k="a9999999" hidden="">' in text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "--url 网址、--shop 店铺代号 或 --file 文件"),
        (("--file", "a.html", "--url", "http://x/"), "其中一个"),
        (("--file", "nosuch.html"), "读不了这个文件"),
        (("--shop", "coffee"), "现有：tea"),
        (("--url", "http://127.0.0.1:9/"), "连不上后台网页"),
    ],
)
def test_a_page_that_cannot_be_looked_at(run: Run, args: tuple[str, ...], said: str) -> None:
    result = run("selectors", "check", "pack.yaml", *args)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_copy_that_cannot_be_written(run: Run, place: Place) -> None:
    path = place.write("page.html", PAGE)
    result = run("selectors", "check", "pack.yaml", "--file", path, "--save", path / "copy.html")
    assert result.exit_code == 2
    assert "写不了这个文件" in result.stderr
