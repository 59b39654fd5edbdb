"""One page of the browser: calls into the injected script, trusted mouse and keys, errors in our words.

The only module of `flows/` that touches playwright. Element handles are never kept.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

from playwright.async_api import BrowserContext, Dialog, Error, Page
from playwright.async_api import TimeoutError as Late

from base.beat import Beat
from base.clock import Clock
from base.errors import BrowserGone, ConsoleNotReady
from flows.breakage import Loading, first_line, meaning
from flows.line import Line, LineError, Target, World, hush

# Answers travel as one text: the browser's own way of carrying a value costs many times the reading itself.
_CALL = """async (name, args) => {
  if (!window.__nightdesk) throw new Error("no __nightdesk here yet");
  return JSON.stringify((await window.__nightdesk[name](...args)) ?? null);
}"""
# One step of `inTopPage` in reader.js, for a frame that cannot take it itself.
_AROUND = """(frame, x, y) => {
  if (!frame.isConnected) throw new Error("Frame was detached");
  const box = frame.getBoundingClientRect();
  [x, y] = [x + box.left + frame.clientLeft, y + box.top + frame.clientTop];
  const above = frame.getRootNode().elementFromPoint(x, y);
  return above && above !== frame ? { covered: window.__nightdesk.describe(above) } : { x, y };
}"""
Context: TypeAlias = BrowserContext
T = TypeVar("T")
# Trusted input, told to the browser as it is called.
Act: TypeAlias = Callable[[], Awaitable[object]]
_FRAME_SECONDS, _LOADING_PAUSE = 0.5, 0.02
# A page that has not answered a call for so long is stuck in a script or frozen, and answers no more.
_STUCK_SECONDS = 5.0
_STATE_SECONDS = 25.0
_LOAD_SECONDS = 20.0
# What the browser itself shows where a server does not answer.
_NO_PAGE = "chrome-error:"
# How long what a push tells may be taken for what the page shows: whatever changes is told as soon.
_TOLD_SECONDS = 0.25
# How often a page that is not painted is drawn while a picture is taken of it.
_DRAW_SECONDS = 1 / 60


class Tab:
    """A page in a context of its own. `frames`: the chain of iframes, outermost first, that holds the chat;
    `painted`: whether its browser draws it without being asked.

    What every reply takes goes over the browser's `line`; loading, pictures and all other keys are Playwright's.
    """

    def __init__(self, page: Page, target: Target, frames: Sequence[str], clock: Clock, *, painted: bool) -> None:
        self._page, self._target, self._frames = page, target, frames
        self._clock, self._painted = clock, painted
        # The documents from the page's own to the chat's, once all are there.
        self._chain: Sequence[World] = ()
        self._told: tuple[str, float] | None = None
        # When the page last answered a call, and when it last told anything, by the steady clock: browser and page
        # were alive then.
        self.answered_at = self.heard_at = clock.steady()

    @classmethod
    async def open(
        cls,
        context: Context,
        line: Line,
        frames: Sequence[str],
        clock: Clock,
        *,
        painted: bool,
        script: str,
        on_push: Callable[[object], None],
        on_crash: Callable[[], None],
    ) -> Tab:
        """A new page whose every frame runs `script` first; `on_push` hears what that tells. Raises
        `BrowserGone`.
        """
        tabs: list[Tab] = []

        def told(world: World, text: str) -> None:
            try:
                payload = json.loads(text)
            except ValueError:  # the page's own scripts could have told it
                return
            for tab in tabs:
                tab._hear(world, payload)
            on_push(payload)

        await context.add_init_script(script)
        page = await context.new_page()
        page.on("dialog", _answer)
        page.on("crash", lambda _page: on_crash())
        session = await context.new_cdp_session(page)
        known = await session.send("Target.getTargetInfo")
        await session.detach()
        try:
            target = await line.attach(known["targetInfo"]["targetId"], told, whole=bool(frames))
        except LineError as error:
            raise meaning(str(error), closed=True) from None
        tabs.append(cls(page, target, frames, clock, painted=painted))
        return tabs[0]

    async def hush(self) -> None:
        """Have the driver told nothing more of what the page asks servers for: that is a dozen messages a reply,
        and nobody listens.
        """
        await self._do(self._target.hush())

    # --- going and looking ---------------------------------------------------------------------------------

    async def goto(self, url: str, *, timeout: float) -> None:
        """Open `url`; raises `ConsoleNotReady` when the console does not answer within `timeout` seconds."""
        await self.check_alive()
        await self._do(self._page.goto(url, wait_until="domcontentloaded", timeout=timeout * 1000), longer=timeout)

    async def reload(self) -> None:
        """Load the page anew; raises `ConsoleNotReady` when the console does not answer."""
        await self.check_alive()
        loaded = self._page.reload(wait_until="domcontentloaded", timeout=_LOAD_SECONDS * 1000)
        await self._do(loaded, longer=_LOAD_SECONDS)
        if self._page.url.startswith(_NO_PAGE):  # which a driver that hears of no requests takes for the page
            raise ConsoleNotReady("连不上后台网页")

    async def check_alive(self) -> None:
        """Raises `BrowserGone` for a page that is stuck: it could not be left either, and that takes longer."""
        await self._do(_alive(self._target))

    async def call(self, name: str, *args: object, longer: float = 0.0, act: Act | None = None) -> Any:
        """What a function of the injected script gives, where the chat is; `longer`: seconds that it may take.

        `act` is begun before and not waited for: a function that goes by what becomes of it waits in the page.
        """
        chain = await self._reach()
        begun = asyncio.ensure_future(act()) if act else None
        try:
            told = await self._do(chain[-1].call(_CALL, name, args), longer=longer)
        except BaseException:
            if begun:
                begun.add_done_callback(hush)  # the call tells what there is to tell
            raise
        if begun:
            await self._do(begun)
        cut: list[dict[str, Any]] = []
        answer = json.loads(told, object_hook=partial(_note_cut, cut) if self._frames else None)
        for place in cut:
            await self._place(place, chain)
        return answer

    @property
    def has_news(self) -> bool:
        """Whether there is something for `told` to give, if that is soon."""
        return self._told is not None

    def note(self, read: object) -> None:
        """Keep what the chat has just told of itself, if it has: a reading, as text."""
        if isinstance(read, str):
            self._told = (read, self._clock.steady())

    def told(self) -> Any:
        """What the chat has told of itself last, with a push or an answer; None where that was given before, is
        old, makes no sense, or where something was done on the page since.
        """
        told, self._told = self._told, None
        if told is None or self._clock.steady() - told[1] > _TOLD_SECONDS:
            return None
        try:
            return json.loads(told[0])
        except ValueError:
            return None

    async def wait(self, name: str, wanted: object, timeout: float, *more: object) -> Any:
        """Wait in the page for what is wanted, over as many loadings of the page as come in between."""
        until = self._clock.steady() + timeout
        while (left := until - self._clock.steady()) > 0:
            # A frame that comes only now would not be looked into: wait in small spans.
            span = min(left, _FRAME_SECONDS) if self._frames else left
            try:
                found = await self.call(name, wanted, span * 1000, *more, longer=span)
            except Loading:
                loaded = self._page.wait_for_load_state("domcontentloaded", timeout=left * 1000)
                await self._do(loaded, longer=left)
                await asyncio.sleep(_LOADING_PAUSE)
            else:
                if found is not None:
                    return found
        return None

    async def run(self, script: str, argument: object) -> Any:
        """What a script of ours, a function of one argument that only reads, finds where the chat is."""
        chain = await self._reach()
        text = f"async (given) => JSON.stringify((await ({script.strip().removesuffix(';')})(given)) ?? null)"
        return json.loads(await self._do(chain[-1].call(text, argument)))

    async def state(self) -> Mapping[str, Any]:
        """Cookies and storage of the context, as saved at login."""
        return dict(await self._do(self._page.context.storage_state(indexed_db=True), longer=_STATE_SECONDS))

    async def picture(self, box: Any, covered: Sequence[str], *, timeout: float) -> bytes:
        """What the page shows, as PNG, or only what is in `box`; what `covered` finds is painted over."""
        masks = [self._page.locator(f"css={css}") for css in covered]
        async with self._drawn():
            shot = self._page.screenshot(timeout=timeout * 1000, clip=box, mask=masks)
            return await self._do(shot, longer=timeout)

    async def close(self) -> None:
        """Close the page and its context."""
        await self._do(self._page.context.close())

    # --- trusted input -------------------------------------------------------------------------------------

    async def click(self, point: Mapping[str, float]) -> None:
        """A press of the mouse there."""
        await self._do(self.clicking(point)())

    def clicking(self, point: Mapping[str, float]) -> Act:
        """As `click`, for `call` to begin."""
        return partial(self._target.click, point["x"], point["y"])

    async def wheel(self, point: Mapping[str, float], by: float) -> None:
        """Turn the wheel there by so many pixels."""
        await self._do(self._page.mouse.move(point["x"], point["y"]))
        await self._do(self._page.mouse.wheel(0, by))

    async def key(self, name: str) -> None:
        """A press of a key, such as `Enter` or `ControlOrMeta+a`."""
        await self._do(self.pressing(name)())

    def pressing(self, name: str) -> Act:
        """As `key`, for `call` to begin."""
        return self._target.enter if name == "Enter" else partial(self._page.keyboard.press, name)

    async def insert(self, text: str) -> None:
        """Put `text` where the cursor is."""
        await self._do(self._target.insert(text))

    async def type(self, text: str, *, longer: float) -> None:
        """Type `text` key by key, which may well take `longer` seconds."""
        await self._do(self._page.keyboard.type(text), longer=longer)

    # --- inside ---------------------------------------------------------------------------------------------

    def _hear(self, world: World, payload: object) -> None:
        """Keep what the chat's own frame tells of itself; another one has nothing to say of the chat."""
        its_own = world in self._chain[-1:] if self._frames else world.frame == self._target.frame
        if isinstance(payload, dict) and its_own:
            self.heard_at = self._clock.steady()
            self.note(payload.get("read"))

    async def _reach(self) -> Sequence[World]:
        """The documents from the page's own to the one that holds the chat, along the chain of iframes, as far as
        they are there.

        A login page may stand where they will be, and a page that is loading does not have them yet. A whole chain
        is kept until its end goes: going through it at every call would take most of a visit.
        """
        if self._chain and self._chain[-1].alive:
            return self._chain
        chain = [await self._do(self._target.world())]
        for css in self._frames:
            inner = await self._do(chain[-1].inner(css))
            if inner is None:
                return chain
            chain.append(inner)
        self._chain = chain
        return chain

    async def _place(self, place: dict[str, Any], chain: Sequence[World]) -> None:
        """Go on where a frame's own script had to stop: to the top page's coordinates, or what covers them."""
        around = list(pairwise(chain))
        for world, inner in reversed(around[: len(around) - place.pop("framesUp")]):
            if "x" in place:
                place.update(await self._do(world.call_around(inner, _AROUND, place.pop("x"), place.pop("y"))))

    @asynccontextmanager
    async def _drawn(self) -> AsyncIterator[None]:
        """Have the page drawn meanwhile: a picture waits for a frame."""
        if self._painted:
            yield
            return
        session = await self._do(self._page.context.new_cdp_session(self._page))

        async def draw() -> None:
            await session.send("HeadlessExperimental.beginFrame")

        frames = Beat("draw", _DRAW_SECONDS, draw, fatal=(Error,))
        frames.start()
        try:
            yield
        finally:
            await frames.stop()
            with suppress(Error):  # the page is gone, and the session with it
                await session.detach()

    async def _do(self, act: Awaitable[T], *, longer: float = 0.0) -> T:
        """Await a call to the page; `longer`: seconds that it may well take, before it begins to look stuck."""
        try:
            async with asyncio.timeout(_STUCK_SECONDS + longer):
                answer = await act
            self.answered_at = self.heard_at = self._clock.steady()
            return answer
        except Late as error:
            raise ConsoleNotReady(f"页面没有及时响应：{first_line(error.message)}") from None
        except TimeoutError:
            raise BrowserGone("页面卡住了，一直没有反应：关掉它，重新打开") from None
        except Error as error:
            raise meaning(error.message, closed=self._page.is_closed()) from None
        except LineError as error:
            raise meaning(str(error), closed=self._page.is_closed()) from None
        finally:
            self._told = None


async def _alive(target: Target) -> None:
    await (await target.world()).call("() => 0")


def _note_cut(cut: list[dict[str, Any]], told: dict[str, Any]) -> dict[str, Any]:
    """Keep the places in an answer that stop at a frame of another site."""
    if "framesUp" in told:
        cut.append(told)
    return told


async def _answer(dialog: Dialog) -> None:
    """Leave a page that asks to be stayed on, refuse whatever else is asked."""
    with suppress(Error):  # it was gone before it was answered
        await (dialog.accept() if dialog.type == "beforeunload" else dialog.dismiss())
