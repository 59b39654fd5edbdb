"""What the counts of a pack's selectors mean; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from flows.check import Finding, Result, Seen, joined, report
from flows.pack import Pack
from flows.probes import probes

PACK = Pack.model_validate(
    {
        "name": "desk",
        "title": "台",
        "platform": "desk",
        "as_of": "2026-11-23",
        "verified": {"level": "never"},
        "source": "the tests",
        "url": "http://desk.test/",
        "login": {"kind": "password", "username": "#user", "password": "#word", "submit": "#enter"},
        "signals": {
            "logged_in": ".desk",
            "logged_out": "#enter",
            "captcha": [".slider", {"text": "验证"}],
            "overlay": [{"see": ".cover", "dismiss": ".close"}],
        },
        "inbox": {
            "root": [".list", ".old-list"],
            "row": ".row",
            "id": {"css": ".key"},
            "name": ".name",
            "unread": ".new",
        },
        "thread": {
            "root": ".talk",
            "ready": ".talk",
            "open_id": {"attr": "data-k"},
            "message": ".said",
            "message_id": {"attr": "data-m"},
            "buyer": ".theirs",
            "shop": ".ours",
            "text": ".words",
            "kinds": {"image": ".picture"},
            "earlier": ".more",
        },
        "composer": {"input": "textarea", "send": ".send"},
        "order": {"root": ".order", "facts": {"number": ".no", "status": ".state"}},
    }
)
ROW = ["b1", "买家", "在吗", None, "1", None, None, False]
SAID = ["m1", "buyer", "text", "在吗", None, False]
OWN = ["m2", "shop", "text", "在的", None, False]
DESK = Seen(
    counts={
        "signals.logged_in": [1],
        "inbox.root": [1, 0],
        "inbox.row": [2],
        "inbox.id": [2],
        "inbox.name": [2],
        "inbox.unread": [1],
        "thread.root": [1],
        "thread.ready": [1],
        "thread.message": [2],
        "thread.buyer": [1],
        "thread.shop": [1],
        "thread.text": [2],
        "composer.input": [1],
        "composer.send": [1],
        "order.root": [1],
    },
    rows=[ROW, ["b2", *ROW[1:]]],
    messages=[SAID, OWN],
    facts={"order": {"number": "1", "status": None}, "product": {}},
    signals=frozenset({"logged_in"}),
    open_id="b1",
)
DOOR = Seen(
    counts={"signals.logged_out": [1], "login.username": [1], "login.password": [1], "login.submit": [1]},
    rows=None,
    messages=None,
    facts={},
    signals=frozenset({"logged_out"}),
    open_id=None,
)


def counted(seen: Seen, **counts: Sequence[int]) -> Seen:
    """What was seen with other counts; `__` in a name stands for the dot of a key."""
    return replace(
        seen, counts={**seen.counts, **{key.replace("__", "."): value for key, value in counts.items()}}
    )


def results(seen: Seen) -> Mapping[str, Finding]:
    return {finding.key: finding for finding in report(PACK, seen).findings}


def test_every_selector_of_a_pack_is_tried() -> None:
    keys = {probe.key for probe in probes(PACK)}
    assert {
        "signals.captcha[1]",
        "signals.captcha[2]",
        "signals.overlay.see",
        "login.submit",
        "inbox.row",
        "thread.kinds.image",
        "composer.send",
        "order.root",
    } <= keys
    assert len(keys) == len(probes(PACK))


def test_a_page_that_fits() -> None:
    found = report(PACK, DESK)
    assert (found.usable, found.advice) == (True, "")
    assert {finding.result for finding in found.findings} == {Result.found, Result.idle}
    assert results(DESK)["order.facts.number"].result is Result.found
    assert results(DESK)["order.facts.status"].result is Result.idle
    assert results(DESK)["login.username"].result is Result.idle


def test_a_fallback_that_did_it_is_named() -> None:
    found = results(counted(DESK, inbox__root=[0, 1]))["inbox.root"]
    assert (found.result, found.selector) == (Result.found, ".old-list")
    assert "第 2 个" in found.note


@pytest.mark.parametrize(
    ("counts", "key", "result"),
    [
        ({"inbox__root": [0, 0]}, "inbox.root", Result.missing),
        ({"inbox__root": [2, 0]}, "inbox.root", Result.ambiguous),
        ({"inbox__id": [1]}, "inbox.id", Result.missing),
        ({"inbox__name": [1]}, "inbox.name", Result.found),
        ({"inbox__name": [0]}, "inbox.name", Result.missing),
        ({"inbox__unread": [0]}, "inbox.unread", Result.idle),
        ({"thread__root": [0]}, "thread.root", Result.missing),
        ({"thread__ready": [0]}, "thread.ready", Result.missing),
        ({"thread__message": [0]}, "thread.message", Result.missing),
        ({"thread__earlier": [0]}, "thread.earlier", Result.idle),
        ({"composer__input": [2]}, "composer.input", Result.ambiguous),
        ({"composer__send": [0]}, "composer.send", Result.missing),
        ({"order__root": [0]}, "order.root", Result.idle),
    ],
)
def test_what_a_count_means(counts: dict[str, list[int]], key: str, result: Result) -> None:
    seen = counted(DESK, **counts)
    assert results(seen)[key].result is result
    assert report(PACK, seen).usable is (result not in (Result.missing, Result.ambiguous))


def messages(*raw: list[Any]) -> Seen:
    return replace(DESK, messages=raw)


@pytest.mark.parametrize(
    ("seen", "key", "result"),
    [
        (replace(DESK, rows=[ROW, [None, *ROW[1:]]]), "inbox.id（读到的）", Result.missing),
        (messages(SAID, [None, *OWN[1:]]), "thread.message_id（读到的）", Result.missing),
        (messages(SAID, ["m1", *OWN[1:]]), "thread.message_id（读到的）", Result.ambiguous),
        (messages(SAID, ["m2", None, *OWN[2:]]), "thread 的发送人（读到的）", Result.missing),
        (messages(SAID, ["m2", "shop", "text", "", None, False]), "thread.text（读到的）", Result.missing),
        (messages(SAID, ["m2", "system", "text", "", None, False]), "thread.text（读到的）", Result.found),
    ],
)
def test_what_was_read_counts_too(seen: Seen, key: str, result: Result) -> None:
    assert results(seen)[key].result is result


def test_an_empty_list_leaves_its_rows_untried() -> None:
    seen = counted(replace(DESK, rows=[], messages=None, open_id=None), composer__input=[0], inbox__id=[0])
    found = report(PACK, seen)
    assert found.usable
    assert "列表是空的" in found.advice
    assert results(seen)["inbox.id"].result is Result.idle


def test_no_open_conversation_is_said() -> None:
    seen = counted(replace(DESK, messages=None, open_id=None), composer__input=[0], thread__root=[0])
    found = report(PACK, seen)
    assert found.usable
    assert "没有打开的会话" in found.advice
    assert results(seen)["composer.send"].result in (Result.idle, Result.found)


def test_an_open_conversation_whose_id_cannot_be_read_is_no_closed_one() -> None:
    assert results(counted(replace(DESK, open_id=None), thread__root=[0]))["thread.root"].result is Result.missing


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        ({"logged_out"}, "--shop"),
        ({"captcha", "logged_out"}, "captcha"),
        ({"kicked"}, "kicked"),
        (set(), "既没有 signals.logged_in"),
    ],
)
def test_a_page_without_the_desk_is_not_usable(signals: set[str], said: str) -> None:
    found = report(PACK, replace(DOOR, signals=frozenset(signals)))
    assert not found.usable
    assert said in found.advice


def test_a_login_page_and_the_desk_behind_it_are_one_report() -> None:
    both = joined(report(PACK, DOOR), report(PACK, DESK))
    found = {finding.key: finding.result for finding in both.findings}
    assert both.usable
    assert found["login.password"] is found["inbox.root"] is Result.found
    broken = joined(report(PACK, counted(DOOR, login__submit=[0])), report(PACK, DESK))
    assert not broken.usable
    assert "login.submit" in broken.advice
