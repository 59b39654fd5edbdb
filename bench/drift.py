"""`python -m bench.drift`: each key of each practice dialect breaks alone; is its repair right, absent, wrong?

For each key that stands on the page the console renames what the key's selectors lean on, in its scripts and its
styles. What the repair then reads is compared with what a pack reads that knows the new names. `right`: the same,
and the check agrees. `none`: no proposal. `caught`: another reading, and the check objects. `wrong`: another
reading, and the check is content. `held`: the old pack reads all. `doubted`: the same, but the check objects.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from base.clock import SystemClock
from base.places import shared
from bots.browser import Chromium, open_browser
from flows.login import Credentials, enter
from flows.mending import Mending, look, mend
from flows.pack import Pack, load_pack
from flows.page import ConsolePage
from flows.patch import patched
from flows.portrait import Portrait, Sight, Spot, portraits, spots
from flows.repair import broken
from practice.client import LOOKS, Practice

_PACKS = {"plain": "practice-plain"}
_NAME = re.compile(r"\.[A-Za-z_][\w-]*|#[A-Za-z_][\w-]*|\[[\w-]+(?:[*^$]?=\"?[^\"\]]*\"?)?\]")
_TRIES = 5
_PRESSED = (
    "signals.logged_in",
    "inbox.root",
    "composer.input",
    "composer.send",
    "transfer.open",
    "presence.go_online",
)
# What no release of a page renames: they are HTML's own.
_LASTING = frozenset({"hidden", "id", "type", "contenteditable", "alt", "placeholder"})
_BUYER = "u1001"
# No thread, one of a buyer who has an answer, one of a buyer who waits.
_CALM = (None, "u1006", "u1002")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one key's drift."""

    dialect: str
    key: str
    verdict: str
    confidence: float
    changes: Mapping[str, Sequence[str]]
    objections: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """A dialect's outcomes, and the keys that gave a false alarm where nothing was renamed."""

    outcomes: Sequence[Outcome]
    alarms: Sequence[str]


async def drifted(dialect: str, seed: int, keys: Collection[str] = ()) -> Drifted:
    """The keys of one dialect, all of them unless given, one after the other."""
    pack = load_pack(shared("selectors") / f"{_PACKS.get(dialect, dialect)}.yaml")
    console = await Practice.start("--dialect", dialect, "--shops", "1", "--seed", str(seed))
    try:
        await _fill(console)
        async with open_browser() as browser:
            async with _desk(console, browser, pack, None) as page:
                before, state = await look(page, pack), await page.state()
            case = _Case(console, browser, pack, state, portraits(pack, before), before, seed)
            every = [spot for spot in spots(pack) if spot.key in case.memory and names_of(spot)]
            outcomes = [await _one(case, spot) for spot in every if not keys or spot.key in keys]
            await console.control("drift", names=[])
            alarms = [alarm for calm in _CALM for alarm in await _calm(case, calm)]
            return Drifted(outcomes=outcomes, alarms=[*alarms, *await _empty(case)])
    finally:
        await console.stop()


@dataclass(frozen=True, slots=True)
class _Case:
    console: Practice
    browser: Chromium
    pack: Pack
    state: Mapping[str, Any] | None
    memory: Mapping[str, Portrait]
    before: Sight
    seed: int


async def _calm(case: _Case, buyer: str | None) -> list[str]:
    """Keys that are taken for broken though nothing was renamed, with another thread open or none."""
    async with _desk(case.console, case.browser, case.pack, case.state, buyer) as page:
        return broken(case.pack, case.memory, await look(page, case.pack), case.before)


async def _empty(case: _Case) -> list[str]:
    """The same on a console that nobody has written to yet: no rows, no thread."""
    console = await Practice.start("--dialect", case.console.dialect, "--shops", "1")
    try:
        return await _calm(replace(case, console=console, state=None), None)
    finally:
        await console.stop()


async def _one(case: _Case, spot: Spot) -> Outcome:
    names = (await case.console.control("drift", names=list(names_of(spot)), seed=case.seed))["names"]
    true = translated(case.pack, names)
    async with _desk(case.console, case.browser, true, case.state) as page:
        mending = await mend(page, case.pack, case.memory, case.before)
        truth, old = await look(page, true), await look(page, case.pack)
        now = await look(page, patched(case.pack, mending.changes))
    return Outcome(
        dialect=case.console.dialect,
        key=spot.key,
        verdict="held" if _same(spot, truth, old) else _verdict(mending, spot, truth, now),
        confidence=mending.confidence,
        changes={change.key: [*change.css, *filter(None, [change.attr])] for change in mending.changes},
        objections=mending.objections,
    )


def names_of(spot: Spot) -> Sequence[str]:
    """The classes, ids and attributes that a key's selectors lean on, as the console's control takes them."""
    found = []
    for name in _NAME.findall(" ".join(spot.css).replace("{id}", "")):
        if not name.startswith("["):
            found.append(name)
            continue
        attr, sign, value = _parts(name)
        if attr == "class":
            found.append(f".{value}")
        elif attr not in _LASTING:
            found.append(f'[{attr}="{value}"]' if sign == "=" and value else f"[{attr}]")
    return list(dict.fromkeys([*found, *([f"[{spot.attr}]"] if spot.attr and spot.attr not in _LASTING else [])]))


def translated(pack: Pack, names: Mapping[str, str]) -> Pack:
    """The pack as its author would write it after a release with other names: the truth to compare with."""
    plain = pack.model_dump(mode="json", exclude_none=True)
    return Pack.model_validate(_translated(plain, names, ""))


def _translated(value: Any, names: Mapping[str, str], key: str) -> Any:
    if isinstance(value, dict):
        return {name: _translated(part, names, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_translated(part, names, key) for part in value]
    if key == "attr":
        return names.get(f"[{value}]", value)
    return _NAME.sub(lambda found: _renamed(found[0], names), value) if isinstance(value, str) else value


def _renamed(name: str, names: Mapping[str, str]) -> str:
    if not name.startswith("["):
        return name[0] + names[name] if name in names else name
    attr, sign, value = _parts(name)
    if attr == "class":
        return f".{names[f'.{value}']}" if f".{value}" in names else name
    new, old = names.get(f'[{attr}="{value}"]'), names.get(f"[{attr}]", attr)
    return f"[{old}]" if not sign else f'[{old}{sign}"{value if new is None else new}"]'


def _parts(name: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"\[([\w-]+)(?:([*^$]?=)\"?([^\"\]]*)\"?)?\]", name)
    assert found is not None, name  # noqa: S101 - what the pattern above finds
    return found[1], found[2] or "", found[3] or ""


def _verdict(mending: Mending, spot: Spot, truth: Sight, now: Sight) -> str:
    if not mending.changes:
        return "none"
    if _same(spot, truth, now):
        return "doubted" if mending.objections else "right"
    return "caught" if mending.objections else "wrong"


def _same(spot: Spot, truth: Sight, now: Sight) -> bool:
    """Whether the page is read as by the pack that knows the new names, and the same elements are pressed."""
    read = [
        ([(*row[:5], bool(row[5])) for row in one.rows], one.messages, one.facts, one.open_id)
        for one in (truth, now)
    ]
    found = [list(one.at(spot.key)) for one in (truth, now)]
    return read[0] == read[1] and (found[0] == found[1] or spot.key not in _PRESSED)


async def _fill(console: Practice) -> None:
    """Buyers who wait and one who does not, a thread with messages of all kinds."""
    shop = console.shops[0]["id"]
    for number in range(6):
        await console.say(shop, f"在吗{number}，想问一下", buyer=f"u{1001 + number}", name=f"买家{number}号")
    for kind in ("image", "card", "order"):
        await console.say(shop, buyer=_BUYER, kind=kind)
    gone = await console.say(shop, "错了", buyer=_BUYER)
    await console.control("recall", shop=shop, conversation=_BUYER, id=gone["id"])
    for sender in ("robot", "system", "shop"):
        text = f"这里是{sender}说的一句话"
        await console.control("reply", shop=shop, conversation=_BUYER, text=text, sender=sender)
    await console.control("reply", shop=shop, conversation="u1006", text="有的")
    for number in range(4):
        await console.say(shop, f"什么时候发货{number}", buyer=_BUYER)


@asynccontextmanager
async def _desk(
    console: Practice,
    browser: Chromium,
    pack: Pack,
    state: Mapping[str, Any] | None,
    buyer: str | None = _BUYER,
) -> AsyncIterator[ConsolePage]:
    """The shop's desk with the buyer's thread open, through a pack that fits."""
    shop = console.shops[0]
    page = await browser.console(pack, state, SystemClock(), lambda _changed: None)
    try:
        await enter(page, shop["url"], Credentials(user=shop["user"], password=lambda: str(shop["password"])))
        for _attempt in range(_TRIES if buyer else 0):
            await page.dismiss_overlays()
            if (await page.press_row(str(buyer), timeout=1.0)).thread:
                break
        yield page
    finally:
        await page.close()


async def _run(dialects: Sequence[str], seed: int) -> Drifted:
    done = [await drifted(dialect, seed) for dialect in dialects]
    return Drifted(
        outcomes=[outcome for one in done for outcome in one.outcomes],
        alarms=[alarm for one in done for alarm in one.alarms],
    )


def _print(done: Drifted) -> None:
    for one in done.outcomes:
        told = "；".join(one.objections) or dict(one.changes)
        sys.stdout.write(f"{one.dialect:10} {one.verdict:8} {one.confidence:.2f} {one.key:22} {told}\n")
    for dialect in dict.fromkeys(one.dialect for one in done.outcomes):
        counted = Counter(one.verdict for one in done.outcomes if one.dialect == dialect)
        sys.stdout.write(f"{dialect:10} {dict(counted)}\n")
    total = Counter(one.verdict for one in done.outcomes)
    sys.stdout.write(f"{'total':10} {dict(total)}, false alarms: {list(done.alarms)}\n")


def main() -> int:
    """Print a line for each drift and the counts, or JSON; 1 where a wrong proposal passed the check."""
    parser = argparse.ArgumentParser(prog="python -m bench.drift", description="how well drift is repaired")
    parser.add_argument("--dialects", nargs="*", default=list(LOOKS), choices=list(LOOKS))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    done = asyncio.run(_run(given.dialects, given.seed))
    total = Counter(one.verdict for one in done.outcomes)
    if given.as_json:
        json.dump({**asdict(done), "total": total}, sys.stdout, ensure_ascii=False, indent=2)
    else:
        _print(done)
    return int(total["wrong"] > 0 or bool(done.alarms))


if __name__ == "__main__":
    sys.exit(main())
