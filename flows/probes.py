"""Everything in a pack that can be tried on a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flows.pack import Mark, Pack, Panel, Value

Within = Literal["page", "row", "message"]
Part = Literal["signals", "login", "list", "thread", "panel"]
# one: exactly one in sight; some: at least one; all: in every row or message; may: it can be absent just now.
Need = Literal["one", "some", "all", "may"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One key of a pack to be tried."""

    key: str
    css: tuple[str, ...]
    part: Part
    need: Need
    within: Within = "page"


def probes(pack: Pack) -> list[Probe]:
    """Every selector of the pack as something to try."""
    return [*_signal_probes(pack), *_login_probes(pack), *_list_probes(pack), *_thread_probes(pack)]


def _signal_probes(pack: Pack) -> Iterator[Probe]:
    for name in type(pack.signals).model_fields:
        marks: list[Any] = getattr(pack.signals, name)
        for number, mark in enumerate(marks, 1):
            key = f"signals.{name}[{number}]" if len(marks) > 1 else f"signals.{name}"
            if isinstance(mark, Mark):
                yield Probe(key=key, css=tuple(mark.css), part="signals", need="may")
            else:
                yield Probe(key=f"{key}.see", css=tuple(mark.see), part="signals", need="may")


def _login_probes(pack: Pack) -> Iterator[Probe]:
    for name in ("username", "password", "submit"):
        css = getattr(pack.login, name)
        if css:
            yield Probe(key=f"login.{name}", css=tuple(css), part="login", need="one")


def _list_probes(pack: Pack) -> Iterator[Probe]:
    inbox = pack.inbox
    yield Probe(key="inbox.root", css=tuple(inbox.root), part="list", need="one")
    yield Probe(key="inbox.row", css=tuple(inbox.row), part="list", need="may")
    needs: Mapping[str, Need] = {"id": "all", "name": "some", "preview": "some", "time": "some"}
    for name in ("id", "name", "preview", "time", "unread", "waiting", "group"):
        value: Value | None = getattr(inbox, name)
        if value is not None and value.css and name != "group":
            yield _inside(f"inbox.{name}", value, "list", needs.get(name, "may"), "row")
    if inbox.press:
        yield Probe(key="inbox.press", css=tuple(inbox.press), part="list", need="all", within="row")
    if pack.presence is not None:
        for number, mark in enumerate(pack.presence.online, 1):
            yield Probe(key=f"presence.online[{number}]", css=tuple(mark.css), part="list", need="may")


def _thread_probes(pack: Pack) -> Iterator[Probe]:
    thread = pack.thread
    yield Probe(key="thread.root", css=tuple(thread.root), part="thread", need="one")
    yield Probe(key="thread.ready", css=tuple(thread.ready), part="thread", need="some")
    yield Probe(key="thread.message", css=tuple(thread.message), part="thread", need="some")
    yield _inside("thread.message_id", thread.message_id, "thread", "all", "message")
    for name in ("buyer", "shop", "robot", "system", "text", "drop", "failed"):
        need: Need = "some" if name == "text" else "may"
        css = tuple(getattr(thread, name))
        yield Probe(key=f"thread.{name}", css=css, part="thread", need=need, within="message")
    for name in type(thread.kinds).model_fields:
        css = tuple(getattr(thread.kinds, name))
        yield Probe(key=f"thread.kinds.{name}", css=css, part="thread", need="may", within="message")
    for name, value in thread.card.items():
        yield _inside(f"thread.card.{name}", value, "thread", "may", "message")
    if thread.time is not None:
        yield _inside("thread.time", thread.time, "thread", "some", "message")
    yield Probe(key="thread.earlier", css=tuple(thread.earlier), part="thread", need="may")
    yield Probe(key="composer.input", css=tuple(pack.composer.input), part="thread", need="one")
    if pack.composer.send:
        yield Probe(key="composer.send", css=tuple(pack.composer.send), part="thread", need="one")
    if pack.transfer is not None:
        yield Probe(key="transfer.open", css=tuple(pack.transfer.open), part="thread", need="one")
    for name, panel in panels(pack):
        yield Probe(key=f"{name}.root", css=tuple(panel.root), part="thread", need="may")
    if pack.order is not None:
        yield Probe(key="order.none", css=tuple(pack.order.none), part="thread", need="may")


def _inside(key: str, value: Value, part: Part, need: Need, within: Within) -> Probe:
    return Probe(key=key, css=tuple(value.css), part=part, need=need, within=within)


def panels(pack: Pack) -> Iterator[tuple[str, Panel]]:
    """The side panels that the pack knows, by name."""
    for name, panel in (("order", pack.order), ("product", pack.product)):
        if panel is not None:
            yield name, panel
