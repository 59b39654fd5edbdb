"""A channel: an address that a letter can be sent to, by apprise."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat
from loguru import logger

from base.errors import ConfigError, NightdeskError, Problem
from base.masking import keep_secret, mask
from bots.alerts.aside import aside
from bots.alerts.robots import NotifyRobot, robot_of

_SECONDS = 15.0
# apprise loads its hundred services at the first address, which takes its time on a busy machine.
_LOAD_SECONDS = 60.0
_MOST_AT_ONCE = 3
_OURS = re.compile(r"(dingtalk|feishu|wecombot)://", re.IGNORECASE)
_MOST_REASON = 120

# Apprise says tokens in what it logs, and to standard error where nobody listens.
logging.getLogger("apprise").addHandler(logging.NullHandler())
logging.getLogger("apprise").propagate = False


class ChannelDown(NightdeskError):
    """A letter did not leave by this channel: the next one is tried. The text says why, masked."""


class Channel:
    """One address. `address` is asked for at each use, so that a new one counts at once."""

    def __init__(self, name: str, address: Callable[[], str]) -> None:
        self.name = name
        self._address = address
        self._under_way = 0

    async def send(self, title: str, text: str, pictures: Sequence[str] = ()) -> None:
        """Send one letter; raises `ChannelDown` when it did not leave, or not in time."""
        if self._under_way >= _MOST_AT_ONCE:
            raise ChannelDown("前面几条还卡着，没有回音")

        def work(service: NotifyBase) -> str:
            self._under_way += 1
            try:
                return _notify(service, title, text, pictures)
            finally:
                self._under_way -= 1

        try:
            service = await aside(self._service, _LOAD_SECONDS)
            reason = await aside(partial(work, service), _SECONDS)
        except TimeoutError:
            raise ChannelDown("太久没有回音") from None
        except ChannelDown:
            raise
        except Exception as error:  # a sender of apprise's that breaks is a channel that is down
            logger.error("channel {} broke: {}", self.name, mask(repr(error)))
            raise ChannelDown(f"发送出错（{type(error).__name__}）") from None
        if reason:
            raise ChannelDown(reason)

    def check(self) -> None:
        """Raises `ChannelDown` when no address is kept for it."""
        self._kept()

    def recognise(self) -> None:
        """Raises `ChannelDown` when no address is kept for it, or one that nothing can be sent to."""
        self._service()

    def _kept(self) -> str:
        try:
            return self._address()
        except ConfigError as error:
            raise ChannelDown(str(error)) from None

    def _service(self) -> NotifyBase:
        address = self._kept()
        _keep_parts(address)
        asset = AppriseAsset(app_id="Nightdesk", app_desc="Nightdesk", app_url="")
        robot = robot_of(address)
        if robot is not None:
            return NotifyRobot(robot, address, asset)
        service = None if _OURS.match(address) else Apprise.instantiate(address, asset=asset)
        if not isinstance(service, NotifyBase):
            hint = "机器人填它页面上的 https 地址，别的照 apprise 的写法；再运行 nightdesk secret set"
            raise ChannelDown(str(Problem(message="认不出这个地址", hint=hint)))
        return service


def _notify(service: NotifyBase, title: str, text: str, pictures: Sequence[str]) -> str:
    """Send; empty when it left, else why not."""
    senders = Apprise()
    senders.add(service)
    there = [picture for picture in pictures if Path(picture).is_file()]
    if there and not service.attachment_support:
        text += f"\n（这个渠道带不了图，图在那台机器上：{'、'.join(there)}）"
        there = []
    result = senders.notify(body=text, title=title, body_format=NotifyFormat.TEXT.value, attach=there or None)
    if result:
        return ""
    said = [entry.message for entry in result.logs()]
    return mask(said[-1] if said else "没有发出去")[:_MOST_REASON]


def _keep_parts(address: str) -> None:
    """Passwords, and what else in an address looks like a token, are never to be seen; a host's name may be."""
    parts = urlsplit(address)
    user, _at, place = parts.netloc.rpartition("@")
    words = [*user.split(":"), *parts.path.split("/"), *(value for _name, value in parse_qsl(parts.query))]
    host = place.partition(":")[0]
    for word in words if "." in host else [*words, host]:
        if len(word) >= 16 or (len(word) >= 6 and re.search(r"\d", word)):
            keep_secret(word)
            keep_secret(unquote(word))
    keep_secret(unquote(user.partition(":")[2]))
