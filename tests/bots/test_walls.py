"""What only a person gets past is shown to them and watched without touching; a lost session is not fought for."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Error, Page, Route

from base.clock import SystemClock
from bots.evidence import Evidence
from bots.settings import Settings, Shop
from bots.station import Station
from bots.vault import Vault
from flows.login import Credentials
from flows.mind import Mind
from flows.pack import Pack
from flows.page import ConsolePage
from storage.ledger import Ledger
from storage.records import ShopRow, ShopState
from storage.thread import LedgerThread
from tests.attending import eventually
from tests.bots.stationed import KNOWLEDGE
from tests.flows.paper import Set
from tests.flows.stage import HOST, fill, made_up, pack_for
from tests.lines import line_of

NAMES = made_up(5)
# A console whose door the test opens and shuts; `loads` counts how often the page was loaded.
DOOR = """<!doctype html><meta charset="utf-8"><style>.wall { width: 120px; height: 120px }</style><body><script>
const seen = Number(sessionStorage.loads || 0) + 1;
sessionStorage.loads = seen;
const show = (html) => { document.body.innerHTML = html; };
const desk = () => show('<div class="[[root]]">张三 13812345678</div>');
const wall = (name, colour) => show(`<p>登录</p><div class="wall ${name}" style="background: ${colour}"></div>`);
const form = () => show(
  '<input class="[[field]]"><input class="[[secret]]"><button class="[[enter]]">登录</button>');
const kick = () => {
  desk();
  document.body.insertAdjacentHTML("beforeend", '<div class="kicked">账号在别处登录</div>');
};
addEventListener("click", (event) => {
  if (event.target.className !== "[[enter]]") return;
  sessionStorage.logins = Number(sessionStorage.logins || 0) + 1;
  desk();
});
const [what, ...more] = (sessionStorage.next || "desk").split(" ");
({ desk, form, kick, wall: () => wall(...more) })[what]();
</script>"""
PACK = pack_for(
    NAMES,
    signals={"captcha": ".captcha", "qr": ".qr", "kicked": ".kicked", "expired": ".expired"},
    inbox={"refresh": {"kind": "live", "every": 1}},
)


@dataclass(slots=True)
class Door:
    """A shop's station in front of its console, and a person who works at the console's page."""

    station: Station
    ledger: LedgerThread
    clock: Set
    page: Page
    states: list[ShopState] = field(default_factory=list)

    async def row(self) -> ShopRow:
        self.station.poke()
        return await self.ledger(Ledger.shop_row, "shop")

    async def until(self, holds: Callable[[ShopRow], bool]) -> ShopRow:
        async def held() -> bool:
            return holds(await self.row())

        await eventually(held)
        return await self.row()

    async def counted(self, what: str) -> int:
        return int(await self.page.evaluate(f"Number(sessionStorage.{what} || 0)"))

    async def counts(self, what: str, number: int) -> None:
        """Until it was counted so often; the page may be loading meanwhile."""

        async def enough() -> bool:
            await self.row()
            try:
                return await self.counted(what) >= number
            except Error:
                return False

        await eventually(enough)
        assert await self.counted(what) == number

    async def next(self, what: str, *, now: bool = True) -> None:
        """What the page shows from the next loading on, and already now."""
        await self.page.evaluate("(what) => { sessionStorage.next = what }", what)
        if now:
            name, *more = what.split(" ")
            await self.page.evaluate("([name, more]) => window.eval(name)(...more)", [name, more])

    async def read(self) -> None:
        """Until the station has read the page a few times more."""
        desk = self.station.desk
        assert desk is not None
        for _reading in range(3):
            self.station.poke()
            await desk.page.read()
            await self.ledger(Ledger.shop_row, "shop")


def content(path: Path) -> tuple[bytes, int]:
    """What a file holds and who may read it; nothing where it is gone."""
    try:
        return path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return b"", 0


@asynccontextmanager
async def standing(browser: Browser, folder: Path, *, first: str = "desk") -> AsyncIterator[Door]:
    """A station at a console that first shows this."""
    clock = Set()
    ledger = await LedgerThread.open(folder / "ledger.db", clock)
    await ledger(Ledger.put_shop, "shop", title="店", console="stage", platform="stage")
    context = await browser.new_context()
    document = fill(DOOR, NAMES).replace('|| "desk"', f'|| "{first}"')

    async def serve(route: Route) -> None:
        await route.fulfill(body=document, content_type="text/html; charset=utf-8")

    await context.route(f"{HOST}/**", serve)
    console = await ConsolePage.open(context, line_of(context.browser), PACK, SystemClock(), lambda _changed: None)

    async def open_page(_pack: Pack, _state: Any, _on_change: Any) -> ConsolePage:
        return console

    shop = Shop(id="shop", console="stage", url=f"{HOST}/")
    mind = Mind.of(KNOWLEDGE)
    station = Station(
        shop=shop,
        settings=Settings(shops=[shop], people="09:00-18:00"),
        pack=PACK,
        ledger=ledger,
        clock=clock,
        mind=lambda: mind,
        credentials=Credentials(user="bot", password=lambda: "word"),
        vault=Vault(folder=folder, shop="shop"),
        evidence=Evidence(folder / "evidence"),
        open_page=open_page,
        on_waiting=lambda: None,
        delay=0.0,
    )
    station.start()
    try:
        yield Door(station, ledger, clock, context.pages[0])
    finally:
        await station.stop()
        await context.close()
        await ledger.close()


@pytest.mark.parametrize(("name", "state"), [("captcha", ShopState.captcha), ("qr", ShopState.needs_login)])
async def test_a_person_is_shown_what_to_do_and_it_goes_on_when_they_have_done_it(
    browser: Browser, tmp_path: Path, name: str, state: ShopState
) -> None:
    async with standing(browser, tmp_path, first=f"wall {name} red") as door:
        row = await door.until(lambda row: row.state is state and row.picture is not None)
        picture = Path(row.picture or "")
        before, mode = content(picture)
        assert (before[:4], mode) == (b"\x89PNG", 0o600)
        width, height = (int.from_bytes(before[at : at + 4]) for at in (16, 20))
        assert (width, height) == (120, 120)  # the element alone
        # The code is renewed: so is its picture; nothing is loaded under the phone that reads it.
        door.clock.go(120)
        await door.next(f"wall {name} blue")

        async def renewed() -> bool:
            await door.row()
            return content(picture)[0] != before

        await eventually(renewed)
        await door.next("desk")
        row = await door.until(lambda row: row.state is ShopState.ready and content(picture)[0] == b"")
        assert row.picture is None
        assert await door.counted("loads") == 1


async def test_a_code_that_nobody_uses_is_loaded_anew(browser: Browser, tmp_path: Path) -> None:
    async with standing(browser, tmp_path, first="wall qr red") as door:
        await door.until(lambda row: row.picture is not None)
        door.clock.go(290)
        await door.read()
        assert await door.counted("loads") == 1
        door.clock.go(20)

        await door.counts("loads", 2)


async def test_no_picture_shows_what_buyers_said(browser: Browser, tmp_path: Path) -> None:
    async with standing(browser, tmp_path) as door:
        await door.until(lambda row: row.state is ShopState.ready)
        assert door.station.desk is not None
        page = door.station.desk.page
        plain = await page.picture()
        assert await page.picture(("captcha", "qr")) != plain
        covered = await page.picture(("captcha", "qr"))
        await door.page.evaluate(
            f"""document.querySelector(".{NAMES["root"]}").textContent = "李四 13900000000" """
        )
        assert await page.picture(("captcha", "qr")) == covered
        assert await page.picture() != plain


async def test_who_is_kicked_comes_back_once_and_then_yields(browser: Browser, tmp_path: Path) -> None:
    async with standing(browser, tmp_path) as door:
        await door.until(lambda row: row.state is ShopState.ready)
        await door.next("kick")
        await door.until(lambda row: row.state is ShopState.kicked)
        loads = await door.counted("loads")
        await door.next("desk", now=False)
        door.clock.go(31)
        await door.until(lambda row: row.state is ShopState.ready)
        assert await door.counted("loads") == loads + 1
        await door.next("kick")
        row = await door.until(lambda row: row.state is ShopState.kicked)
        assert "nightdesk resume shop" in row.why
        await door.next("desk", now=False)
        door.clock.go(600)
        await door.read()
        assert await door.counted("loads") == loads + 1
        assert (await door.row()).state is ShopState.kicked
        door.station.come_back()
        await door.until(lambda row: row.state is ShopState.ready)


async def test_a_kick_that_came_while_the_page_was_in_doubt_is_seen_before_it_is_loaded(
    browser: Browser, tmp_path: Path
) -> None:
    async with standing(browser, tmp_path) as door:
        await door.until(lambda row: row.state is ShopState.ready)
        desk = door.station.desk
        assert desk is not None
        door.station.busy = True  # a visit is on
        await door.next("kick")
        await door.next("desk", now=False)
        desk.freshness.doubt()
        door.station.busy = False
        await door.until(lambda row: row.state is ShopState.kicked)
        assert await door.counted("loads") == 1


async def test_a_form_that_nobody_explains_is_filled_once_and_then_left_to_who_may_have_the_account(
    browser: Browser, tmp_path: Path
) -> None:
    async with standing(browser, tmp_path, first="form") as door:
        await door.until(lambda row: row.state is ShopState.ready)
        await door.next("form")
        await door.counts("logins", 2)
        await door.until(lambda row: row.state is ShopState.ready)
        await door.next("form")
        row = await door.until(lambda row: row.state is ShopState.kicked)
        assert "可能有人在用这个账号" in row.why
        door.clock.go(800)
        await door.read()
        assert await door.counted("logins") == 2
        door.clock.go(200)
        await door.counts("logins", 3)
        await door.until(lambda row: row.state is ShopState.ready)
