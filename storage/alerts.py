"""Alerts in the ledger: what people are called for, what they were told, and what they took on."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from storage.calls import Alert, AlertState, Call, Letter, Sign, Unanswered
from storage.part import Part
from storage.records import Event
from storage.rows import record

_CODE_LASTS = timedelta(days=7)
# For so long after the end it is worth telling to whoever could not be reached.
_END_TOLD = timedelta(hours=12)
# One pass over the events after the first severe one, not one for each: a bad night has thousands.
_SEVERE = (
    "with severe as (select * from events"
    " where at > :since and severity in ('warning', 'alert') and kind <> 'shop_state'),"
    " mended as (select kind, shop, max(id) as id from events where severity = 'info'"
    " and id > (select min(id) from severe) and kind in (select kind from severe) group by kind, shop)"
    " select severe.* from severe left join mended on mended.kind = severe.kind and mended.shop is severe.shop"
    " where severe.id in (select max(id) from severe group by severity, kind, shop)"
    " and (mended.id is null or severe.id > mended.id) order by severe.at, severe.id"
)
# Not one condition of three: with an `or` SQLite reads all calls that ever were.
_CALLS = (
    "select * from calls where rowid in (select rowid from calls where over_at is null"
    " union all select rowid from calls where owed = 1 union all select rowid from calls where over_at > :since)"
)


class Alerts(Part):
    """The ledger's part for alerts."""

    # --- what there is to tell ----------------------------------------------------------------------------------

    def severe_events(self, since: datetime) -> list[Event]:
        """The last warning and the last alert of each kind and shop since a moment, oldest first.

        Without those after which all was well again; how shops are is told by their rows.
        """
        rows = self._store.rows(_SEVERE, since=since)
        return [record(Event, row) for row in rows]

    def unanswered(self, before: datetime) -> list[Unanswered]:
        """Each shop's buyers who have waited since before a moment without any reply."""
        rows = self._store.rows(
            "select shop, count(*) as buyers, min(turns.seen_at) as since"
            " from turns join conversations on conversations.id = turns.conversation_id"
            " where turns.state = 'open' and holding_at is null and turns.seen_at < :before group by shop",
            before=before,
        )
        return [record(Unanswered, row) for row in rows]

    # --- calls and letters --------------------------------------------------------------------------------------

    def calls(self, since: datetime) -> list[Call]:
        """The calls that are not over, whose end is still to be told, or that ended after a moment."""
        return [record(Call, row) for row in self._store.rows(_CALLS, since=since)]

    def plan_alerts(
        self, since: datetime, planner: Callable[[list[Call]], tuple[Sequence[Call], Sequence[Letter]]]
    ) -> list[Alert]:
        """Record what `planner` makes of the calls as `calls` gives them.

        One transaction: an acknowledgement that comes meanwhile is not written over.
        """
        with self._store.write():
            return self.record_alerts(*planner(self.calls(since)))

    def record_alerts(self, calls: Sequence[Call], letters: Sequence[Letter]) -> list[Alert]:
        """Put calls as they now are, and letters that are to leave, on record in one transaction."""
        with self._store.write():
            for call in calls:
                self._put_call(call)
            return [self._put_letter(letter) for letter in letters]

    def alerts(self, since: datetime) -> list[Alert]:
        """The letters recorded since a moment, oldest first."""
        # By +id, or SQLite reads all letters in the order of their ids rather than sort those of the span.
        rows = self._store.rows("select * from alerts where at >= :since order by +id", since=since)
        return [record(Alert, row) for row in rows]

    def alert(self, alert_id: int) -> Alert:
        """One letter; raises `ValueError` for an id that never was."""
        row = self._store.row("select * from alerts where id = :id", id=alert_id)
        if row is None:
            raise ValueError(f"there is no alert {alert_id}")
        return record(Alert, row)

    # --- how far each is ----------------------------------------------------------------------------------------

    def unsent_alerts(self) -> list[Alert]:
        """The letters that wait to leave, urgent ones first; tests are sent by their own command."""
        # `new` alone would do, but not for the index of those that have not left: it asks for its own words.
        rows = self._store.rows(
            "select * from alerts where state in ('new', 'leaving') and state = 'new' and kind <> 'test'"
            " order by urgent desc, id"
        )
        return [record(Alert, row) for row in rows]

    def alert_leaves(self, alert_id: int, channel: str) -> bool:
        """An attempt begins; False when what the letter calls for is over by now: it then stays here."""
        with self._store.write():
            alert = self.alert(alert_id)
            if alert.kind == "call" and not self._store.rows(
                "select key from calls where over_at is null and key in (select value from json_each(:keys))",
                keys=alert.calls,
            ):
                self._store.update("alerts", alert_id, state=AlertState.failed, why="没发出去之前就不用叫了")
                return False
            self._store.update("alerts", alert_id, state=AlertState.leaving, channel=channel)
            return True

    def alert_sent(self, alert_id: int) -> None:
        """It was delivered: whoever was told of something is also told when it is over."""
        with self._store.write():
            alert = self.alert(alert_id)
            self._store.update("alerts", alert_id, state=AlertState.sent, why="", sent_at=self._clock.now())
            if alert.kind == "call":
                self._change_calls(alert.calls, "owed = 1")

    def alert_stuck(self, alert_id: int, why: str) -> None:
        """No channel took it: it waits for the next attempt."""
        self._store.update("alerts", alert_id, state=AlertState.new, why=why)

    def alert_failed(self, alert_id: int) -> None:
        """It has waited for too long: what it calls for, or that this is over, is told anew, as it then is."""
        with self._store.write():
            alert = self.alert(alert_id)
            self._store.update("alerts", alert_id, state=AlertState.failed)
            if alert.kind == "call":
                untold = "people = (select json_group_array(value) from json_each(people) where value <> :person)"
                change = f"told_at = null, alarmed = 0, kinds = '[]', rounds = max(0, rounds - 1), {untold}"
                self._change_calls(alert.calls, change, person=alert.person)
            elif alert.kind == "over":
                self._store.run(
                    "update calls set owed = 1, people = json_insert(people, '$[#]', :person)"
                    " where over_at > :since and key in (select value from json_each(:keys))"
                    " and not exists (select 1 from json_each(people) where value = :person)",
                    person=alert.person,
                    since=self._clock.now() - _END_TOLD,
                    keys=list(alert.calls),
                )

    def settle_alerts(self) -> None:
        """After a start: letters that were leaving may have left; they leave once more, and never a third time."""
        with self._store.write():
            self._store.run("update alerts set state = 'failed' where state = 'leaving' and repeats > 0")
            self._store.run("update alerts set state = 'new', repeats = 1 where state = 'leaving'")

    def acknowledge(self, code: str, by: str) -> Alert:
        """A person sees to what the letter with this code calls for; raises `ValueError` for an unknown code."""
        with self._store.write():
            now = self._clock.now()
            row = self._store.row(
                "select * from alerts where code = :code and kind in ('call', 'test') and at > :since"
                " order by id desc limit 1",
                code=code,
                since=now - _CODE_LASTS,
            )
            if row is None:
                raise ValueError(f"没有收到码是 {code} 的告警")
            alert = record(Alert, row)
            if alert.acked_at is None:
                self._store.update("alerts", alert.id, acked_by=by, acked_at=now)
            self._change_calls(alert.calls, "acked_by = :by, acked_at = :now", by=by, now=now)
            return self.alert(alert.id)

    # --- signs --------------------------------------------------------------------------------------------------

    def sign(self, name: str, *, fine: bool, why: str = "") -> None:
        """Note whether something is well now."""
        self._store.run(
            "insert into signs (name, at, since, fine, why) values (:name, :now, :now, :fine, :why)"
            " on conflict (name) do update set at = :now, fine = :fine, why = :why,"
            " since = case fine when :fine then since else :now end",
            name=name,
            now=self._clock.now(),
            fine=fine,
            why=why,
        )

    def signs(self) -> list[Sign]:
        """All signs, by name."""
        return [record(Sign, row) for row in self._store.rows("select * from signs order by name")]

    def _put_call(self, call: Call) -> None:
        self._store.run("delete from calls where key = :key", key=call.key)
        self._store.insert("calls", **asdict(call))

    def _put_letter(self, letter: Letter) -> Alert:
        now = self._clock.now()
        taken = {
            row["code"] for row in self._store.rows("select code from alerts where at > :at", at=now - _CODE_LASTS)
        }
        code = next(code for code in iter(_new_code, "") if code not in taken)
        return self.alert(self._store.insert("alerts", code=code, at=now, state=AlertState.new, **asdict(letter)))

    def _change_calls(self, keys: Sequence[str], change: str, **values: object) -> None:
        self._store.run(
            f"update calls set {change} where over_at is null and key in (select value from json_each(:keys))",  # noqa: S608 - ours
            keys=list(keys),
            **values,
        )


def _new_code() -> str:
    return f"{secrets.randbelow(90_000) + 10_000}"
