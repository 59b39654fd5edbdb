"""The line to a browser: what every reply takes, said to it in the words of its developer tools.

Playwright opens contexts and pages, loads them, takes pictures and knows keyboards; each of its calls goes through
a driver, another process, and back. Asking a page, a press, words and Enter go straight to the browser instead.
Without I/O of its own: messages in, messages out.

Of the protocol (https://chromedevtools.github.io/devtools-protocol/): a target is a page, or a frame of another
site within one; a session is our tie to it; a world is where the scripts of one document run.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Told: TypeAlias = "Callable[[World, str], None]"

# The driver numbers its own commands from one.
_FIRST = 1 << 30
_ANSWER, _EVENT, _TAIL = b'{"id":', b'{"method":"', b'"sessionId":"'
_TIES = (b'{"method":"Target.attachedToTarget"', b'{"method":"Target.detachedFromTarget"')
# What the scripts of a page call to tell something, with one text.
PUSH = "__nightdesk_push"
_GONE, _CRASHED = "Target closed: it is gone with its browser or before it", "Target crashed"
# A frame of another site goes, or another document comes into it: its page is still there.
_LEFT = "Frame was detached"
_MOVE: Mapping[str, object] = {"type": "mouseMoved", "button": "none", "buttons": 0}
_DOWN: Mapping[str, object] = {
    "type": "mousePressed",
    "button": "left",
    "buttons": 1,
    "clickCount": 1,
    "force": 0.5,
}
_UP: Mapping[str, object] = {"type": "mouseReleased", "button": "left", "buttons": 0, "clickCount": 1}
_ENTER: Mapping[str, object] = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
_RETURN: Mapping[str, object] = {"text": "\r", "unmodifiedText": "\r"}
# The element of a frame; one in an open shadow root is found as well, as Playwright finds it.
_FRAME = """(css) => {
  const find = (root) => root.querySelector(css) ?? Array.from(root.querySelectorAll("*"))
    .map((el) => el.shadowRoot && find(el.shadowRoot)).find(Boolean) ?? null;
  return find(document);
}"""


class LineError(Exception):
    """What the browser says of a command that it did not carry out."""


@dataclass(slots=True, eq=False)
class World:
    """Where the scripts of one document in a frame run; `alive` until the document goes."""

    target: Target
    frame: str
    number: int
    name: str
    alive: bool = True

    async def call(self, function: str, *arguments: object) -> Any:
        """What a function of JavaScript gives, awaited there, as JSON carries it; raises `LineError`."""
        return (await self._call(function, _values(*arguments), by_value=True)).get("value")

    async def inner(self, css: str) -> World | None:
        """That of the document in the frame that `css` finds; None where there is none. Raises `LineError`."""
        found = await self._call(_FRAME, _values(css), by_value=False)
        if "objectId" not in found:
            return None
        node = await self.target.send("DOM.describeNode", {"objectId": found["objectId"]})
        self.target.forget(found["objectId"])
        frame = node["node"].get("frameId")
        return None if frame is None else self.target.within(frame)

    async def call_around(self, inner: World, function: str, *arguments: object) -> Any:
        """What a function gives that gets the element around the document of `inner` first: what found it once may
        find another one by now. Raises `LineError`.
        """
        owner = await self.target.send("DOM.getFrameOwner", {"frameId": inner.frame})
        node = {"backendNodeId": owner["backendNodeId"], "executionContextId": self.number}
        thing = (await self.target.send("DOM.resolveNode", node))["object"]["objectId"]
        given = [{"objectId": thing}, *_values(*arguments)]
        answer = await self._call(function, given, by_value=True)
        self.target.forget(thing)
        return answer.get("value")

    async def _call(
        self, function: str, given: Sequence[Mapping[str, object]], *, by_value: bool
    ) -> dict[str, Any]:
        said = await self.target.send(
            "Runtime.callFunctionOn",
            {
                "functionDeclaration": function,
                "uniqueContextId": self.name,
                "arguments": given,
                "awaitPromise": True,
                "returnByValue": by_value,
            },
        )
        if fault := said.get("exceptionDetails"):
            raise LineError(fault.get("exception", {}).get("description") or fault["text"])
        result: dict[str, Any] = said["result"]
        return result


class Target:
    """A page, or a frame of another site in one, through a session of ours; `frame` is its outermost one."""

    def __init__(self, line: Line, session: str, frame: str, told: Told, *, whole: bool) -> None:
        self.frame = frame
        self._line, self._session, self._told, self._whole = line, session, told, whole
        self._worlds: dict[str, World] = {}
        # What is attached within it, by session.
        self._inner: dict[str, Target] = {}
        self._wanted: asyncio.Future[World] | None = None
        # Why nobody would ever answer now.
        self._over = ""

    async def start(self) -> None:
        """Hear of the worlds that come and go and of what they tell; `whole`: of those of other sites as well."""
        begun = [self.send("Runtime.enable"), self.send("Runtime.addBinding", {"name": PUSH})]
        if self._whole:
            held = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}
            begun.append(self.send("Target.setAutoAttach", held))
        await asyncio.gather(*begun, self.send("Runtime.runIfWaitingForDebugger"))

    def send(self, method: str, params: Mapping[str, object] | None = None) -> asyncio.Future[dict[str, Any]]:
        """The answer to a command of the protocol, which is `LineError` where it was not carried out."""
        if self._over:
            raise LineError(self._over)
        return self._line.send(method, params, self._session)

    async def world(self) -> World:
        """That of the outermost frame's document, as soon as there is one."""
        if (found := self._worlds.get(self.frame)) is not None:
            return found
        if self._over:
            raise LineError(self._over)
        if self._wanted is None or self._wanted.done():
            self._wanted = asyncio.get_running_loop().create_future()
        return await asyncio.shield(self._wanted)

    def within(self, frame: str) -> World | None:
        """That of a frame's document, if it has one now; raises `LineError` for a frame that crashed."""
        holder = next((one for one in self._inner.values() if one.frame == frame), self)
        if holder._over:
            raise LineError(holder._over)
        return holder._worlds.get(frame)

    def forget(self, thing: str) -> None:
        """Have the browser keep a thing of the page no longer for our sake."""
        self.send("Runtime.releaseObject", {"objectId": thing}).add_done_callback(hush)

    async def hush(self) -> None:
        """Have the browser tell the driver no more of what the page asks servers for."""
        await self._line.hush(self.frame)

    def click(self, x: float, y: float) -> Awaitable[object]:
        """A press of the mouse there, in pixels of the page's view; told to the browser at once."""
        kinds = (_MOVE, _DOWN, _UP)
        return asyncio.gather(*(self.send("Input.dispatchMouseEvent", {**kind, "x": x, "y": y}) for kind in kinds))

    async def insert(self, text: str) -> None:
        """Put `text` where the cursor is."""
        await self.send("Input.insertText", {"text": text})

    def enter(self) -> Awaitable[object]:
        """A press of the Enter key; told to the browser at once."""
        down, up = {"type": "keyDown", **_ENTER, **_RETURN}, {"type": "keyUp", **_ENTER}
        return asyncio.gather(*(self.send("Input.dispatchKeyEvent", act) for act in (down, up)))

    def hear(self, method: str, params: Mapping[str, Any]) -> None:
        """Heed an event of the session."""
        if method == "Runtime.bindingCalled":
            world = next(
                (one for one in self._worlds.values() if one.number == params["executionContextId"]), None
            )
            if world is not None and params["name"] == PUSH:
                # Apart from the line: whoever hears it may stumble over what a page made up.
                asyncio.get_running_loop().call_soon(self._told, world, params["payload"])
        elif method == "Runtime.executionContextCreated":
            self._come(params["context"])
        elif method == "Runtime.executionContextDestroyed":
            self._gone(lambda world: world.number == params["executionContextId"])
        elif method == "Runtime.executionContextsCleared":
            self._gone(lambda _world: True)
        elif method == "Inspector.targetCrashed":
            self._end(_CRASHED)
        elif method == "Target.attachedToTarget":
            self._attached(params["sessionId"], params["targetInfo"])
        elif method == "Target.detachedFromTarget":
            self._inner.pop(params["sessionId"], None)

    def lose(self, why: str) -> Sequence[str]:
        """The tie is cut: there are no worlds any more; gives the sessions that went with it."""
        self._end(why)
        return list(self._inner)

    def _end(self, why: str) -> None:
        self._over = why
        self._gone(lambda _world: True)
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_exception(LineError(why))
            hush(self._wanted)

    def _attached(self, session: str, info: Mapping[str, Any]) -> None:
        inner = Target(self._line, session, info["targetId"], self._told, whole=True)
        self._line.join(session, inner)
        self._inner[session] = inner
        if info["type"] == "iframe":
            asyncio.ensure_future(inner.start()).add_done_callback(hush)
        else:  # a worker of the page, which is none of ours: it only has to go on
            inner.send("Runtime.runIfWaitingForDebugger").add_done_callback(hush)

    def _come(self, told: Mapping[str, Any]) -> None:
        self._over = ""
        about = told.get("auxData", {})
        if not about.get("isDefault"):  # a world that only some tool, extension or worklet runs in
            return
        world = World(self, about["frameId"], told["id"], told["uniqueId"])
        if (before := self._worlds.get(world.frame)) is not None:
            before.alive = False
        self._worlds[world.frame] = world
        if world.frame == self.frame and self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(world)

    def _gone(self, which: Callable[[World], bool]) -> None:
        for world in [one for one in self._worlds.values() if which(one)]:
            world.alive = False
            del self._worlds[world.frame]


class Line:
    """Commands to one browser and what it says to them; `write` takes a message that is to go there."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._numbers = itertools.count(_FIRST)
        self._asked: dict[int, tuple[str, asyncio.Future[dict[str, Any]]]] = {}
        self._targets: dict[str, Target] = {}
        # Our own tie to the browser: what it tells of the pages that we look at, the driver does not hear.
        self._root = ""
        # The driver's own tie to each page.
        self._drivers: dict[str, str] = {}
        self._over = False

    async def start(self) -> None:
        """Return once the browser has answered; raises `LineError` where it never does."""
        self._root = (await self.send("Target.attachToBrowserTarget"))["sessionId"]

    async def attach(self, page: str, told: Told, *, whole: bool) -> Target:
        """A tie to the page of that target id; `told` hears what its scripts tell, `whole`: those in frames of
        other sites as well. Raises `LineError`.
        """
        asked = {"targetId": page, "flatten": True}
        session = (await self.send("Target.attachToTarget", asked, self._root))["sessionId"]
        target = Target(self, session, page, told, whole=whole)
        self.join(session, target)
        await target.start()
        return target

    async def hush(self, page: str) -> None:
        """Have the browser tell the driver no more of what that page asks servers for. Raises `LineError`."""
        if (driver := self._drivers.get(page)) is None:
            raise LineError(_GONE)
        await self._ask("Network.disable", {}, driver)

    def join(self, session: str, target: Target) -> None:
        """Have `target` hear what is told in that session."""
        self._targets[session] = target

    def send(
        self, method: str, params: Mapping[str, object] | None = None, session: str = ""
    ) -> asyncio.Future[dict[str, Any]]:
        """The answer to a command of the protocol, which is `LineError` where it was not carried out."""
        if session and session != self._root and session not in self._targets:
            raise LineError(_GONE)
        return self._ask(method, params or {}, session)

    def _ask(self, method: str, params: Mapping[str, object], session: str) -> asyncio.Future[dict[str, Any]]:
        if self._over:
            raise LineError(_GONE)
        number = next(self._numbers)
        message: dict[str, object] = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        # What is no JSON would never be answered, and is not asked.
        text = json.dumps(message, allow_nan=False).encode("ascii")
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[number] = session, answer
        self._write(text)
        return answer

    def hear(self, message: bytes) -> bool:
        """Heed what the browser says, if it is said to us."""
        if message.startswith(_ANSWER):
            number = int(message[len(_ANSWER) : message.index(b",", len(_ANSWER))])
            if number < _FIRST:
                return False
            _session, answer = self._asked.pop(number, ("", None))
            if answer is not None and not answer.done():  # nobody waits for what was refused meanwhile
                said = json.loads(message)
                if "error" in said:
                    answer.set_exception(LineError(said["error"]["message"]))
                else:
                    answer.set_result(said["result"])
            return True
        session = message[message.rfind(_TAIL) + len(_TAIL) : -2].decode() if message.endswith(b'"}') else ""
        if not session or (session != self._root and session not in self._targets):
            if not session and message.startswith(_TIES):
                self._note_driver(**json.loads(message))
            return False
        method = message[len(_EVENT) : message.index(b'"', len(_EVENT))].decode()
        if method in _HEEDED:
            self._heed(session, method, json.loads(message)["params"])
        return True

    def lose(self) -> None:
        """The browser is gone: whoever waits for an answer hears of it."""
        self._over = True
        for session in {session for session, _answer in self._asked.values()} | set(self._targets):
            self._cut(session, _GONE)

    def _note_driver(self, method: str, params: Mapping[str, Any]) -> None:
        session = params["sessionId"]
        if method == "Target.attachedToTarget":
            self._drivers.setdefault(params["targetInfo"]["targetId"], session)
        else:
            self._drivers = {page: tie for page, tie in self._drivers.items() if tie != session}
            self._refuse(session, _GONE)

    def _heed(self, session: str, method: str, params: Mapping[str, Any]) -> None:
        if method == "Target.detachedFromTarget":
            self._cut(params["sessionId"], _GONE if session == self._root else _LEFT)
        elif method == "Inspector.targetCrashed":
            self._refuse(session, _CRASHED)
        if (target := self._targets.get(session)) is not None:
            target.hear(method, params)

    def _cut(self, session: str, why: str) -> None:
        self._refuse(session, why)
        if (target := self._targets.pop(session, None)) is not None:
            for inner in target.lose(why):
                self._cut(inner, why)

    def _refuse(self, session: str, why: str) -> None:
        for number in [number for number, (asked_in, _answer) in self._asked.items() if asked_in == session]:
            _session, answer = self._asked.pop(number)
            if not answer.done():
                answer.set_exception(LineError(why))


_HEEDED = frozenset(
    {
        "Runtime.bindingCalled",
        "Runtime.executionContextCreated",
        "Runtime.executionContextDestroyed",
        "Runtime.executionContextsCleared",
        "Target.attachedToTarget",
        "Target.detachedFromTarget",
        "Inspector.targetCrashed",
    }
)


def _values(*arguments: object) -> list[dict[str, object]]:
    return [{"value": argument} for argument in arguments]


def hush(done: asyncio.Future[Any]) -> None:
    """What nobody waits for may fail: the page or the browser is gone then, which is told elsewhere."""
    if not done.cancelled():
        done.exception()
