"""The choice of selectors, on descriptions of pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from flows.candidates import likely
from flows.choice import unique
from flows.identity import handles, open_proof, selected_row, senders
from flows.suggest import Point, list_of, row_of, suggest
from flows.tokens import generated, numbered, state
from flows.tree import Node, Tree

Spec = tuple[str, dict[str, str], str, Sequence["Spec"]]


def tree(*body: Spec) -> Tree:
    """A page with `body`: each element as tag, attributes, own text and children."""
    nodes = [Node(tag="html", parent=-1, attrs={})]

    def add(spec: Spec, parent: int) -> None:
        tag, attrs, text, children = spec
        width = float(attrs.get("width", "300"))
        shown = "hidden" not in attrs
        nodes.append(Node(tag=tag, parent=parent, attrs=attrs, text=text, shown=shown, box=(0, 0, width, 20)))
        own = len(nodes) - 1
        for child in children:
            add(child, own)

    add(("body", {"width": "1200"}, "", body), 0)
    return Tree(nodes)


def el(names: str, *children: Spec, text: str = "", tag: str = "div", **attrs: str) -> Spec:
    given = {name.replace("_", "-"): value for name, value in attrs.items()}
    return (tag, given | ({"class": names} if names else {}), text, children)


def where(page: Tree, css_class: str, nth: int = 0) -> int:
    return [number for number, node in enumerate(page.nodes) if css_class in node.classes][nth]


@pytest.mark.parametrize(
    "name",
    [
        "_3kX9a",
        "css-1q2w3e",
        "sc-bdVaJa",
        "Button_button__3kX9a",
        "list--1a2Bc",
        "jss123",
        "ember42",
        "data-v-7ba5bd90",
        ":r1:",
        "a1b2c3",
        "x8f3k2",
        "kqzvbrt",
    ],
)
def test_a_name_that_a_machine_made(name: str) -> None:
    assert generated(name)


@pytest.mark.parametrize(
    "name",
    [
        "row",
        "messageList",
        "chat-message--own",
        "composer-input",
        "ant-btn",
        "col-md-6",
        "t-alluser-wrap",
        "el-input__inner",
        "h5-page",
        "text-2xl",
        "style-guide",
        "wangEditor",
        "UserCard",
    ],
)
def test_a_name_that_a_person_made(name: str) -> None:
    assert not generated(name)


def test_counted_and_passing_names() -> None:
    assert [name for name in ("row-1024", "u1001", "item-3", "list") if numbered(name)] == [
        "row-1024",
        "u1001",
        "item-3",
    ]
    assert [name for name in ("is-open", "active", "row-selected", "open-list") if state(name)] == [
        "is-open",
        "active",
        "row-selected",
    ]


@pytest.mark.parametrize(
    ("attrs", "best"),
    [
        ({"data-testid": "send", "class": "btn"}, '[data-testid="send"]'),
        ({"name": "user", "class": "field"}, '[name="user"]'),
        ({"id": "send-button", "class": "btn"}, "#send-button"),
        ({"id": "x8f3k2", "class": "send"}, ".send"),
        ({"class": "css-1q2w3e send"}, ".send"),
        ({"aria-label": "发送", "class": "send"}, '[aria-label="发送"]'),
        ({"data-uid": "u1001", "class": "send"}, "[data-uid]"),
    ],
)
def test_what_lasts_comes_first(attrs: dict[str, str], best: str) -> None:
    page = tree(el("bar", ("button", attrs, "", ()), el("", tag="button"), el("", tag="span")))
    found = unique(page, 3)
    assert found[0] == best
    assert len(found) > 1


def test_an_element_without_any_name_is_known_by_what_holds_it() -> None:
    page = tree(el("bar", el("", tag="button")), el("foot", el("", tag="button"), el("", tag="button")))
    assert unique(page, 3)[0] == ".bar button"
    assert unique(page, 6) == [".foot > button:nth-of-type(2)"]


def shop(*, conversation: str = "c-1002", sender: bool = True, names: str = "row") -> Tree:
    marked = {1: names, 2: f"{names} active", 3: names}
    rows = [el(marked[number], el("who", text=f"买家{number}"), data_key=f"c-100{number}") for number in (1, 2, 3)]
    group = el("group", el("title", text="待回复"), *rows, data_group="waiting", tag="section")
    theirs = {"data_from": "buyer"} if sender else {}
    ours = {"data_from": "shop"} if sender else {}
    return tree(
        el("desk", el("groups", group),
           el("pane", el("log",
                el("day", text="今天"),
                el("item", el("words", text="几天到"), data_no="m2001", **theirs),
                el("item mine", el("words", text="三天"), data_no="m2002", **ours)),
              el("typing", tag="textarea"), data_open=conversation, width="700"), width="1200"),
    )  # fmt: skip


def points(page: Tree) -> dict[str, Point]:
    found = {
        "inbox.row": where(page, "who", 1),
        "thread.buyer": where(page, "words", 0),
        "thread.shop": where(page, "words", 1),
        "composer.input": where(page, "typing"),
    }
    return {key: Point(tree=page, at=at) for key, at in found.items()}


def test_a_whole_page() -> None:
    found: dict[str, Any] = suggest(points(shop())).values
    assert found["inbox.root"] == [".groups", ".desk > div:nth-of-type(1)"]
    assert found["inbox.row"] == ["[data-key]", ".row"]
    assert found["inbox.id"] == {"attr": "data-key"}
    assert found["thread.open_id"] == {
        "css": ["[data-open]", ".pane", ".desk > div:nth-of-type(2)"],
        "attr": "data-open",
    }
    assert found["thread.ready"] == ['[data-open="{id}"] [data-no]']
    assert found["thread.message"] == ["[data-no]", "[data-from]", ".item"]
    assert found["thread.message_id"] == {"attr": "data-no"}
    assert found["thread.buyer"] == ['[data-from="buyer"]']
    assert found["thread.shop"] == ['[data-from="shop"]', ".mine"]
    assert found["thread.text"] == [".words", "div:nth-of-type(1)"]
    assert found["composer.key"] == "Enter"


def test_what_all_ids_begin_with_is_left_out_where_the_thread_does_without() -> None:
    found = suggest(points(shop(conversation="1002"))).values
    assert found["inbox.id"] == {"attr": "data-key", "pattern": "^c-(.+)$"}


def test_what_all_ids_begin_and_end_with_may_be_left_out() -> None:
    page = tree(el("list", *(el("row", id=f"u_{pin}imcustomer") for pin in ("4711", "4822"))))
    found = handles(page, 3, [3, 4])
    assert [handle.pattern for handle in found] == [None, "^u_(.+)$", "^u_(.+)imcustomer$"]
    assert found[2].values == {"4711", "4822"}


def test_an_id_may_stand_inside_each_message() -> None:
    page = tree(el("log", *(el("item", el("words", id=f"m200{number}")) for number in (1, 2))))
    (found,) = handles(page, 3, [3, 5])
    assert (found.css, found.attr, found.count) == (("[id]",), "id", 2)


def test_a_label_with_a_buyers_name_is_not_used() -> None:
    page = shop()
    field = page[where(page, "typing")]
    nodes = list(page.nodes)
    nodes[where(page, "typing")] = replace(field, attrs={"class": "typing", "aria-label": "发送给买家2"})
    found: dict[str, Any] = suggest(points(Tree(nodes))).values
    assert found["composer.input"][0] == ".typing"
    assert not any("买家" in css for css in found["composer.input"])


def test_without_an_id_in_the_thread_the_row_that_is_marked_stands_for_it() -> None:
    draft = suggest(points(shop(conversation="")))
    assert draft.values["thread.open_id"] == {"css": ["[data-key].active"], "attr": "data-key"}
    assert any("thread.open_id" in warning for warning in draft.warnings)


def test_a_buyer_without_a_sign_is_who_has_not_ours() -> None:
    found = suggest(points(shop(sender=False))).values
    assert found["thread.shop"] == [".mine"]
    assert found["thread.buyer"] == ["[data-no]:not(.mine)"]


def test_made_names_are_used_last_and_told_of() -> None:
    draft = suggest(points(shop(names="css-1q2w3e")))
    assert draft.values["inbox.row"] == ["[data-key]", ".css-1q2w3e"]
    assert not any(warning.startswith("inbox.row") for warning in draft.warnings)


def test_the_row_and_the_list_around_a_press() -> None:
    page = shop()
    row = row_of(page, where(page, "who", 1))
    assert row == where(page, "row", 1)
    assert list_of(page, row) == where(page, "groups")


@pytest.mark.parametrize("shut", [{"hidden": ""}, {}])
@pytest.mark.parametrize("name", ["data_key", "data_group"])
def test_a_group_with_a_name_like_an_id_is_no_row(shut: dict[str, str], name: str) -> None:
    uids = iter(range(1000, 1003))
    groups = [
        el("group", *(el("row", el("who"), data_u=f"u{next(uids)}") for _ in range(rows)),
           **{name: f"q{number}z{number}"}, **({} if rows else shut), tag="section")
        for number, rows in enumerate((2, 1, 0, 0))
    ]  # fmt: skip
    page = tree(el("list", *groups))
    assert [row_of(page, where(page, "who", nth)) for nth in range(3)] == [where(page, "row", n) for n in range(3)]


def test_groups_out_of_sight_do_not_make_a_group_a_row() -> None:
    rows = [[el("row", el("who"), data_u=f"u100{number}")] for number in range(2)]
    groups = [el("group", *row, data_group=f"q{number}", tag="section") for number, row in enumerate(rows)]
    empty = [el("group", data_group=f"q{number}", hidden="", tag="section") for number in (2, 3)]
    page = tree(el("list", *groups, *empty))
    assert row_of(page, where(page, "who")) == where(page, "row")


def test_a_row_whose_parts_have_ids_of_their_own_is_still_the_row() -> None:
    parts = ([el("part", data_v=f"ember{row}{part}") for part in range(2)] for row in range(100, 107))
    page = tree(el("list", *(el("row", *two, data_key=f"c-{number}00") for number, two in enumerate(parts, 1))))
    assert row_of(page, where(page, "part")) == where(page, "row")


@pytest.mark.parametrize(
    ("values", "known"),
    [
        (("u1001", "u1002"), True),
        (("!a8f31:shop", "!b7c02:shop"), True),
        (("0", "1"), False),
        (("waiting", "replied"), False),
        (("2026-11-20T09:30:00Z", "2026-11-20T09:31:00Z"), False),
        (("张三 1001", "李四 1002"), False),
    ],
)
def test_what_is_an_id(values: tuple[str, str], known: bool) -> None:
    page = tree(el("list", *(el("row", data_k=value) for value in values)))
    found = handles(page, 3, [3, 4])
    assert bool(found and found[0].worth >= 0) is known


def test_an_id_may_stand_at_the_end_of_an_address_or_be_missing() -> None:
    page = tree(el("head", tag="a", href="/chat/c-1002"), el("log"))
    proof, around = open_proof(page, {"c-1002"}, [], 3)
    assert proof is not None
    assert (proof.attr, proof.pattern, around) == ("href", r"\/chat\/(.+)$", False)
    assert open_proof(page, {"c-1003"}, [], 3) == (None, False)


def test_a_row_that_is_marked_must_be_the_only_one() -> None:
    page = tree(el("row is-open"), el("row is-open"), el("row"))
    assert selected_row(page, ".row", [2, 3, 4]) is None


def test_who_spoke_may_show_only_inside() -> None:
    page = tree(el("log", el("item", el("left")), el("item", el("right")), el("item", el("left"))))
    assert senders(page, 3, 5, [3, 5, 7]) == ([".left"], [".right"])


def test_who_spoke_may_show_in_made_names_that_end_in_digits_alone() -> None:
    page = tree(el("log", el("item a4k9s2"), el("item q7c1"), el("item a4k9s2")))
    assert senders(page, 3, 4, [3, 4, 5]) == ([".a4k9s2"], [".q7c1"])
    page = tree(el("log", el("item msg-2001"), el("item msg-200212")))
    assert senders(page, 3, 4, [3, 4]) == ([], [])


@pytest.mark.parametrize(
    ("key", "name"),
    [("inbox.row", "row"), ("composer.input", "typing"), ("thread.shop", "words")],
)
def test_what_is_offered_first(key: str, name: str) -> None:
    page = shop()
    row = {"inbox.row": Point(tree=page, at=where(page, "who", 1))}
    assert name in page[likely(key, page, row)[0]].classes
