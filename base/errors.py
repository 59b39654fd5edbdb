"""The one tree of errors. Each class says what the machinery does when it meets it.

NightdeskError
├── ConfigError         a file or a setting is wrong: tell file, line and key, exit code 2; while
│                       running, the last good version stays
├── ConsoleError        something in one shop's console
│   ├── ConsoleNotReady   wait and try again
│   ├── LoginLost         log in again
│   ├── NeedsPerson       captcha, QR code, no permission: the shop waits, a person is called
│   ├── PageChanged       the pack no longer fits the page: stop sending here, call a person
│   ├── NoInput           one conversation cannot be written in, or nothing sent: a person answers its buyer
│   └── BrowserGone       page, browser or driver died: open it anew
└── LedgerUnavailable   disk full, database locked or damaged: send nothing until it is back
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_ADVICE = "建议："


def advises(told: str) -> bool:
    """Whether what an operator is told says already what to do: that is surer than what is said to any."""
    return _ADVICE in told


class NightdeskError(Exception):
    """Root of all errors that Nightdesk raises on purpose; the text is fit for an operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in an operator's file, with its place and a suggestion."""

    message: str
    path: Path | None = None
    line: int | None = None
    key: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = "" if self.path is None else f"{self.path}:{self.line}: " if self.line else f"{self.path}: "
        key = f"{self.key}: " if self.key else ""
        hint = f"\n  {_ADVICE}{self.hint}" if self.hint else ""
        return f"{place}{key}{self.message}{hint}"


class ConfigError(NightdeskError):
    """A file or a setting is wrong; holds one or more problems, the first in the file first."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class ConsoleError(NightdeskError):
    """Something went wrong in one shop's console."""


class ConsoleNotReady(ConsoleError):
    """The console does not answer or is still loading: wait and try again."""


class LoginLost(ConsoleError):
    """The session is over: log in again. `expired`: the console itself says that it ran out."""

    def __init__(self, message: str, *, expired: bool = False) -> None:
        self.expired = expired
        super().__init__(message)


class NeedsPerson(ConsoleError):
    """Only a person can go on (captcha, QR code, wrong password): wait and call one.

    `state` is the shop state to show: needs_login, captcha, kicked or no_permission.
    """

    def __init__(self, state: str, message: str) -> None:
        self.state = state
        super().__init__(message)


class PageChanged(ConsoleError):
    """The pack no longer fits the page; `key` is the pack's key that failed."""

    def __init__(self, key: str, message: str) -> None:
        self.key = key
        super().__init__(message)


class NoInput(ConsoleError):
    """One conversation has no input, or no button to send by, as a closed one may: its buyer is a person's, unless
    none has any. `key` is the pack's key that failed.
    """

    def __init__(self, key: str, message: str) -> None:
        self.key = key
        super().__init__(message)


class BrowserGone(ConsoleError):
    """The page, the browser or its driver died: open it anew."""


class LedgerUnavailable(NightdeskError):
    """The ledger cannot be written: send nothing until it is back."""
