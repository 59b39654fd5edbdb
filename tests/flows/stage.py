"""A console of a test's own in a real browser: a small page, the pack that fits it, and the bots' page on it.

All names are made up anew from a seed, so that nothing can know them but the pack.
"""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Route

from base.clock import SystemClock
from flows.landing import Landing
from flows.line import Line
from flows.pack import Pack
from flows.page import ConsolePage
from flows.views import Latest
from tests.lines import line_of

HOST = "http://stage.test"
_APP = Path(__file__).with_name("stage.html").read_text("utf-8")
_WORDS = (
    ("root", "row", "mark", "clock", "name", "preview"),
    ("thread", "msg", "buyer", "shop", "robot", "system", "body", "drop", "failed", "image", "card", "recall"),
    ("input", "send", "toast", "cover", "dismiss", "field", "secret", "enter", "pane", "frame"),
)


def made_up(seed: int) -> dict[str, str]:
    """A name for each thing on the page, different for each seed."""
    throw = random.Random(seed)  # noqa: S311 - names, not secrets
    return {word: f"{word[0]}{throw.randrange(36**5, 36**6):x}" for group in _WORDS for word in group}


def pack_for(names: Mapping[str, str], **changes: Any) -> Pack:
    """The pack of the stage; `changes` are laid over its parts."""
    css = {word: f".{name}" for word, name in names.items()}
    parts: dict[str, Any] = {
        "name": "stage",
        "title": "舞台",
        "platform": "stage",
        "as_of": "2026-11-23",
        "verified": {"level": "never"},
        "source": "the tests",
        "url": HOST,
        "login": {"kind": "password", "username": css["field"], "password": css["secret"], "submit": css["enter"]},
        "signals": {
            "logged_in": css["root"],
            "logged_out": css["enter"],
            "blocked": css["toast"],
            "overlay": [{"see": css["cover"], "dismiss": css["dismiss"]}],
        },
        "inbox": {
            "root": css["root"],
            "row": css["row"],
            "id": {"attr": "data-k"},
            "name": css["name"],
            "preview": css["preview"],
            "unread": css["mark"],
            "waiting": css["clock"],
        },
        "thread": {
            "root": css["thread"],
            "ready": f'{css["thread"]}[data-k="{{id}}"]',
            "open_id": {"attr": "data-k"},
            "message": css["msg"],
            "message_id": {"attr": "data-m"},
            "buyer": css["buyer"],
            "shop": css["shop"],
            "robot": css["robot"],
            "system": css["system"],
            "text": css["body"],
            "drop": css["drop"],
            "time": {"attr": "data-t"},
            "failed": css["failed"],
            "kinds": {"image": css["image"], "card": css["card"], "recall": css["recall"]},
        },
        "composer": {"input": css["input"], "send": css["send"]},
    }
    for part, change in changes.items():
        parts[part] = {**parts[part], **change} if isinstance(parts.get(part), dict) else change
    return Pack.model_validate(parts)


@dataclass(slots=True)
class Stage:
    """The page as the bots see it (`console`) and as a test does (`page`); `heard` are the hints pushed so far,
    `unasked` those by which it only told how it stands.
    """

    console: ConsolePage
    page: Page
    names: Mapping[str, str]
    heard: list[frozenset[str]] = field(default_factory=list)
    unasked: list[frozenset[str]] = field(default_factory=list)

    async def js(self, script: str, *arguments: object) -> Any:
        """Run `script` in the page, as its own code would; arguments are `$0`, `$1`."""
        for number, argument in enumerate(arguments):
            script = script.replace(f"${number}", json.dumps(argument))
        return await self.page.evaluate(script)

    async def say(self, key: str, text: str) -> str:
        """A buyer speaks; returns the message's id."""
        return str(await self.js("app.say($0, $1)", key, text))

    async def send(
        self, key: str, text: str, *, latest: Latest, commit: Callable[[], Awaitable[bool]] | None = None
    ) -> Landing:
        """As the bots send, without waiting for a bubble; there may be nothing to commit."""
        return await self.console.send(key, text, latest=latest, known=(), timeout=0, commit=commit or _nothing)

    async def arm(self, act: Mapping[str, object], ms: float = 2000) -> dict[str, Any]:
        """Arm the gate directly."""
        point: dict[str, Any] = await self.js("__nightdesk.arm($0, $1)", act, ms)
        return point

    async def report(self) -> list[tuple[str, str, str]]:
        """Disarm; what the gate saw meanwhile: event, region, and why it was stopped."""
        log = await self.js("__nightdesk.disarm()")
        return [(entry["type"], entry["region"], entry["why"]) for entry in log]

    async def middle(self, css: str) -> tuple[float, float]:
        """The middle of an element in the top page's coordinates."""
        box = await self.page.locator(css).first.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    async def click(self, css: str) -> None:
        """A trusted click, as a person's."""
        await self.page.mouse.click(*await self.middle(css))

    def css(self, word: str, key: str = "") -> str:
        """The selector of a thing, of the one with that key if given."""
        return f".{self.names[word]}" + (f'[data-k="{key}"]' if key else "")

    async def sent(self) -> list[list[str]]:
        """What the console took as sent: pairs of conversation and text."""
        return list(await self.js("app.sent"))


async def _nothing() -> bool:
    """What a stage commits before a press."""
    return True


@asynccontextmanager
async def staged(
    browser: Browser,
    *,
    options: Mapping[str, object] | None = None,
    pack: Mapping[str, Any] | None = None,
    keys: Sequence[str] = ("k1", "k2"),
    pages: Mapping[str, str] | None = None,
    seed: int = 1,
    painted: bool = True,
    line: Line | None = None,
    hosts: Sequence[str] = (HOST,),
) -> AsyncIterator[Stage]:
    """Open the stage with a conversation for each of `keys`, in which a buyer has said one thing.

    `options` go to the page's script; `pages` are further documents by path; all are at each of `hosts`;
    `line`: that of a browser of one's own.
    """
    names = made_up(seed)
    html = fill(_APP, names).replace("__OPTIONS__", json.dumps({"keys": list(keys), **(options or {})}))
    documents = {"/": html, **{path: fill(page, names) for path, page in (pages or {}).items()}}
    context = await browser.new_context(viewport={"width": 1000, "height": 700})
    heard: list[frozenset[str]] = []
    unasked: list[frozenset[str]] = []

    def hear(changed: frozenset[str]) -> None:
        (heard if changed else unasked).append(changed)

    async def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path or "/"
        body = documents.get(path)
        status = 404 if body is None else 200
        await route.fulfill(status=status, body=body or "", content_type="text/html; charset=utf-8")

    for host in hosts:
        await context.route(f"{host}/**", serve)
    try:
        made = pack_for(names, **(pack or {}))
        console = await ConsolePage.open(
            context, line or line_of(browser), made, SystemClock(), hear, painted=painted
        )
        await console.goto(HOST + "/")
        yield Stage(console, context.pages[0], names, heard, unasked)
    finally:
        await context.close()


def fill(page: str, names: Mapping[str, str]) -> str:
    """A document with `[[word]]` replaced by the made-up names."""
    for word, name in names.items():
        page = page.replace(f"[[{word}]]", name)
    return page
