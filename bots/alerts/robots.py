"""The group robots of 钉钉, 飞书 and 企业微信, spoken to by the address that their settings page shows.

They refuse with an error code in an answer of HTTP status 200, which apprise's own senders for them take for
delivered (docs/adr/0011-robots-are-asked-whether-they-took-it.md).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from apprise import AppriseAsset, NotifyBase, NotifyType

_SECONDS = 6.0
_MOST_ANSWER = 65_536
_MOST_PICTURE = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Robot:
    """One kind: the path of its addresses, how it takes a text and a picture, and where it says whether it did."""

    path: str
    text: Callable[[str], dict[str, Any]]
    picture: Callable[[bytes], dict[str, Any]] | None
    code: str
    words: str


def _picture(data: bytes) -> dict[str, Any]:
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": base64.b64encode(data).decode(), "md5": digest}}


def _plain(text: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}}


_ROBOTS = (
    Robot("/robot/send", _plain, None, "errcode", "errmsg"),
    Robot(
        "/open-apis/bot/v2/hook/",
        lambda text: {"msg_type": "text", "content": {"text": text}},
        None,
        "code",
        "msg",
    ),
    Robot("/cgi-bin/webhook/send", _plain, _picture, "errcode", "errmsg"),
)


def robot_of(address: str) -> Robot | None:
    """The kind of robot that an http(s) address belongs to; None for any other address."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        return None
    return next((robot for robot in _ROBOTS if parts.path.startswith(robot.path)), None)


class NotifyRobot(NotifyBase):  # type: ignore[no-untyped-call]
    """A robot as a service of apprise; a refusal is logged where apprise collects its reasons."""

    service_name = "robot"  # type: ignore[assignment]
    secure_protocol = "robot"  # type: ignore[assignment]
    title_maxlen = 0
    request_rate_per_sec = 0
    socket_connect_timeout = _SECONDS
    socket_read_timeout = _SECONDS

    def __init__(self, robot: Robot, address: str, asset: AppriseAsset) -> None:
        super().__init__(asset=asset)  # type: ignore[no-untyped-call]
        self._robot = robot
        self._address = address
        self.attachment_support = robot.picture is not None

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        attach: Any = None,
        **_rest: Any,
    ) -> bool:
        """Say it, then show the pictures; a picture that does not arrive takes nothing from what was said.

        The title is a part of the body already: a robot has no place of its own for it.
        """
        if not self._post(self._robot.text(body)):
            return False
        if attach and self._robot.picture is not None:
            for data in _pictures(attach):
                self._post(self._robot.picture(data))
        return True

    def _post(self, payload: Mapping[str, Any]) -> bool:
        refused = _refusal(self._robot, _signed(self._address), payload)
        if refused:
            self.logger.warning("%s", refused)
        return not refused


def _refusal(robot: Robot, address: str, payload: Mapping[str, Any]) -> str:
    """What the robot has against it; empty when it took it."""
    request = urllib.request.Request(  # noqa: S310 - http(s) was checked
        address, json.dumps(payload).encode(), {"Content-Type": "application/json; charset=utf-8"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            said = json.loads(answer.read(_MOST_ANSWER))
    except HTTPError as error:
        with error:
            return f"HTTP {error.code}"
    except (URLError, OSError, ValueError) as error:
        return f"没有连上（{getattr(error, 'reason', error)}）"
    code = said.get(robot.code) if isinstance(said, dict) else None
    return "" if code == 0 else f"机器人拒收（{code} {said.get(robot.words) if isinstance(said, dict) else ''}）"


def _signed(address: str) -> str:
    """A 钉钉 robot with 加签 wants each call signed by the secret, which stands in our address as `secret=`."""
    parts = urlsplit(address)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    secret = query.pop("secret", "")
    if secret:
        query["timestamp"] = str(round(time.time() * 1000))
        text = f"{query['timestamp']}\n{secret}"
        query["sign"] = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()
    return urlunsplit(parts._replace(query=urlencode(query)))


def _pictures(attach: Any) -> Iterator[bytes]:
    for each in attach:
        data = Path(each.path).read_bytes()
        if len(data) <= _MOST_PICTURE:
            yield data
