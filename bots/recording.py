"""Making a pack: its author points at things, in a window or at the terminal, and the rest is worked out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from base.errors import ConsoleNotReady
from bots.browser import Heard, PlainPage
from flows import suggest
from flows.candidates import label, likely, saying
from flows.choice import unique
from flows.suggest import Point
from flows.tree import Node, Tree

_FLOWS = Path(suggest.__file__).parent
_DESCRIBE = _FLOWS.joinpath("describe.js").read_text("utf-8").strip().removesuffix(";")
POINTER = _FLOWS.joinpath("pointer.js").read_text("utf-8").replace("__DESCRIBE__", _DESCRIBE)
_LOOK = _DESCRIBE[_DESCRIBE.index("({ css") :]
# Nothing was drawn for a moment, or five seconds are over.
_QUIET = """() => new Promise((done) => {
  let rest = setTimeout(done, 500);
  const watch = new MutationObserver(() => { clearTimeout(rest); rest = setTimeout(done, 500); });
  watch.observe(document, { subtree: true, childList: true, characterData: true });
  setTimeout(done, 5000);
})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One step: what to point at, or (`act`) what to do on the page before going on."""

    key: str
    text: str
    optional: bool = False
    act: bool = False


STEPS = (
    Wanted(key="login.username", text="登录页的账号框（已经登录了，或不用密码登录，就跳过）", optional=True),
    Wanted(key="login.password", text="登录页的密码框", optional=True),
    Wanted(key="login.submit", text="登录按钮", optional=True),
    Wanted(key="enter", text="请登录，等会话列表出来", act=True),
    Wanted(key="inbox.row", text="会话列表里的任意一行"),
    Wanted(key="inbox.root", text="整个会话列表：点列表里任意一处，不够大就点“外一层”", optional=True),
    Wanted(key="inbox.unread", text="某一行的未读标记（红点或数字；现在没有就跳过）", optional=True),
    Wanted(key="inbox.preview", text="某一行的最后一句话", optional=True),
    Wanted(key="inbox.name", text="某一行的买家昵称", optional=True),
    Wanted(key="inbox.waiting", text="某一行的等待时间（没有就跳过）", optional=True),
    Wanted(key="open", text="请打开一个买家和客服都说过话的会话", act=True),
    Wanted(key="thread.buyer", text="买家说的一句话（点文字）"),
    Wanted(key="thread.shop", text="自己说的一句话（点文字）"),
    Wanted(key="thread.robot", text="平台机器人说的一句话（没有就跳过）", optional=True),
    Wanted(key="thread.system", text="一条系统提示（没有就跳过）", optional=True),
    Wanted(key="composer.input", text="回复的输入框"),
    Wanted(key="composer.send", text="发送按钮（没有按钮、按回车发送就跳过）", optional=True),
)


@dataclass(slots=True)
class Recorder:
    """Where the author is in the steps, and what was pointed at so far."""

    points: dict[str, Point] = field(default_factory=dict)
    at: int = 0

    @property
    def wanted(self) -> Wanted | None:
        """The present step; None when all are done."""
        return STEPS[self.at] if self.at < len(STEPS) else None

    def take(self, point: Point | None) -> None:
        """Go on with what was pointed at, or with nothing after an act."""
        if point is not None:
            self.points[STEPS[self.at].key] = point
        self.at += 1

    def skip(self) -> None:
        """Go on without; without an account's field there is no form at all."""
        self.at = 3 if self.at == 0 else self.at + 1

    def back(self) -> None:
        """To the step before."""
        self.at = max(0, self.at - 1)
        self.points.pop(STEPS[self.at].key, None)

    def guess(self, tree: Tree, at: int) -> int:
        """What was meant by a press there: the row around it, the list around that."""
        wanted = self.wanted
        if wanted is None or wanted.key not in ("inbox.row", "inbox.root"):
            return at
        row = suggest.row_of(tree, at)
        return row if wanted.key == "inbox.row" else suggest.list_of(tree, row)


# --- in a window ----------------------------------------------------------------------------------------------


async def record_in_window(page: PlainPage, recorder: Recorder) -> None:
    """Until all was pointed at in the page's own window; `page` was opened with `POINTER`."""
    window = _Window(page=page, recorder=recorder)
    while recorder.wanted is not None:
        heard = await page.heard()
        with suppress(ConsoleNotReady):  # the page went on under the author: the next one asks for the bar itself
            await window.hear(heard)


@dataclass(slots=True)
class _Window:
    page: PlainPage
    recorder: Recorder
    picked: Point | None = None
    frame: Any = None
    passing: bool = False

    async def hear(self, heard: Heard) -> None:
        """One thing that the bar or a press says."""
        if heard.what == "chosen":
            await self._chosen(heard)
        elif heard.what == "wider" and self.picked is not None:
            await self.page.call(self.frame, "outer", 1)
            return
        elif heard.what == "take":
            self._take()
        elif heard.what == "skip" and self.recorder.wanted and self.recorder.wanted.optional:
            self._next(self.recorder.skip)
        elif heard.what == "back":
            self._next(self.recorder.back)
        elif heard.what == "pass":
            self.passing = not self.passing
        await self._show()

    async def _chosen(self, heard: Heard) -> None:
        point = point_of(heard.page)
        if point is None:
            return
        self.picked, self.frame = point, heard.frame
        meant = self.recorder.guess(point.tree, point.at) if heard.direct else point.at
        levels = list(point.tree.up(point.at)).index(meant)
        if levels:
            await self.page.call(heard.frame, "outer", levels)

    def _take(self) -> None:
        wanted = self.recorder.wanted
        if wanted is not None and (wanted.act or self.picked is not None):
            point = None if wanted.act else self.picked
            self._next(lambda: self.recorder.take(point))

    def _next(self, move: Callable[[], None]) -> None:
        move()
        self.picked, self.passing = None, False

    async def _show(self) -> None:
        wanted = self.recorder.wanted
        if wanted is None:
            return
        picked = self.picked
        said = {
            "text": f"第 {self.recorder.at + 1}/{len(STEPS)} 步　{'' if wanted.act else '请点：'}{wanted.text}",
            "seen": "" if picked is None else label(picked.tree, picked.at),
            "passing": self.passing or wanted.act,
            "act": wanted.act,
            "optional": wanted.optional,
            "picked": picked is not None,
            "high": wanted.key.startswith("composer."),
        }
        await self.page.show(said)


def point_of(page: Mapping[str, Any]) -> Point | None:
    """What the page's script describes, as a value; None where it is not about an element."""
    tree, at = Tree.of(page["nodes"]), int(page["at"])
    if not 0 <= at < len(tree.nodes):
        return None
    return Point(tree=tree, at=at, frames=tuple(_frame_css(frame) for frame in page["frames"]))


def _frame_css(frame: Mapping[str, str]) -> str:
    """A selector for one iframe, by the best that it has."""
    attrs = {name: value for name, value in frame.items() if value and name != "src"}
    source = frame.get("src", "").split("?")[0]
    chosen = unique(Tree([Node(tag="html", parent=-1, attrs={}), Node(tag="iframe", parent=0, attrs=attrs)]), 1)
    return f'iframe[src*="{source}"]' if chosen[0] == "iframe" and source and '"' not in source else chosen[0]


# --- at the terminal ------------------------------------------------------------------------------------------


class Terminal(Protocol):
    """Asks the author; what stands on the page is shown to nobody else."""

    def choose(self, question: str, choices: Sequence[str], *, optional: bool) -> str:
        """The number of a choice (from 1), a selector, a piece of text; empty: skip, or look again."""
        ...

    def account(self) -> tuple[str, str] | None:
        """A sub-account's name and password to log in with; None: not needed."""
        ...


async def record_at_terminal(page: PlainPage, recorder: Recorder, terminal: Terminal, *, live: bool) -> None:
    """Until all was named; `live`: the page can be logged in to and a conversation opened on it."""
    while (wanted := recorder.wanted) is not None:
        if wanted.act:
            if live:
                with suppress(ConsoleNotReady):  # the page went on meanwhile: the next step looks at it anew
                    await _act(page, recorder, wanted, terminal)
            recorder.take(None)
            continue
        found = await _ask(page, recorder, wanted, terminal)
        if found is not None:
            recorder.take(found)
        elif wanted.optional:
            recorder.skip()


async def _ask(page: PlainPage, recorder: Recorder, wanted: Wanted, terminal: Terminal) -> Point | None:
    looked = await look(page)
    tree = Tree.of(looked["nodes"])
    offered = likely(wanted.key, tree, recorder.points)
    question = wanted.text
    while True:
        choices = [label(tree, at) for at in offered]
        answer = terminal.choose(question, choices, optional=wanted.optional).strip()
        if not answer:
            return None
        if answer.isdecimal() and 0 < int(answer) <= len(offered):
            return Point(tree=tree, at=offered[int(answer) - 1])
        looked = await look(page, answer)  # the page may have gone on meanwhile
        tree = Tree.of(looked["nodes"])
        found = looked["found"] or saying(tree, answer)
        if len(found) == 1 or (found and wanted.key in ("inbox.row", "thread.buyer", "thread.shop")):
            return Point(tree=tree, at=found[0])
        question = f"找到 {len(found)} 个，是哪一个？" if found else f"页面上没有“{answer}”。{wanted.text}"
        offered = found[:20] or likely(wanted.key, tree, recorder.points)


async def _act(page: PlainPage, recorder: Recorder, wanted: Wanted, terminal: Terminal) -> None:
    if wanted.key == "open":
        await page.press(*_middle(recorder.points["inbox.row"]))
        await page.run(_QUIET, None)
        return
    form = [recorder.points.get(f"login.{name}") for name in ("username", "password", "submit")]
    account = terminal.account() if all(form) else None
    if account is None:
        return
    for point, text in zip(form, (*account, None), strict=True):
        if point is not None:
            await page.press(*_middle(point))
            if text is not None:
                await page.write(text)
    door = recorder.points["login.password"]
    await page.settled(gone=unique(door.tree, door.at)[0])
    await page.run(_QUIET, None)


def _middle(point: Point) -> tuple[float, float]:
    left, top, width, height = point.tree[point.at].box
    return left + width / 2, top + height / 2


async def look(page: PlainPage, css: str | None = None) -> Mapping[str, Any]:
    """The page as it is now, and what a selector finds there."""
    described = await page.run(_LOOK, {"css": css})
    return dict(described)


def frames_of(points: Mapping[str, Point]) -> tuple[str, ...]:
    """The iframes around the chat: those around the input."""
    point = points.get("composer.input")
    return point.frames if point is not None else ()
