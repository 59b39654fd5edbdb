"""A pack tried at a live console: behind its login, and without disturbing who waits."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from base.places import shared
from bots.inspection import inspect_live
from flows.check import Result
from flows.login import Credentials
from flows.pack import Pack, load_pack
from practice.client import Practice
from tests.nursery import practising


@pytest.fixture
async def console() -> AsyncIterator[Practice]:
    practice = await practising("--shops", "1")
    yield practice
    await practice.stop()


@pytest.fixture
def pack() -> Pack:
    return load_pack(shared("selectors/practice-plain.yaml"))


async def test_a_conversation_that_does_not_wait_is_opened_and_who_waits_is_left_alone(
    console: Practice, pack: Pack
) -> None:
    (shop,) = console.shops
    calm = await console.say(shop["id"], "什么时候发货", buyer="calm")
    await console.control("reply", shop=shop["id"], conversation=calm["conversation"], text="今天")
    await console.say(shop["id"], "在吗", buyer="waits")
    credentials = Credentials(user=shop["user"], password=lambda: str(shop["password"]))
    report = (await inspect_live(pack, shop["url"], state=None, credentials=credentials)).report
    found = {finding.key: finding for finding in report.findings}
    assert report.usable, report.advice
    assert report.advice == ""
    for key in ("login.username", "inbox.row", "inbox.unread", "thread.message", "composer.input"):
        assert found[key].result is Result.found, key
    assert found["inbox.unread"].count == 1
    again = await inspect_live(pack, shop["url"], state=None, credentials=credentials)
    assert {finding.key: finding.count for finding in again.report.findings}["inbox.unread"] == 1


async def test_without_credentials_it_stops_at_the_door(console: Practice, pack: Pack) -> None:
    report = (await inspect_live(pack, console.shops[0]["url"], state=None, credentials=None)).report
    assert not report.usable
    assert {finding.key: finding.result for finding in report.findings}["login.submit"] is Result.found
