"""Buyers at XMPP clients of their own, all in this process: told what to do by lines of JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from slixmpp import ClientXMPP, Message

_SHOP = "kefu@localhost"
_SECONDS = 20.0
_AGAIN_SECONDS = 0.3


class Client(ClientXMPP):  # type: ignore[misc]  # the library is not installed beside the type checker
    """One buyer's client: it stays connected and keeps what the shop said."""

    def __init__(self, name: str, password: str) -> None:
        # No certificate for a server of one test: the wire does not leave the machine.
        plain = {"unencrypted_plain": True, "unencrypted_scram": True}
        super().__init__(f"{name}@localhost", password, plugin_config={"feature_mechanisms": plain})
        self.enable_starttls = self.enable_direct_tls = False
        self.enable_plaintext = True
        self.register_plugin("xep_0199")
        self.heard: list[str] = []
        self._here = asyncio.Event()
        self.add_event_handler("session_start", self._started)
        self.add_event_handler("disconnected", self._lost)
        self.add_event_handler("message", self._hear)

    def join(self) -> None:
        """Begin to connect."""
        self.connect("127.0.0.1", int(os.environ["CONSOLE_XMPP_PORT"]))

    async def say(self, text: str) -> None:
        """Send one message; the server has it when this returns."""
        async with asyncio.timeout(_SECONDS):
            await self._here.wait()
            self.send_message(mto=_SHOP, mbody=text, mtype="chat")
            await self["xep_0199"].ping("localhost")  # a server takes what comes over a stream in order

    async def _started(self, _event: object) -> None:
        self.send_presence()
        self._here.set()

    def _lost(self, _event: object) -> None:
        self._here.clear()
        asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self.join)

    def _hear(self, message: Message) -> None:
        if message["type"] == "chat" and message["body"]:
            self.heard.append(message["body"])


async def carry_out(clients: dict[str, Client], order: dict[str, Any]) -> list[str]:
    """`join` with a name and a password, `say` with a text, or nothing; what the client has heard so far."""
    name = order["name"]
    if order["do"] == "join":
        clients[name] = Client(name, order["password"])
        clients[name].join()
    elif order["do"] == "say":
        await clients[name].say(order["text"])
    return clients[name].heard


async def main() -> None:
    """Take orders until there are no more."""
    clients: dict[str, Client] = {}
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        told = await carry_out(clients, json.loads(line))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
