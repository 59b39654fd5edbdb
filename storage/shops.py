"""Shops in the ledger: what they are, how they are, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from base.masking import mask
from storage.journal import Journal
from storage.records import Severity, ShopRow, ShopState
from storage.rows import moment_text, record

# A worker that has given no sign for so long is gone.
SILENCE = timedelta(seconds=10)
# In any other state nobody looks after a shop anyway, and that is on record.
LOOKED_AFTER = ShopState.ready, ShopState.paused
# What a person who lets a shop answer has tried: where it is.
_PLACE = {"console": "后台", "url": "网址", "account": "账号"}
_ALERTS = {
    ShopState.needs_login,
    ShopState.captcha,
    ShopState.kicked,
    ShopState.no_permission,
    ShopState.drift,
}


class Shops(Journal):
    """The ledger's part for shops."""

    def put_shop(
        self,
        shop: str,
        *,
        title: str,
        console: str,
        platform: str,
        url: str | None = None,
        account: str | None = None,
    ) -> None:
        """Note a shop, or its new title and console; a new one is `stopped` and not live, and so is one that is at
        another console, address or account by now. None: not known here, and left as it is.

        A worker says this as it begins: where the one before it fell silent, for how long is noted as an event.
        """
        known = {"title": title, "console": console, "platform": platform, "url": url, "account": account}
        told = {name: value for name, value in known.items() if value is not None}
        with self._store.write():
            self._note_silence(shop)
            old = self._store.row("select * from shops where shop = :shop", shop=shop)
            if old is None:
                now = self._clock.now()
                self._store.insert("shops", shop=shop, state=ShopState.stopped, why="", state_since=now, **told)
                return
            self._store.update("shops", shop, **told)
            moved = [word for name, word in _PLACE.items() if name in told and old[name] not in (None, told[name])]
            if moved and old["live_since"] is not None:
                self._observe_again(shop, f"换了{'、'.join(moved)}")

    def _observe_again(self, shop: str, why: str) -> None:
        """Take back what a person allowed: they had tried it elsewhere. Urgent, since buyers get no answer."""
        self._store.update("shops", shop, live_since=None)
        why = f"{why}，先只观察，不回答；再运行 nightdesk golive"
        self.event("go_live", shop=shop, severity="alert", why=why)

    def _note_silence(self, shop: str) -> None:
        row = self._store.row("select state, beat_at from shops where shop = :shop", shop=shop)
        if row is None or row["beat_at"] is None or row["state"] not in LOOKED_AFTER:
            return
        if self._clock.now() - datetime.fromisoformat(row["beat_at"]) > SILENCE:
            self.event("silent", shop=shop, since=row["beat_at"], why="值守进程断了一阵")

    def set_shop_state(self, shop: str, state: ShopState, why: str = "", *, picture: str | None = None) -> None:
        """How the shop is now; an event is written when that is new, not when only reason or picture are."""
        why = mask(why)
        with self._store.write(synced=False):
            old = self.shop_row(shop)
            if old.state is state:
                if (old.why, old.picture) != (why, picture):
                    self._store.update("shops", shop, why=why, picture=picture)
                return
            self._store.update("shops", shop, state=state, why=why, state_since=self._clock.now(), picture=picture)
            severity = _severity(state)
            self.event("shop_state", shop=shop, severity=severity, old=old.state, new=state, why=why)

    def shop_beat(self, shops: Mapping[str, datetime | None]) -> dict[str, bool]:
        """The worker of these shops is alive now; each with when its list was last read.

        Gives for each whether a person has let it answer buyers.
        """
        names = {"shops": {shop: read_at and moment_text(read_at) for shop, read_at in shops.items()}}
        with self._store.write(synced=False):
            self._store.run(
                "update shops set beat_at = :now,"
                " read_at = coalesce((select value from json_each(:shops) where key = shop), read_at)"
                " where shop in (select key from json_each(:shops))",
                now=self._clock.now(),
                **names,
            )
        known = self._store.rows(
            "select shop, live_since is not null as live from shops"
            " where shop in (select key from json_each(:shops))",
            **names,
        )
        return {row["shop"]: bool(row["live"]) for row in known}

    def go_live(self, shop: str, *, tried: ShopRow | None = None) -> bool:
        """From now on the shop may answer buyers; the first such moment stays. False: it is not where it was
        `tried` any more, and goes on as it was.
        """
        with self._store.write():
            row = self.shop_row(shop)
            if tried is not None and row.at != tried.at:
                return False
            if row.live_since is None:
                self._store.update("shops", shop, live_since=self._clock.now())
                self.event("go_live", shop=shop)
            return True

    def shop_row(self, shop: str) -> ShopRow:
        """One shop; raises `ValueError` for one that was never put."""
        row = self._store.row("select * from shops where shop = :shop", shop=shop)
        if row is None:
            raise ValueError(f"账本里没有店铺“{shop}”")
        return record(ShopRow, row)

    def shop_rows(self) -> list[ShopRow]:
        """All shops, by name."""
        return [record(ShopRow, row) for row in self._store.rows("select * from shops order by shop")]


def _severity(state: ShopState) -> Severity:
    if state in _ALERTS:
        return "alert"
    return "warning" if state is ShopState.degraded else "info"
