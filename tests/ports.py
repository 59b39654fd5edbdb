"""Ports for what a test starts later, or starts again in the same place."""

from __future__ import annotations

import secrets
import socket

# Below what the system gives to those who ask for just any port: nobody is given one of these meanwhile.
_LEFT = iter(secrets.SystemRandom().sample(range(20_000, 32_000), 12_000))


def free_port() -> int:
    """A port of the loopback that nobody listens on, each time another one."""
    for port in _LEFT:
        with socket.socket() as asking:
            try:
                asking.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("all ports are taken")
