"""The consoles of the campaign: where buyers ask, and what each was told, by the console's own record."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from practice.client import LOOKS, Practice
from tests.consoles.chat_ui import ChatUi, ChatUiBuyer

THIRD = "django-chat-ui"
CONSOLES = (*LOOKS, THIRD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How the bot gets into a shop: its address without host and port, and its login."""

    shop: str
    pack: str
    path: str
    user: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a buyer was told by the bot's account; `at` in epoch ms."""

    text: str
    at: int


class Scene(Protocol):
    """A running console. Keys are conversations."""

    @property
    def port(self) -> int:
        """Where it listens, on this machine."""
        ...

    @property
    def accounts(self) -> Sequence[Account]:
        """How the bots get in, a row a shop."""
        ...

    async def ask(self, shop: str, text: str) -> str:
        """A new buyer asks; the conversation's key."""
        ...

    async def heard(self, keys: Iterable[str]) -> Mapping[str, Sequence[Heard]]:
        """What the buyers of these conversations were told; and strangers, if anybody else was told anything."""
        ...

    async def end_sessions(self, shop: str | None) -> None:
        """The server forgets the logins of a shop, or of all."""
        ...

    async def restart(self) -> None:
        """The server ends and comes again; returns when it answers."""
        ...

    async def close(self) -> None:
        """Gone with all that belongs to it."""
        ...


class PracticeScene:
    """The practice console in one of its dialects."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.port = urlsplit(practice.url).port or 0
        own = f"practice-{practice.dialect}"
        pack = own if practice.dialect == "plain" else practice.dialect
        self.accounts = [
            Account(
                shop=row["id"],
                pack=pack,
                path=urlsplit(row["url"]).path,
                user=row["user"],
                password=str(row["password"]),
            )
            for row in practice.shops
        ]

    @classmethod
    async def start(cls, dialect: str, shops: int, seed: int) -> PracticeScene:
        """A new one."""
        return cls(await Practice.start("--dialect", dialect, "--shops", str(shops), "--seed", str(seed)))

    async def ask(self, shop: str, text: str) -> str:
        """A new buyer asks."""
        said = await self.practice.say(shop, text)
        return str(said["conversation"])

    async def heard(self, keys: Iterable[str]) -> Mapping[str, Sequence[Heard]]:
        """From the console's record, whoever was told anything."""
        bots = {account.user for account in self.accounts}
        found: dict[str, list[Heard]] = {key: [] for key in keys}
        for message in (await self.practice.truth())["messages"]:
            if message["account"] in bots and message["sender"] == "shop":
                heard = Heard(text=message["text"], at=message["at"])
                found.setdefault(message["conversation"], []).append(heard)
        return found

    async def end_sessions(self, shop: str | None) -> None:
        """As after hours of idling."""
        for account in self.accounts:
            if shop in (None, account.shop):
                await self.practice.control("expire", shop=account.shop)

    async def restart(self) -> None:
        """Its pages lose their lines, and its sessions, which it keeps in memory, are gone."""
        for account in self.accounts:
            await self.practice.control("drop", shop=account.shop)
        await self.end_sessions(None)

    async def close(self) -> None:
        """Gone."""
        await self.practice.stop()


class ChatUiScene:
    """django-chat-ui as the tests serve it, with one shop."""

    def __init__(self, console: ChatUi) -> None:
        self._console = console
        self._buyers: dict[str, ChatUiBuyer] = {}
        # Who comes while the server is down comes again.
        self._serving = asyncio.Lock()
        self.port = console.port
        self.accounts = [
            Account(
                shop="shop-1", pack=console.pack, path=console.page, user=console.user, password=console.password
            )
        ]

    @staticmethod
    def check(data: Path) -> None:
        """Raises `ConsoleFailed` where it is not installed; `data`: a folder for one."""
        ChatUi(data).check()

    @classmethod
    async def start(cls, data: Path) -> ChatUiScene:
        """A new one, with its data in a folder."""
        console = ChatUi(data)
        await asyncio.to_thread(console.start)
        return cls(console)

    async def ask(self, shop: str, text: str) -> str:
        """A new buyer asks."""
        async with self._serving:
            buyer = await asyncio.to_thread(self._console.new_buyer)
            await asyncio.to_thread(buyer.say, text)
        self._buyers[buyer.key] = buyer
        return buyer.key

    async def heard(self, keys: Iterable[str]) -> Mapping[str, Sequence[Heard]]:
        """As the buyers' own clients show it."""
        return {key: await asyncio.to_thread(_told, self._buyers[key]) for key in keys}

    async def end_sessions(self, shop: str | None) -> None:
        """As an administrator does."""
        await asyncio.to_thread(self._console.end_sessions)

    async def restart(self) -> None:
        """As after an upgrade."""
        async with self._serving:
            await asyncio.to_thread(self._console.restart)

    async def close(self) -> None:
        """Gone."""
        await asyncio.to_thread(self._console.close)


def _told(buyer: ChatUiBuyer) -> Sequence[Heard]:
    return [Heard(text=seen.text, at=seen.at) for seen in buyer.messages() if not seen.mine]
