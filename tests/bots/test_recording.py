"""An unseen console needs only a pack, and the pack only somebody who points: in a window, with real presses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from base.yamlfile import parse_yaml
from bots.browser import open_browser
from bots.demo.judge import Phrasebook, Said
from bots.inspection import inspect_live
from bots.recording import POINTER, STEPS, Recorder, record_in_window
from bots.settings import Login, Shop
from flows.login import Credentials
from flows.pack import Pack, pack_from
from flows.packtext import About, missing, pack_text
from flows.suggest import suggest
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ReplyState
from tests.attending import Attended, attending, eventually
from tests.pointing import Author
from tests.unseen import Unseen

# What is pointed at, by the names of the plain console; None: skipped.
POINTED: dict[str, str | None] = {
    "login.username": "#login-user",
    "login.password": "#login-password",
    "login.submit": ".login-submit",
    "inbox.row": ".row-name",
    "inbox.root": ".row-preview",
    "inbox.unread": ".row-unread",
    "inbox.preview": ".row-preview",
    "inbox.name": ".row-name",
    "inbox.waiting": ".row-clock",
    "thread.buyer": ".from-buyer .msg-text",
    "thread.shop": ".from-shop .msg-text",
    "thread.robot": None,
    "thread.system": None,
    "composer.input": ".composer-input",
    "composer.send": None,
}
ASKED = {
    "什么时侯发货啊": "发货时间",
    "怎么还不发或呀，都等好几天了": "催发货",
    "我的快弟到哪了": "查物流",
    "可以开发漂吗": "发票",
    "怎么申请退货啊": "退货流程",
    "有优惠卷吗": "优惠券",
    "是正品吗": "正品保证",
    "给我讲个笑话吧": None,
}
_EARLY = 2


class Guide(Author):
    """Points at all that a pack needs."""

    async def point_at_everything(self, user: str, password: str, conversation: str) -> None:
        """All steps, with the acts between them."""
        for number, step in enumerate(STEPS, 1):
            await self.says(f"第 {number}/{len(STEPS)} 步")
            if step.key == "enter":
                await self._log_in(user, password)
            elif step.key == "open":
                await self.press(f'.row[data-uid="{conversation}"]')
                await self.shows(".from-shop")
            elif (css := POINTED[step.key]) is not None:
                await self.press(css)
            await self.button("好了，继续" if step.act else "就是它" if POINTED[step.key] else "跳过")

    async def _log_in(self, user: str, password: str) -> None:
        for css, text in (("#login-user", user), ("#login-password", password)):
            await self.press(css)
            await self.page.write(text)
        await self.press(".login-submit")
        await self.shows(".row")
        await self.says("请登录")


@asynccontextmanager
async def unseen(folder: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Practice, Unseen]]:
    """The console, served from its renamed copy."""
    names = Unseen(folder)
    patch.chdir(folder)  # `python -m practice` is the one in the current folder
    console = await Practice.start("--shops", "1")
    patch.undo()
    try:
        yield console, names
    finally:
        await console.stop()


async def recorded(console: Practice, names: Unseen) -> Pack:
    """A pack made by pointing, in the words of its file."""
    shop = console.shops[0]
    calm = await console.say(shop["id"], "在吗", buyer="u1000", needs_answer=False)
    await console.control("reply", shop=shop["id"], conversation=calm["conversation"], text="在的")
    for number, text in enumerate(list(ASKED)[:_EARLY]):  # who waits has a clock and an unread mark
        await console.say(shop["id"], text, buyer=f"u{2000 + number}")
    recorder = Recorder()
    async with open_browser() as browser:
        page = await browser.plain(POINTER)
        await page.goto(shop["url"])
        author = Guide(page, names.css)
        pointing = author.point_at_everything(shop["user"], str(shop["password"]), calm["conversation"])
        async with asyncio.timeout(100), asyncio.TaskGroup() as both:
            both.create_task(record_in_window(page, recorder))
            both.create_task(pointing)
    draft = suggest(recorder.points)
    assert not missing(draft)
    about = About(name="unseen", title="没见过的后台", url=shop["url"], day=date(2026, 11, 23))
    return pack_from(parse_yaml(pack_text(draft, about), Path("unseen.yaml")))


@pytest.mark.timeout(240)
async def test_a_console_with_names_nobody_knows_is_served_by_a_recorded_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with unseen(tmp_path, monkeypatch) as (console, names):
        shop = console.shops[0]
        pack = await recorded(console, names)
        credentials = Credentials(user=shop["user"], password=lambda: str(shop["password"]))
        report = (await inspect_live(pack, shop["url"], state=None, credentials=credentials)).report
        assert report.usable, report.advice
        path = tmp_path / "unseen.json"
        path.with_suffix(".yaml").write_text(
            pack.model_dump_json(exclude_none=True, exclude_defaults=True), "utf-8"
        )
        for number, text in list(enumerate(ASKED))[_EARLY:]:
            await console.say(shop["id"], text, buyer=f"u{2000 + number}")
        attended = Shop(id=shop["id"], console="unseen.yaml", url=shop["url"], login=Login(user=shop["user"]))
        async with attending(tmp_path, [attended], str(shop["password"])) as bots:
            await eventually(lambda: _all_told(console, bots), 100)
            truth = await console.truth()
            states = {reply.state for reply in await bots.ledger(Ledger.all_replies)}
            book = Phrasebook(bots.knowledge)
    got = {
        turn["texts"][0]: [one["text"] for one in turn["got"]] for turn in truth["turns"] if turn["needs_answer"]
    }
    assert set(got) == set(ASKED)
    read = {text: [book.read(reply) for reply in replies] for text, replies in got.items()}
    assert all(len(replies) == 1 for replies in read.values()), read
    answers = {text: entries for text, [(said, entries)] in read.items() if said is Said.answer}
    assert len(answers) >= 4, read
    assert all(entries == {ASKED[text]} for text, entries in answers.items())
    assert states == {ReplyState.confirmed}


async def _all_told(console: Practice, bots: Attended) -> bool:
    """Everybody has something, and the ledger knows it too."""
    truth: dict[str, Any] = await console.truth()
    told = all(turn["got"] for turn in truth["turns"] if turn["needs_answer"])
    return told and all(reply.state is ReplyState.confirmed for reply in await bots.ledger(Ledger.all_replies))
