"""What is said to a browser and by it, told apart from what its driver says and hears."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from flows.line import Line, LineError, Target, World

OURS, ROOT, PAGE = "5E5510", "2007", "9A6E"


class Browser:
    """One on paper: what it was asked, and what it says."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.news = asyncio.Event()
        self.line = Line(self._take)

    def says(self, **message: object) -> bool:
        """Whether that was meant for us."""
        return self.line.hear(json.dumps(message, separators=(",", ":")).encode())

    def tells(self, event: str, session: str = OURS, **params: object) -> bool:
        """The same of an event in a session."""
        return self.says(method=event, params=params, **({"sessionId": session} if session else {}))

    async def answers(self, method: str, **result: object) -> dict[str, Any]:
        """Answer the last command of that name, which it gives."""
        async with asyncio.timeout(5):
            while not (found := [one for one in self.asked if one["method"] == method]):
                self.news.clear()
                await self.news.wait()
        assert self.says(id=found[-1]["id"], result=result)
        await asyncio.sleep(0)
        return found[-1]

    def _take(self, message: bytes) -> None:
        self.asked.append(json.loads(message))
        self.news.set()

    def comes(self, number: int, frame: str = PAGE, **about: object) -> bool:
        """A document comes, whose scripts run in the world of that number."""
        told = {"id": number, "uniqueId": f"w{number}", "auxData": {"isDefault": True, "frameId": frame, **about}}
        return self.tells("Runtime.executionContextCreated", context=told)


Told = list[tuple[World, str]]


@pytest.fixture
async def browser() -> Browser:
    """One that has answered."""
    made = Browser()
    starting = asyncio.create_task(made.line.start())
    await made.answers("Target.attachToBrowserTarget", sessionId=ROOT)
    await starting
    return made


@pytest.fixture
def told() -> Told:
    """What pages told."""
    return []


@pytest.fixture
async def page(browser: Browser, told: Told) -> Target:
    """A page with its first document."""
    heard = lambda world, text: told.append((world, text))  # noqa: E731
    attaching = asyncio.create_task(browser.line.attach(PAGE, heard, whole=False))
    asked = await browser.answers("Target.attachToTarget", sessionId=OURS)
    assert asked["sessionId"] == ROOT
    for method in ("Runtime.enable", "Runtime.addBinding", "Runtime.runIfWaitingForDebugger"):
        await browser.answers(method)
    target = await attaching
    browser.comes(1)
    return target


async def test_what_the_driver_asked_and_hears_is_left_to_it(browser: Browser, page: Target) -> None:
    assert not browser.says(id=7, result={})
    assert not browser.tells("Network.dataReceived", "D21BE2")
    assert not browser.tells("Target.targetCreated", "")
    assert browser.tells("Page.frameNavigated", OURS)
    assert browser.tells("Target.attachedToTarget", ROOT, sessionId="A", targetInfo={"targetId": "B", "type": "x"})


async def test_words_of_a_page_are_not_taken_for_a_session(browser: Browser, page: Target) -> None:
    said = f'"sessionId":"{OURS}"}}'
    assert not browser.tells("Runtime.consoleAPICalled", "D21BE2", text=said)
    assert not browser.tells("Runtime.consoleAPICalled", "", text=said)


async def test_an_answer_reaches_whoever_asked(browser: Browser, page: Target) -> None:
    first, second = asyncio.ensure_future(page.insert("一")), asyncio.ensure_future(page.insert("二"))
    await asyncio.sleep(0)
    *_before, one, two = browser.asked
    assert (one["params"], two["params"], one["sessionId"]) == ({"text": "一"}, {"text": "二"}, OURS)
    assert browser.says(id=two["id"], error={"code": -32000, "message": "not now"})
    assert browser.says(id=one["id"], result={}, sessionId=OURS)
    await first
    with pytest.raises(LineError, match="not now"):
        await second


async def test_a_call_runs_in_one_document_and_in_no_other(browser: Browser, page: Target) -> None:
    world = await page.world()
    calling = asyncio.ensure_future(world.call("(x) => x", {"a": None}))
    asked = await browser.answers("Runtime.callFunctionOn", result={"type": "string", "value": "好"})
    assert await calling == "好"
    assert asked["params"]["uniqueContextId"] == "w1"  # a number is used again
    assert asked["params"]["arguments"] == [{"value": {"a": None}}]
    browser.comes(2, isDefault=False)
    assert await page.world() is world
    browser.comes(3)
    assert not world.alive
    assert (await page.world()).name == "w3"


async def test_what_a_script_throws_is_told(browser: Browser, page: Target) -> None:
    calling = asyncio.ensure_future((await page.world()).call("() => { throw new Error('no') }"))
    thrown = {"text": "Uncaught", "exception": {"description": "Error: no\n    at x"}}
    await browser.answers("Runtime.callFunctionOn", result={"type": "object"}, exceptionDetails=thrown)
    with pytest.raises(LineError, match="Error: no"):
        await calling


async def test_a_page_that_loads_is_waited_for(browser: Browser, page: Target) -> None:
    browser.tells("Runtime.executionContextsCleared")
    waiting = [asyncio.ensure_future(page.world()) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    browser.comes(4, frame="another")
    browser.comes(5)
    assert (await waiting[1]).name == "w5"


async def test_only_a_known_document_tells(browser: Browser, page: Target, told: Told) -> None:
    push = {"name": "__nightdesk_push", "payload": "{}"}
    browser.tells("Runtime.bindingCalled", **push, executionContextId=9)
    browser.tells("Runtime.bindingCalled", name="other", payload="{}", executionContextId=1)
    assert told == []
    browser.tells("Runtime.bindingCalled", **push, executionContextId=1)
    await asyncio.sleep(0)
    assert told == [(await page.world(), "{}")]
    browser.tells("Runtime.executionContextDestroyed", executionContextId=1)
    browser.tells("Runtime.bindingCalled", **push, executionContextId=1)
    await asyncio.sleep(0)
    assert len(told) == 1


async def test_a_page_that_crashed_answers_nobody_until_it_is_loaded_anew(browser: Browser, page: Target) -> None:
    world = await page.world()
    asking = [asyncio.ensure_future(world.call("() => 1")), asyncio.ensure_future(page.click(1, 2))]
    await asyncio.sleep(0)
    asked = browser.asked[-1]
    browser.tells("Inspector.targetCrashed")
    for one in asking:
        with pytest.raises(LineError, match="crashed"):
            await one
    with pytest.raises(LineError, match="crashed"):
        await page.world()
    with pytest.raises(LineError, match="crashed"):
        await page.enter()
    browser.comes(2)
    assert (await page.world()).name == "w2"
    assert browser.says(id=asked["id"], error={"message": "Target crashed"})  # which nobody waits for any more


@pytest.mark.parametrize("how", ["page", "browser"])
async def test_what_is_gone_is_told_to_whoever_waits_and_whoever_asks(
    browser: Browser, page: Target, how: str
) -> None:
    browser.tells("Runtime.executionContextsCleared")
    waiting = [asyncio.ensure_future(page.world()), asyncio.ensure_future(page.insert("x"))]
    await asyncio.sleep(0)
    if how == "page":
        browser.tells("Target.detachedFromTarget", ROOT, sessionId=OURS, targetId=PAGE)
    else:
        browser.line.lose()
    for one in waiting:
        with pytest.raises(LineError, match="Target closed"):
            await one
    for ask in (page.world, page.enter, lambda: page.click(1, 2), page.hush):
        with pytest.raises(LineError, match="Target closed"):
            await ask()
    if how == "browser":
        with pytest.raises(LineError, match="Target closed"):
            await browser.line.attach("another", lambda *_told: None, whole=False)


async def test_a_frame_of_another_site_is_looked_into_and_goes_with_its_session(
    browser: Browser, page: Target, told: Told
) -> None:
    info = {"targetId": "1F", "type": "iframe"}
    assert browser.tells("Target.attachedToTarget", sessionId="1F5E", targetInfo=info)
    await browser.answers("Target.setAutoAttach")
    context = {"id": 1, "uniqueId": "inner", "auxData": {"isDefault": True, "frameId": "1F"}}
    assert browser.tells("Runtime.executionContextCreated", "1F5E", context=context)
    inner = page.within("1F")
    assert inner is not None and inner.name == "inner"
    browser.tells("Runtime.bindingCalled", "1F5E", name="__nightdesk_push", payload="1", executionContextId=1)
    await asyncio.sleep(0)
    assert told == [(inner, "1")]
    assert browser.tells("Target.detachedFromTarget", sessionId="1F5E", targetId="1F")
    assert page.within("1F") is None and not inner.alive
    assert not browser.tells("Runtime.executionContextsCleared", "1F5E")


@pytest.fixture
async def inner(browser: Browser, page: Target) -> World:
    """The document in a frame of another site."""
    browser.tells("Target.attachedToTarget", sessionId="1F5E", targetInfo={"targetId": "1F", "type": "iframe"})
    context = {"id": 1, "uniqueId": "inner", "auxData": {"isDefault": True, "frameId": "1F"}}
    browser.tells("Runtime.executionContextCreated", "1F5E", context=context)
    found = page.within("1F")
    assert found is not None
    return found


async def test_a_frame_of_another_site_goes_without_its_page(browser: Browser, page: Target, inner: World) -> None:
    waiting = asyncio.ensure_future(inner.call("() => 1"))
    await asyncio.sleep(0)
    browser.tells("Target.detachedFromTarget", sessionId="1F5E", targetId="1F")
    for ask in (lambda: waiting, lambda: inner.call("() => 1")):
        with pytest.raises(LineError, match="Frame was detached"):
            await ask()


async def test_a_frame_that_crashed_is_not_taken_for_one_that_is_still_to_come(
    browser: Browser, page: Target, inner: World
) -> None:
    browser.tells("Inspector.targetCrashed", "1F5E")
    with pytest.raises(LineError, match="crashed"):
        page.within("1F")
    assert await page.world()


async def test_what_cannot_be_said_is_not_waited_for(browser: Browser, page: Target) -> None:
    world, asked = await page.world(), len(browser.line._asked)
    for argument, why in ((frozenset(), TypeError), (float("nan"), ValueError)):
        with pytest.raises(why):
            await world.call("(x) => x", argument)
    assert len(browser.line._asked) == asked


async def test_a_world_of_no_frame_is_none_of_ours(browser: Browser, page: Target) -> None:
    world = await page.world()
    assert browser.tells("Runtime.executionContextCreated", context={"id": 7, "uniqueId": "worklet"})
    assert await page.world() is world


async def test_whoever_asked_in_a_tie_of_the_drivers_hears_that_it_is_cut(browser: Browser, page: Target) -> None:
    driver = {"sessionId": "D21BE2", "targetInfo": {"targetId": PAGE}}
    browser.tells("Target.attachedToTarget", "", **driver)
    hushing = asyncio.ensure_future(page.hush())
    await asyncio.sleep(0)
    browser.tells("Target.detachedFromTarget", "", sessionId="D21BE2", targetId=PAGE)
    with pytest.raises(LineError, match="Target closed"):
        await hushing


async def test_a_worker_of_the_page_only_goes_on(browser: Browser, page: Target) -> None:
    before = len(browser.asked)
    info = {"targetId": "3C", "type": "worker"}
    browser.tells("Target.attachedToTarget", sessionId="3C5E", targetInfo=info)
    await asyncio.sleep(0)
    assert [one["method"] for one in browser.asked[before:]] == ["Runtime.runIfWaitingForDebugger"]


async def test_the_driver_hears_no_more_of_a_pages_requests(browser: Browser, page: Target) -> None:
    driver = {"sessionId": "D21BE2", "targetInfo": {"targetId": PAGE}}
    assert not browser.tells("Target.attachedToTarget", "", **driver)
    assert not browser.tells("Target.attachedToTarget", "", **{**driver, "sessionId": "ASIDE"})
    hushing = asyncio.ensure_future(page.hush())
    assert (await browser.answers("Network.disable"))["sessionId"] == "D21BE2"
    await hushing
    assert not browser.tells("Target.detachedFromTarget", "", sessionId="D21BE2", targetId=PAGE)
    with pytest.raises(LineError):
        await page.hush()


async def test_what_is_attached_within_a_page_goes_with_it(browser: Browser, page: Target) -> None:
    for name in ("iframe", "worker"):
        browser.tells("Target.attachedToTarget", sessionId=name, targetInfo={"targetId": name, "type": name})
    browser.tells("Target.detachedFromTarget", ROOT, sessionId=OURS, targetId=PAGE)
    assert not browser.tells("Runtime.executionContextsCleared", "iframe")
    assert not browser.tells("Runtime.executionContextsCleared", "worker")
