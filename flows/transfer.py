"""Giving the open conversation to a colleague, through the console's own dialogue.

Its buttons lie outside what the gate guards, and are pressed while the gate is armed for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from base.errors import ConsoleNotReady, PageChanged
from flows.pack import Mark, Transfer
from flows.page import ConsolePage

_GLANCE = 0.05
_LIST_SECONDS = 1.5
_DONE_SECONDS = 3.0
_LOAD_SECONDS = 10.0


async def transfer(page: ConsolePage, key: str, colleagues: Sequence[str]) -> str:
    """Transfer conversation `key`, which is open; "" once the console has confirmed it, else why it has not.

    `colleagues`: whom to look for, where the console lists only those whose name is asked for.
    """
    how = page.pack.transfer
    if how is None:
        return "选择器包里没有 transfer"
    try:
        await page.dismiss_overlays()
        # What shows already, from a transfer before this one, will prove nothing.
        proof = [mark for mark in how.done if not await page.wait_mark([mark], timeout=_GLANCE)]
        if not proof:
            return "页面上还留着上一次转接的提示"
        why = await _press_through(page, how, key, colleagues)
        if not why and await page.wait_mark(proof, timeout=_DONE_SECONDS):
            return ""
    except (ConsoleNotReady, PageChanged) as error:
        why = str(error)
    await _leave(page, how)
    return why or "后台没有确认"


async def _press_through(page: ConsolePage, how: Transfer, key: str, colleagues: Sequence[str]) -> str:
    await page.press(how.open, key="transfer.open")
    if not await _is_listed(page, how, colleagues):
        return "没有看到在线的同事"
    thread = await page.thread()
    if thread is None or thread.key != key:
        return "打开的已经不是这个会话"
    await page.press(how.online, key="transfer.online")
    if how.confirm is not None:
        await page.press(how.confirm, key="transfer.confirm")
    return ""


async def _is_listed(page: ConsolePage, how: Transfer, colleagues: Sequence[str]) -> bool:
    listed = [Mark(css=how.online)]
    if how.search is None:
        return await page.wait_mark(listed, timeout=_LIST_SECONDS)
    for name in colleagues:
        await page.enter(how.search, name, key="transfer.search")
        if await page.wait_mark(listed, timeout=_LIST_SECONDS):
            return True
    return False


async def _leave(page: ConsolePage, how: Transfer) -> None:
    """Away with the dialogue: it would lie over whatever comes next."""
    if how.close:
        try:
            await page.press(how.close, key="transfer.close")
        except PageChanged:  # it was never open, or something lies over it
            pass
        else:
            return
    await page.reload()
    await page.wait_signal(["logged_in", "logged_out"], timeout=_LOAD_SECONDS)
