"""Portraits of a page's elements, and finding them again after their names changed; on trees alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest

from flows.pack import Pack
from flows.patch import patched, patched_text, unified
from flows.portrait import Sight, likeness, portraits, shape
from flows.repair import Change, broken, broken_vital, propose
from flows.tree import Node, Tree
from tests.flows.stage import pack_for

WORDS = (
    "root row mark clock name preview thread msg buyer shop robot system body drop failed image card recall",
    "input send toast cover dismiss field secret enter",
)
NAMES = {word: word for words in WORDS for word in words.split()}
PACK = pack_for(NAMES)
ROWS = (("u1001", "王小明", "在吗", "2"), ("u1002", "Li Lei", "几时发货", None), ("u1003", "晨晨", "谢谢", None))
SAID = (("m1001", "buyer", "在吗"), ("m1002", "shop", "在的"), ("m1003", "buyer", "几时发货"))


class Page:
    """A page drawn as a tree, with what each class finds; `names`: other names for some of its classes."""

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self.names = names or {}
        self.nodes: list[Node] = []
        self.held: dict[str, list[int]] = {"row": [], "message": [], "order": [], "product": []}
        html = self.add("html", -1)
        body = self.add("body", html, box=(0, 0, 1000, 700))
        root = self.add("div", body, "root", box=(0, 0, 300, 700))
        for at, (key, name, preview, unread) in enumerate(ROWS):
            row = self.add("div", root, "row", {"data-k": key}, box=(0, 60 * at, 300, 60))
            self.held["row"].append(row)
            self.add("b", row, "name", text=name, box=(10, 60 * at, 100, 20))
            self.add("span", row, "preview", text=preview, box=(10, 60 * at + 30, 200, 20))
            if unread:
                self.add("i", row, "mark", text=unread, box=(270, 60 * at, 20, 20))
        thread = self.add("section", body, "thread", {"data-k": "u1001"}, box=(300, 0, 700, 700))
        self._fill(thread)

    def _fill(self, thread: int) -> None:
        for at, (key, sender, text) in enumerate(SAID):
            left = 310 if sender == "buyer" else 690
            said = self.add("p", thread, f"msg {sender}", {"data-m": key}, box=(left, 40 * at, 300, 40))
            self.held["message"].append(said)
            self.add("span", said, "body", text=text, box=(left, 40 * at, 300, 40))
        self.add("textarea", thread, "input", box=(300, 600, 600, 80))
        self.add("button", thread, "send", text="发送", box=(900, 600, 90, 40))

    def add(
        self,
        tag: str,
        parent: int,
        names: str = "",
        attrs: Mapping[str, str] | None = None,
        *,
        text: str = "",
        box: tuple[float, float, float, float] = (0, 0, 10, 10),
    ) -> int:
        shown = {self.names.get(f"[{name}]", name): value for name, value in (attrs or {}).items()}
        if names:
            shown["class"] = " ".join(self.names.get(f".{name}", name) for name in names.split())
        self.nodes.append(Node(tag=tag, parent=parent, attrs=shown, text=text, box=box))
        return len(self.nodes) - 1

    def sight(self, pack: Pack = PACK) -> Sight:
        """What a reader with this pack sees."""
        tree = Tree(self.nodes)
        found = {
            f"{part}.{name}": [self._found(css) for css in css_of(getattr(getattr(pack, part), name))]
            for part, name in KEYS
        }
        found |= {"signals.logged_in": [self._found(".root")]}
        rows = self.held["row"] if any(found["inbox.row"]) and any(found["inbox.root"]) else []
        held = self.held if any(found["thread.message"]) else self.held | {"message": []}
        return Sight(
            tree=tree,
            found=found,
            held=held | {"row": rows},
            rows=[
                (self.nodes[at].attrs.get("data-k"), *row[1:3], None, row[3])
                for at, row in zip(rows, ROWS, strict=False)
            ],
            messages=[
                (self.nodes[at].attrs.get("data-m"), self._sender(at, found), "text", said[2], "09:41")
                for at, said in zip(held["message"], SAID, strict=False)
            ],
            facts={},
            open_id="u1001",
            signals=frozenset({"logged_in"}),
        )

    def _sender(self, at: int, found: Mapping[str, Sequence[Sequence[int]]]) -> str | None:
        return next((name for name in ("buyer", "shop") if at in found[f"thread.{name}"][0]), None)

    def _found(self, css: str) -> list[int]:
        return [at for at, node in enumerate(self.nodes) if css.removeprefix(".") in node.classes]


PARTS = {
    "inbox": "root row id name preview unread",
    "thread": "root message message_id buyer shop text open_id ready",
    "composer": "input send",
}
KEYS = [(part, name) for part, names in PARTS.items() for name in names.split()]


def css_of(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else list(value.css)


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
