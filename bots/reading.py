"""A real reading of a shop, asked for before a shift: whether its bot is in, what it sees, what to do if not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from base.errors import ConsoleError, advises
from bots.findings import Finding
from bots.table import ADVICE, STATES
from flows.desk import Desk
from flows.views import Snapshot
from storage.ledger import Ledger
from storage.records import ShopState
from storage.thread import LedgerThread

_IN = (ShopState.ready, ShopState.paused, ShopState.off_shift)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`state` and `why`: how the shop is after it; `rows`: how many its list shows, None if it was not read."""

    state: ShopState
    why: str = ""
    rows: int | None = None
    away: bool = False
    robot: bool = False

    @classmethod
    def of(cls, state: ShopState, snapshot: Snapshot | None, why: str = "") -> Reading:
        """What a page shows."""
        rows = None if snapshot is None or snapshot.rows is None else len(snapshot.rows)
        signals = frozenset() if snapshot is None else snapshot.signals
        return cls(state=state, why=why, rows=rows, away="away" in signals, robot="robot_on" in signals)

    @classmethod
    def heard(cls, told: Mapping[str, Any]) -> Reading:
        """As a worker has told it."""
        return cls(**{**told, "state": ShopState(told["state"])})

    def finding(self, shop: str, title: str) -> Finding:
        """In words for the person who sees to it."""
        what = f"店铺 {title}"
        if self.state not in _IN or self.rows is None:
            todo = ADVICE.get(self.state, "运行 nightdesk status 看原因").replace("店铺代号", shop)
            advice = "" if advises(self.why) else f"\n  建议：{todo}"
            why = f"：{self.why}" if self.why else ""
            state = STATES[self.state] if self.state not in _IN else "没有读到会话列表"
            return Finding(what=what, problem=f"{state}{why}{advice}")
        wrong = []
        if self.away:
            wrong.append("后台显示账号不在线，平台不会分配买家过来\n  建议：到后台把机器人的子账号切到在线")
        if self.robot:
            wrong.append("平台自带的机器人开着，会和我们抢着说话\n  建议：到后台把它关掉")
        if self.state is ShopState.paused:
            wrong.append(f"暂停着，只看不说\n  建议：{ADVICE[ShopState.paused].replace('店铺代号', shop)}")
        return Finding(what=what, found=f"登录着，读到 {self.rows} 个会话", problem="\n".join(wrong))


class Asked:
    """The readings of one shop that were asked for, by their commands, and are owed an answer."""

    def __init__(self, shop: str, ledger: LedgerThread) -> None:
        self._shop = shop
        self._ledger = ledger
        self._open: dict[int, None] = {}

    def add(self, command: int) -> bool:
        """One more; False when it is known."""
        known = command in self._open
        self._open[command] = None
        return not known

    def now(self) -> tuple[int, ...]:
        """Those that were asked for before this moment."""
        return tuple(self._open)

    async def tell(self, commands: Iterable[int], desk: Desk | None, failure: ConsoleError | None) -> None:
        """Answer those of these that are still owed one: how the shop is just now, and what its page has shown."""
        seen = None if desk is None or failure is not None else desk.seen
        for command in commands:
            if command in self._open:
                row = await self._ledger(Ledger.shop_row, self._shop)
                told = asdict(Reading.of(row.state, seen, row.why))
                await self._ledger(Ledger.set_command, command, "done", **told)
                del self._open[command]
