"""Who is logged in where."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from practice.desk import Desk
from practice.model import Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One login of one account."""

    key: str
    shop: str
    user: str


class Sessions:
    """All logins, in memory only: a restart of the console ends them."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def login(self, desk: Desk, user: str, password: str) -> Session | None:
        """A new session, or None if the name or the password is wrong; logging in puts the account online."""
        account = desk.accounts.get(user)
        if account is None or not hmac.compare_digest(account.password.encode(), password.encode()):
            return None
        session = Session(key=secrets.token_urlsafe(24), shop=desk.shop, user=user)
        self._sessions[session.key] = session
        desk.set_presence(user, Presence.online)
        return session

    def find(self, shop: str, key: str | None) -> Session | None:
        """The session with this key, if it is one of this shop."""
        session = self._sessions.get(key or "")
        return session if session is not None and session.shop == shop else None

    def end(self, key: str) -> None:
        """Log out."""
        self._sessions.pop(key, None)

    def expire(self, shop: str, user: str | None = None) -> list[str]:
        """End all sessions of a shop, or those of one account; gives the keys that no longer hold."""
        ended = [
            one.key for one in self._sessions.values() if one.shop == shop and (user is None or one.user == user)
        ]
        for key in ended:
            del self._sessions[key]
        return ended
