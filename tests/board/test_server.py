"""What is served on loopback, as a program sees it."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from base.clock import SystemClock
from board.server import HOST, is_known, serving
from bots.home import Home
from bots.roll import Roll
from bots.secrets import set_secret, token_of
from bots.settings import Metrics
from bots.supervisor import Supervisor
from bots.up import Vantage
from storage.ledger import Ledger
from storage.records import ShopState
from storage.thread import LedgerThread
from tests.attending import eventually, off_duty_hours
from tests.fresh import fresh
from tests.ports import free_port
from tests.rolls import roll_of

TOKEN = "correct horse"
BEARER = f"Bearer {TOKEN}"


async def get(port: int, path: str, login: str | None = BEARER) -> tuple[int, str]:
    """Status and text."""

    def ask() -> tuple[int, str]:
        headers = {"Authorization": login} if login else {}
        try:
            with urlopen(Request(f"http://{HOST}:{port}{path}", headers=headers), timeout=10) as found:
                return found.status, found.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return await asyncio.to_thread(ask)


class Served:
    """A board, the ledger that it shows, and the roll that it goes by."""

    def __init__(self, ledger: LedgerThread, roll: Roll) -> None:
        self.ledger = ledger
        self.roll = roll


@asynccontextmanager
async def served(folder: Path, port: int, *, in_charge: bool = True, token: str = TOKEN) -> AsyncIterator[Served]:
    """The board of a shop that is well, until the block ends."""
    home, clock = Home(folder), SystemClock()
    metrics = Metrics(port=port)
    if token:
        set_secret(token_of(metrics), home, token)
    ledger = await LedgerThread.open(fresh(home.ledger), clock)
    await ledger(Ledger.put_shop, "tea", title="茶叶店", console="plain", platform="practice")
    await ledger(Ledger.set_shop_state, "tea", ShopState.ready)
    await ledger(Ledger.shop_beat, {"tea": clock.now()})
    shown = Served(ledger, roll_of("tea", metrics=metrics))
    vantage = Vantage(
        home=home,
        roll=lambda: shown.roll,
        ledger=ledger,
        clock=clock,
        supervisor=Supervisor([], shown.roll, clock),
        in_charge=lambda: in_charge,
    )
    try:
        async with serving(vantage):
            yield shown
    finally:
        await ledger.close()


async def opened(port: int) -> None:
    async def answers() -> bool:
        try:
            await get(port, "/healthz", None)
        except OSError:
            return False
        return True

    await eventually(answers)


async def test_health_and_figures_for_who_shows_the_token(tmp_path: Path) -> None:
    port = free_port()
    async with served(tmp_path, port) as shown:
        ledger = shown.ledger
        await opened(port)
        assert (await get(port, "/healthz"))[0] == 200
        status, text = await get(port, "/metrics")
        assert status == 200
        assert 'nightdesk_shop_state{shop="tea",state="ready"} 1.0' in text
        await ledger(Ledger.set_shop_state, "tea", ShopState.stopped, "停了")
        status, text = await get(port, "/healthz")
        assert status == 503
        told = json.loads(text)
        assert (told["ok"], told["in_charge"]) == (False, True)
        assert [(shop["shop"], shop["state"], shop["why"]) for shop in told["shops"]] == [
            ("tea", "stopped", "没有机器人在值守")
        ]
        password = base64.b64encode(f"prometheus:{TOKEN}".encode()).decode()
        assert (await get(port, "/metrics", f"Basic {password}"))[0] == 200
        for login in (None, "Bearer wrong", "Basic !!!", f"Token {TOKEN}"):
            status, text = await get(port, "/metrics", login)
            assert (status, "nightdesk_" in text) == (401, False)
            assert (await get(port, "/healthz", login))[0] == 401
    with pytest.raises(OSError):
        await get(port, "/healthz")


async def test_people_are_on_shift_by_the_clock_of_the_shops_platform(tmp_path: Path) -> None:
    port = free_port()
    async with served(tmp_path, port) as shown:
        await opened(port)
        for people, on in (("00:00-24:00", 1), (off_duty_hours(), 0)):
            shown.roll = roll_of("tea", people=people, metrics={"port": port})
            assert f'nightdesk_people_on_shift{{shop="tea"}} {on}.0' in (await get(port, "/metrics"))[1]


async def test_what_the_file_says_later_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("board.server._OPEN_EVERY", 0.02)
    port, other = free_port(), free_port()
    async with served(tmp_path, port) as shown:
        await opened(port)
        shown.roll = roll_of("tea", "milk", metrics={"port": port})
        status, text = await get(port, "/healthz")
        assert (status, [shop["shop"] for shop in json.loads(text)["shops"]]) == (503, ["milk"])
        _status, text = await get(port, "/metrics")  # a shop that never was read is one that is not looked after
        assert 'nightdesk_shop_ok{shop="tea"} 1.0' in text
        assert 'nightdesk_shop_ok{shop="milk"} 0.0' in text
        shown.roll = roll_of("tea", metrics={"port": other})
        await opened(other)
        assert (await get(other, "/healthz"))[0] == 200
        with pytest.raises(OSError):
            await get(port, "/healthz")
        shown.roll = roll_of("tea")

        async def closed() -> bool:
            try:
                await get(other, "/healthz")
            except OSError:
                return True
            return False

        await eventually(closed)


async def test_who_stands_by_says_so(tmp_path: Path) -> None:
    port = free_port()
    async with served(tmp_path, port, in_charge=False):
        await opened(port)
        status, text = await get(port, "/healthz")
        assert (status, json.loads(text)) == (503, {"ok": False, "in_charge": False, "shops": []})


async def test_a_port_in_use_is_told_once_and_taken_when_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("board.server._OPEN_EVERY", 0.02)
    port = free_port()
    with socket.socket() as other:
        other.bind((HOST, port))
        other.listen()
        async with served(tmp_path, port) as shown:

            async def told(severity: str) -> bool:
                found = await shown.ledger(Ledger.events)
                return [event.severity for event in found if event.kind == "metrics"][-1:] == [severity]

            await eventually(lambda: told("warning"))
            await asyncio.sleep(0.2)  # ten more tries
            (event,) = [one for one in await shown.ledger(Ledger.events) if one.kind == "metrics"]
            assert str(port) in event.detail["why"] and "值守不受影响" in event.detail["why"]
            other.close()
            await eventually(lambda: told("info"))
            await opened(port)


async def test_without_a_token_nothing_is_served(tmp_path: Path) -> None:
    port = free_port()
    async with served(tmp_path, port, token="") as shown:

        async def told() -> bool:
            return any(
                "nightdesk secret set metrics/token" in str(one.detail)
                for one in await shown.ledger(Ledger.events)
            )

        await eventually(told)
        with pytest.raises(OSError):
            await get(port, "/healthz")


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ("Bearer s3cret", True),
        ("bearer s3cret", True),
        ("Bearer s3cret ", False),
        ("Bearer", False),
        ("", False),
        ("s3cret", False),
        ("Basic " + base64.b64encode(b"who:s3cret").decode(), True),
        ("Basic " + base64.b64encode(b"s3cret").decode(), False),
        ("Basic " + base64.b64encode(b"\xff:s3cret").decode(), False),
        ("Basic s3cret", False),
        ("Bearer \udcff", False),
    ],
)
def test_the_login(header: str, known: bool) -> None:
    assert is_known(header, b"s3cret") is known


def test_a_token_in_chinese() -> None:
    token = "夜班口令".encode()
    assert is_known("Bearer " + token.decode("latin-1"), token)  # as the bytes of a header arrive
    assert is_known("Basic " + base64.b64encode(b"who:" + token).decode(), token)
