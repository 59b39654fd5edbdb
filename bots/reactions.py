"""What each error asks of a shop: how it is shown, for how long it is left alone, whether to log in. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from base.errors import BrowserGone, ConsoleError, LoginLost, NeedsPerson, PageChanged
from flows.returns import Loss, Returns
from storage.records import ShopState

_BACK_OFF = (2.0, 5.0, 8.0)
# A person is at work on a captcha or a login elsewhere: look whether the way is free, ever more rarely, since a
# wrong password tried again and again locks the account.
_PERSON_PAUSES = (30.0, 60.0, 300.0, 900.0)
# A console that lets the shop in without its password and has lost it again within seconds, over and over.
_RELAPSES = (0.0, 0.0, 2.0, 5.0, *_PERSON_PAUSES)
_STAYED = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """The shop's state and why, and the seconds until it is tried again."""

    state: ShopState
    pause: float
    why: str


@dataclass(slots=True)
class Reactions:
    """One shop's errors since it was last let in. Times are seconds of the steady clock.

    `may_log_in`: whether the password may be used: at the start, and after a loss that was thought of.
    """

    shop: str
    may_log_in: bool = True
    _loss: Loss | None = None
    _returns: Returns = field(default_factory=Returns)
    _tries: int = 0
    # When it was let in last, if without its password, and how often it was lost soon after that.
    _let_in_at: float = -math.inf
    _relapses: int = -1

    def to(self, error: ConsoleError, now: float) -> Reaction:
        """What an error just now asks for."""
        loss = _loss(error)
        if loss is not None:
            return self._after(loss, error, now)
        why = str(error)
        if isinstance(error, NeedsPerson):
            return Reaction(state=ShopState(error.state), pause=self.person_pause(), why=why)
        if isinstance(error, PageChanged):
            return Reaction(state=ShopState.drift, pause=self.person_pause(), why=why)
        at_once = isinstance(error, BrowserGone) and self._tries == 0
        pause = self._next(_BACK_OFF)
        return Reaction(state=ShopState.degraded, pause=0.0 if at_once else pause, why=why)

    def person_pause(self) -> float:
        """How long to leave to a person this time."""
        return self._next(_PERSON_PAUSES)

    def entered(self, now: float, *, fresh: bool) -> None:
        """The console has let the shop in; `fresh`: by its password."""
        if self._loss is Loss.kicked or (self._loss is not None and fresh):
            self._returns.note(self._loss, now)
        self._loss, self._let_in_at = None, -math.inf if fresh else now
        self.over()
        self.may_log_in = False

    def over(self) -> None:
        """What was wrong has passed."""
        self._tries = 0

    def forget(self) -> bool:
        """A person wants the account back from whoever has it: whether that is what the shop waits for."""
        self._returns.forget()
        self._relapses = -1
        return self._loss is not None

    def _after(self, loss: Loss, error: ConsoleError, now: float) -> Reaction:
        """Come back from a lost session, but not again and again: somebody may be using the account."""
        self._loss, self.may_log_in = loss, True
        away = self._returns.wait(loss, now)
        if away:
            until = f"{away / 60:.0f} 分钟后再试；要马上接回来，运行 nightdesk resume {self.shop}"
            why = f"{error}。刚回来过，可能有人在用这个账号，先让着，{until}"
            return Reaction(state=ShopState.kicked, pause=away, why=why)
        if loss is Loss.kicked:
            return Reaction(state=ShopState.kicked, pause=_PERSON_PAUSES[0], why=str(error))
        soon = now - self._let_in_at < _STAYED
        self._relapses = min(self._relapses + 1, len(_RELAPSES) - 1) if soon else 0
        return Reaction(state=ShopState.needs_login, pause=_RELAPSES[self._relapses], why=str(error))

    def _next(self, pauses: Sequence[float]) -> float:
        self._tries += 1
        return pauses[min(self._tries, len(pauses)) - 1]


def _loss(error: ConsoleError) -> Loss | None:
    """How a session was lost, if that is what happened."""
    if isinstance(error, LoginLost):
        return Loss.expired if error.expired else Loss.unexplained
    return Loss.kicked if isinstance(error, NeedsPerson) and error.state == "kicked" else None
