"""`nightdesk knowledge history`: each version that was live, when, and what it changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import click

from bots.cli.library import restored
from bots.cli.opened import open_ledger
from bots.cli.show import json_option, local_time, one_line, print_json, print_table, table_of
from bots.cli.words import Command
from bots.home import Home
from knowledge.changes import Changes, changes_in_all
from knowledge.model import Knowledge
from storage.ledger import Ledger

_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """Something that happened to the knowledge; `changes` is None where it cannot be told any more."""

    at: datetime
    state: str
    digest: str
    why: str
    changes: Changes | None

    @property
    def words(self) -> str:
        """What happened, for a person."""
        if self.state == "broken":
            return f"改错了，没有启用：{self.why}"
        if self.changes is None:
            return "启用（以前的内容已经不在）"
        return self.changes.words() or "启用"


@click.command(
    cls=Command,
    help=f"知识库的历史：每个启用过的版本、什么时候启用、和前一个有什么不同，还有改错的时候。最近 {_SHOWN} 次。",
    example="nightdesk knowledge history\nnightdesk knowledge history --json",
)
@json_option
@click.pass_obj
def history(home: Home, as_json: bool) -> None:
    """Print what was live since when, newest first."""
    with open_ledger(home) as ledger:
        moments = _moments(ledger)
    if as_json:
        print_json([asdict(moment) for moment in moments])
    elif not moments:
        click.echo("还没有启用过知识库：运行 nightdesk up 以后才有")
    else:
        rows = [(local_time(moment.at), moment.digest, one_line(moment.words)) for moment in moments]
        print_table(table_of(("时间", "版本", "变化"), rows))


def _moments(ledger: Ledger) -> list[_Moment]:
    found: list[_Moment] = []
    before: dict[str, Knowledge] | None = None
    for note in reversed(ledger.knowledge_notes(limit=_SHOWN)):
        changed: Changes | None = None
        if note.state == "live":
            after = restored(ledger, note)
            if before is None:
                changed = Changes()
            elif before and after:
                changed = changes_in_all(before, after)
            before = after
        found.append(_Moment(at=note.at, state=note.state, digest=note.digest, why=note.why, changes=changed))
    return found[::-1]
