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
# A console that lets the shop in without its password and has lost it again within seconds, over and over, or a
# page that dies as soon as it is in. Tried at once for ever, they are never away long enough to be told of.
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
    # When it was let in last, whether by its password, and how often it was lost soon after that.
    _let_in_at: float = -math.inf
    _fresh: bool = False
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
        died = isinstance(error, BrowserGone) and self._tries == 0
        pause = self._next(_BACK_OFF)
        if died:
            pause = self._relapse(soon=now - self._let_in_at < _STAYED)
        return Reaction(state=ShopState.degraded, pause=pause, why=why)

    def person_pause(self) -> float:
        """How long to leave to a person this time."""
        return self._next(_PERSON_PAUSES)

    def entered(self, now: float, *, fresh: bool) -> None:
        """The console has let the shop in; `fresh`: by its password."""
        if self._loss is Loss.kicked or (self._loss is not None and fresh):
            self._returns.note(self._loss, now)
        self._loss, self._let_in_at, self._fresh = None, now, fresh
        self.over()
        self.may_log_in = False

    def over(self) -> None:
        """What was wrong has passed."""
        self._tries = 0

    def forget(self) -> bool:
        """A person wants the shop back, from whoever has its account too: whether it may be waiting for that."""
        waits = self._loss is not None or self._relapses > 0
        self._returns.forget()
        self._relapses = -1
        return waits

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
        pause = self._relapse(soon=not self._fresh and now - self._let_in_at < _STAYED)
        return Reaction(state=ShopState.needs_login, pause=pause, why=str(error))

    def _relapse(self, *, soon: bool) -> float:
        self._relapses = min(self._relapses + 1, len(_RELAPSES) - 1) if soon else 0
        return _RELAPSES[self._relapses]

    def _next(self, pauses: Sequence[float]) -> float:
        self._tries += 1
        return pauses[min(self._tries, len(pauses)) - 1]


def _loss(error: ConsoleError) -> Loss | None:
    """How a session was lost, if that is what happened."""
    if isinstance(error, LoginLost):
        return Loss.expired if error.expired else Loss.unexplained
    return Loss.kicked if isinstance(error, NeedsPerson) and error.state == "kicked" else None
