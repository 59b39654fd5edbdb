"""The director's calls, as tests and the demo use them."""

from __future__ import annotations

import asyncio
import json
from http.client import HTTPConnection

import pytest
from playwright.async_api import Page, Route

from practice.client import Practice, PracticeError


async def test_what_buyers_say_is_in_the_truth(practice: Practice) -> None:
    said = await practice.say("shop-2", "毛巾是全棉的不", topic="材质成分")
    again = await practice.say("shop-2", "急", buyer=said["conversation"])
    truth = await practice.truth()
    (turn,) = truth["turns"]
    assert turn["messages"] == [said["id"], again["id"]]
    assert (turn["shop"], turn["topic"], turn["texts"]) == ("shop-2", "材质成分", ["毛巾是全棉的不", "急"])
    assert turn["asked_first"] == said["at"] <= again["at"] == turn["asked_last"] <= truth["now"]


async def test_a_colleague_and_the_robot_can_be_scripted(practice: Practice) -> None:
    said = await practice.say("shop-1", "在吗", buyer="u123", name="晨***n")
    assert said["conversation"] == "u123"
    await practice.control("reply", shop="shop-1", conversation="u123", text="机器人", sender="robot")
    await practice.control("reply", shop="shop-1", conversation="u123", text="我来")
    (turn,) = (await practice.truth())["turns"]
    assert turn["buyer"] == "晨***n"
    assert [(got["account"], got["via"]) for got in turn["got"]] == [("xiaoli-1", "control")]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("say", {"text": "在吗"}),
        ("say", {"shop": "shop-9", "text": "在吗"}),
        ("say", {"shop": "shop-1", "text": "在吗", "kind": "opera"}),
        ("reply", {"shop": "shop-1", "conversation": "u0", "text": "在"}),
        ("recall", {"shop": "shop-1", "conversation": "u0", "id": "m1"}),
        ("presence", {"shop": "shop-1", "account": "nemo", "state": "online"}),
        ("robot", {"shop": "shop-1"}),
        ("wall", {"shop": "shop-1"}),
        ("disturb", {"shop": "shop-1", "how": "gently"}),
        ("kick", {}),
        ("buyers", {}),
        ("fill", {"shop": "shop-1"}),
    ],
)
async def test_a_wrong_call_is_refused_and_changes_nothing(
    practice: Practice, name: str, given: dict[str, object]
) -> None:
    with pytest.raises(PracticeError):
        await practice.control(name, **given)
    assert (await practice.truth())["messages"] == []


async def test_a_page_is_stuck_once_it_is_said_to_be(practice: Practice, desk: Page) -> None:
    last_word, go_on = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        last_word.set()
        await go_on.wait()
        await route.continue_()

    await desk.route("**/stuck/*", hold)
    pages = await practice.control("pages", shop="shop-1")
    assert len(pages["pages"]) == 1
    striking = asyncio.create_task(practice.control("disturb", shop="shop-1", how="stuck"))
    await asyncio.wait_for(last_word.wait(), 20)
    assert not striking.done()
    go_on.set()
    assert await striking == pages
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(desk.evaluate("document.title"), 0.5)
    assert await practice.control("disturb", shop="shop-1", how="stuck") == {"pages": []}


async def test_a_page_that_does_not_hear_is_not_waited_for_long(practice: Practice, desk: Page) -> None:
    await desk.evaluate("void setTimeout(() => { for (;;); })")
    assert await practice.control("disturb", shop="shop-1", how="stuck") == {"pages": []}
    assert len((await practice.control("pages", shop="shop-1"))["pages"]) == 1


def status(practice: Practice, method: str, path: str, headers: dict[str, str]) -> int:
    connection = HTTPConnection("127.0.0.1", int(practice.url.rpartition(":")[2]), timeout=5)
    connection.request(method, path, body=json.dumps({"shop": "shop-1"}), headers=headers)
    found = connection.getresponse().status
    connection.close()
    return found


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer wrong"])
async def test_nothing_without_the_token(practice: Practice, token: str) -> None:
    assert status(practice, "GET", "/truth", {"authorization": token}) == 401
    assert status(practice, "POST", "/control/expire", {"authorization": token}) == 401


async def test_another_host_name_is_not_served(practice: Practice) -> None:
    assert status(practice, "GET", "/shop-1/login", {"host": "evil.example"}) == 400
    assert status(practice, "GET", "/shop-1/login", {}) == 200
