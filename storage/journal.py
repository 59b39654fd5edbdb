"""What happened and what people want: events and commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from base.masking import mask
from storage.part import Part
from storage.records import Command, CommandState, Event, Severity
from storage.rows import record


class Journal(Part):
    """The ledger's part for events and commands."""

    def event(
        self, kind: str, /, *, shop: str | None = None, severity: Severity = "info", **detail: object
    ) -> None:
        """Note that something happened; texts in `detail` are masked."""
        self._store.insert(
            "events",
            at=self._clock.now(),
            shop=shop,
            kind=kind,
            severity=severity,
            detail=_masked(detail),
        )

    def events(self, *, after_id: int = 0, limit: int = 200) -> list[Event]:
        """Events that came after the one with this id, oldest first."""
        rows = self._store.rows(
            "select * from events where id > :after order by id limit :limit", after=after_id, limit=limit
        )
        return [record(Event, row) for row in rows]

    def rehearsed(self, start: datetime) -> bool:
        """Whether the rehearsal of the shift that begins at a moment was told."""
        found = self._store.row(
            "select id from events where kind = 'rehearsal' and json_extract(detail, '$.start') = :start limit 1",
            start=start,
        )
        return found is not None

    def command(self, shop: str, kind: str, /, **args: object) -> Command:
        """Ask the worker of a shop for something."""
        with self._store.write():
            row = self._store.insert(
                "commands", at=self._clock.now(), shop=shop, kind=kind, args=args, state="new"
            )
            return self.command_row(row)

    def commands_for(self, shops: Sequence[str], states: Sequence[CommandState] = ("new",)) -> list[Command]:
        """Commands for these shops in these states, oldest first."""
        rows = self._store.rows(
            "select * from commands where shop in (select value from json_each(:shops))"
            " and state in (select value from json_each(:states)) order by id",
            shops=list(shops),
            states=list(states),
        )
        return [record(Command, row) for row in rows]

    def command_row(self, command_id: int) -> Command:
        """One command; raises `ValueError` for an id that never was."""
        row = self._store.row("select * from commands where id = :id", id=command_id)
        if row is None:
            raise ValueError(f"没有编号为 {command_id} 的命令")
        return record(Command, row)

    def set_command(self, command_id: int, state: CommandState, /, **result: object) -> None:
        """How far a command is, and what came of it."""
        self._store.update("commands", command_id, state=state, result=result)

    def begin_command(self, command_id: int, /, **result: object) -> bool:
        """Begin what still waits; False where it does not: whoever wanted it has taken it back meanwhile."""
        return bool(
            self._store.run(
                "update commands set state = 'doing', result = :result where id = :id and state = 'new'",
                id=command_id,
                result=result,
            )
        )


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {str(key): _masked(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(part) for part in value]
    return value
