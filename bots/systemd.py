"""What systemd is told when it has started us: that we are ready, and that we are still alive."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def started_us() -> bool:
    """Whether it has: nobody sits before what we print, and where we end it starts us anew."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def notify(said: str) -> None:
    """Tell it, if it asked to be told (`NOTIFY_SOCKET`); `said` such as `READY=1` or `WATCHDOG=1`."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(said.encode(), "\0" + address[1:] if address.startswith("@") else address)
