"""Finding out on a live page which keys of a pack broke, and whether other selectors for them would do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from flows.check import SCRIPT as CHECK
from flows.check import Report, Result, Seen, report
from flows.pack import Pack
from flows.page import ConsolePage
from flows.patch import patched
from flows.portrait import Portrait, Sight, spots
from flows.probes import probes
from flows.repair import Change, broken, propose

_HERE = Path(__file__).parent
_DESCRIBE = _HERE.joinpath("describe.js").read_text("utf-8").strip().removesuffix(";")
_PORTRAIT = _HERE.joinpath("portrait.js").read_text("utf-8").replace("__DESCRIBE__", _DESCRIBE)
_MOST_ROUNDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One key that broke: its selectors, and how many elements each of them finds now."""

    key: str
    selectors: tuple[str, ...]
    found: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What broke, what is proposed for it, which keys nothing was found for, and what speaks against it all.

    `copy`: the page without its words. `objections` is empty where the changes were tried and all was read right.
    """

    tried: tuple[Tried, ...]
    changes: tuple[Change, ...]
    unsolved: tuple[str, ...]
    objections: tuple[str, ...]
    copy: str

    @property
    def confidence(self) -> float:
        """That of the weakest change; 0 where there is none, or where the check objects."""
        if not self.changes or self.objections:
            return 0.0
        return min(change.confidence for change in self.changes)


async def look(page: ConsolePage, pack: Pack) -> Sight:
    """The page, and what each key of `pack` finds on it."""
    asked = [asdict(spot) for spot in spots(pack)]
    raw = await page.run(_PORTRAIT, {"spots": asked}, trial=pack)
    # Thousands of elements: other shops go on being served meanwhile.
    return await asyncio.to_thread(lambda: Sight.of(json.loads(raw)))


async def mend(
    page: ConsolePage, pack: Pack, memory: Mapping[str, Portrait], known: Sight | None = None
) -> Mending:
    """Look what broke, and try what might find it again: an outer thing first, since the inner ones hang on it.

    `known`: how the page was read while all was well; what is still there must be read as it was then.
    """
    changes: list[Change] = []
    unsolved: list[str] = []
    now = pack
    sight = first = await look(page, pack)
    for _round in range(_MOST_ROUNDS):
        key = next((key for key in broken(now, memory, sight, known) if key not in unsolved), None)
        if key is None:
            break
        change = propose(now, memory, sight, key, known)
        if change is None or key in {done.key for done in changes}:
            unsolved.append(key)
            continue
        changes.append(change)
        now = patched(pack, changes)
        sight = await look(page, now)
    judged, copy = await _check(page, now, (known or first).words)
    keys = [*(change.key for change in changes), *unsolved]
    return Mending(
        tried=tuple(_tried(pack, first, key) for key in dict.fromkeys(keys)),
        changes=tuple(changes),
        unsolved=tuple(unsolved),
        objections=(*_doubts(judged), *_differences(known, sight)),
        copy=copy,
    )


async def _check(page: ConsolePage, pack: Pack, words: Collection[str]) -> tuple[Report, str]:
    asked = {"probes": [asdict(probe) for probe in probes(pack)], "words": sorted(words)}
    raw = await page.run(CHECK, asked, trial=pack)
    return report(pack, Seen.of(raw)), str(raw["copy"])


def _tried(pack: Pack, sight: Sight, key: str) -> Tried:
    css = next(spot.css for spot in spots(pack) if spot.key == key)
    return Tried(key=key, selectors=css, found=tuple(len(each) for each in sight.found[key]))


def _doubts(judged: Report) -> list[str]:
    bad = (finding for finding in judged.findings if finding.result in (Result.missing, Result.ambiguous))
    return [f"{finding.key}：{finding.note or '没有找到'}" for finding in bad]


def _differences(known: Sight | None, now: Sight) -> list[str]:
    """What is read otherwise than before, of rows and messages that are still there."""
    if known is None:
        return []
    told = []
    if known.rows and now.rows and not {row[0] for row in known.rows} & {row[0] for row in now.rows}:
        told.append("inbox.id：读到的会话编号没有一个是以前见过的")
    names = {row[0]: row[1] for row in known.rows}
    if any(row[1] != names[row[0]] for row in now.rows if row[0] in names):
        told.append("inbox.name：同一个会话，读到的昵称和以前不一样")
    said = {message[0]: message for message in known.messages}
    same = [(message, said[message[0]]) for message in now.messages if message[0] in said]
    if known.open_id == now.open_id and said and not same:
        told.append("thread.message_id：读到的消息编号没有一个是以前见过的")
    if known.open_id == now.open_id and _come_between([message[0] for message in now.messages], said):
        told.append("thread.message：在以前见过的消息中间，读到了以前没有的消息")
    for column, key, word in (
        (1, "thread.shop", "发送人"),
        (2, "thread.kinds", "种类"),
        (3, "thread.text", "文字"),
    ):
        if any(one[column] != other[column] for one, other in same):
            told.append(f"{key}：同一条消息，读到的{word}和以前不一样")
    return told


def _come_between(keys: Sequence[str | None], known: Collection[str | None]) -> bool:
    """Whether something stands before the newest known message that was not there before."""
    places = [place for place, key in enumerate(keys) if key in known]
    return bool(places) and any(key not in known for key in keys[places[0] : places[-1]])
