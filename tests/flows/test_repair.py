"""Portraits of a page's elements, and finding them again after their names changed; on trees alone."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from flows.patch import patched, patched_text, unified
from flows.portrait import likeness, portraits, shape
from flows.repair import Change, broken, broken_vital, propose
from tests.flows.drawn import PACK, ROWS, SAID, Page

GOOD = Page().sight()
MEMORY = portraits(PACK, GOOD)


def test_a_portrait_holds_no_buyers_data() -> None:
    kept = json.dumps({key: asdict(one) for key, one in MEMORY.items()}, ensure_ascii=False)
    for key, name, preview, _unread in ROWS:
        assert not any(word in kept for word in (key, name, preview))
    for key, _sender, text in SAID:
        assert not any(word in kept for word in (key, text))
    assert MEMORY["composer.send"].label == "发送"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("9秒后超时", "9汉"), ("", ""), ("abc 12:30", "a 9:9"), ("王小明", "汉"), ("¥12.50", "¥9.9")],
)
def test_the_shape_of_a_text(text: str, kinds: str) -> None:
    assert shape(text) == kinds


def test_nothing_is_broken_on_the_page_itself() -> None:
    assert broken(PACK, MEMORY, GOOD, GOOD) == []
    assert all(likeness(one, one) == 1.0 for one in MEMORY.values())


@pytest.mark.parametrize(
    ("name", "key", "found"),
    [
        (".root", "inbox.root", ".lamp"),
        (".row", "inbox.row", "[data-k]"),
        (".name", "inbox.name", ".lamp"),
        (".preview", "inbox.preview", ".lamp"),
        (".thread", "thread.root", ".lamp"),
        (".msg", "thread.message", "[data-m]"),
        (".buyer", "thread.buyer", ".lamp"),
        (".shop", "thread.shop", ".lamp"),
        (".body", "thread.text", ".lamp"),
        (".input", "composer.input", ".lamp"),
        (".send", "composer.send", ".lamp"),
    ],
)
def test_an_element_is_found_again(name: str, key: str, found: str) -> None:
    sight = Page({name: "lamp"}).sight()
    assert key in broken_vital(PACK, MEMORY, sight, GOOD)
    change = propose(PACK, MEMORY, sight, key, GOOD)
    assert change is not None
    assert change.css[0] == found
    assert change.confidence > 0.5
    assert not any(word in css for css in change.css for row in ROWS for word in row[:3])


def test_an_attribute_of_ids_is_found_again() -> None:
    sight = Page({"[data-m]": "data-lamp"}).sight()
    assert "thread.message_id" in broken_vital(PACK, MEMORY, sight, GOOD)
    change = propose(PACK, MEMORY, sight, "thread.message_id", GOOD)
    assert change is not None
    assert (change.css, change.attr) == ((), "data-lamp")


def test_an_element_that_is_gone_is_not_made_up() -> None:
    page = Page()
    gone = next(at for at, node in enumerate(page.nodes) if "input" in node.classes)
    page.nodes[gone] = replace(page.nodes[gone], tag="i", attrs={}, box=(0, 0, 0, 0))
    change = propose(PACK, MEMORY, page.sight(), "composer.input", GOOD)
    assert change is None or change.likeness < 0.7


# --- the file ---------------------------------------------------------------------------------------------------

TEXT = """\
# 我们的后台
name: desk   # 名字
inbox:
  row: ".row" # 行
  id: {attr: data-k}
  name:
    css: ".who"
    attr: title
signals: {logged_in: ".desk"}
"""


def change(key: str, *css: str, attr: str | None = None) -> Change:
    return Change(key=key, css=css, attr=attr, likeness=0.9, next_best=0.1)


def test_a_patch_leaves_all_else_as_it_was() -> None:
    changes = [
        change("inbox.row", "[data-k]"),
        change("inbox.id", attr="data-key"),
        change("inbox.name", ".lamp"),
        change("signals.logged_in", ".lamp"),
    ]
    after = patched_text(TEXT, changes)
    expected = TEXT
    for old, new in (
        ('row: ".row"', 'row: ["[data-k]", ".row"]'),
        ("data-k}", "data-key}"),
        ('css: ".who"', 'css: [".lamp", ".who"]'),
        ('logged_in: ".desk"', 'logged_in: [".lamp", ".desk"]'),
    ):
        expected = expected.replace(old, new)
    assert after == expected
    lines = [line for line in unified(TEXT, after, "desk.yaml").splitlines() if line[0] in "+-"]
    assert len(lines) == 2 + 2 * 4
    assert patched_text(after, changes) == after


def test_a_patched_pack_looks_for_the_new_first() -> None:
    pack = patched(PACK, [change("inbox.row", "[data-k]", ".row"), change("inbox.name", ".lamp", attr="title")])
    assert pack.inbox.row == ["[data-k]", ".row"]
    assert pack.inbox.name is not None
    assert (pack.inbox.name.css, pack.inbox.name.attr) == ([".lamp", ".name"], "title")
    assert patched(PACK, [change("signals.logged_in", ".lamp")]).signals.logged_in[0].css == [".lamp", ".root"]
