"""`selectors repair`: a proposal is shown, and taken over only when a person says so and the check agreed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from base.places import shared
from bots.settings import load_settings
from flows.pack import load_pack
from flows.repair import Change
from storage.ledger import Ledger
from tests.bots.cli.conftest import SHOPS, Place, Run

ROW = Change(key="inbox.row", css=("[data-uid]", ".fresh"), likeness=0.9, next_best=0.5)
NAME = Change(key="inbox.id", attr="data-uid", likeness=0.9, next_best=0.0)


def report(*changes: Change, objections: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the bots put on record."""
    tried = [{"key": change.key, "selectors": [".line", ".old-line"], "found": [0, 0]} for change in changes]
    return {
        "pack": "tea-desk",
        "confidence": 0.0 if objections else 0.9,
        "tried": tried,
        "changes": [asdict(change) for change in changes],
        "unsolved": [],
        "objections": list(objections),
    }


@pytest.fixture
def drifted(ledger: Ledger) -> Ledger:
    """A ledger in which the shop's pack does not fit, with a proposal that the check agreed to."""
    drift = ledger.begin_drift("tea", "inbox.row", "inbox.row：一行也找不到")
    ledger.note_mending(drift.id, report(ROW, NAME), "/evidence/tea-drift-1.html")
    return ledger


def test_nothing_to_repair(run: Run, ledger: Ledger) -> None:
    result = run("selectors", "repair", "tea")
    assert (result.exit_code, "没有记录到" in result.stdout) == (1, True)


def test_what_broke_and_what_is_proposed(run: Run, drifted: Ledger, place: Place) -> None:
    before = Path(place.home.folder / "pack.yaml").read_text("utf-8")
    result = run("selectors", "repair", "tea")
    assert result.exit_code == 0
    for word in ("一行也找不到", "/evidence/tea-drift-1.html", ".old-line", "把握 90%", "检查：通过", "--accept"):
        assert word in result.stdout
    assert '+  row: ["[data-uid]", ".fresh", ".line", ".old-line"]' in result.stdout
    shown = json.loads(run("selectors", "repair", "tea", "--json").stdout)
    assert (shown["key"], shown["over_at"], shown["written"]) == ("inbox.row", None, [])
    assert "+  id: {attr: data-uid}" in shown["diff"]
    assert Path(place.home.folder / "pack.yaml").read_text("utf-8") == before


def test_an_own_pack_is_changed_where_it_stands(run: Run, drifted: Ledger, place: Place) -> None:
    path = place.home.folder / "pack.yaml"
    before = path.read_text("utf-8").splitlines()
    assert run("selectors", "repair", "tea", "--accept").exit_code == 0
    pack = load_pack(path)
    assert (pack.inbox.row, pack.inbox.id.attr) == (["[data-uid]", ".fresh", ".line", ".old-line"], "data-uid")
    after = path.read_text("utf-8").splitlines()
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 2
    again = run("selectors", "repair", "tea", "--accept")
    assert again.exit_code == 0
    assert load_pack(path).inbox.row == pack.inbox.row


def test_a_pack_that_ships_is_copied_and_named(run: Run, ledger: Ledger, place: Place) -> None:
    shops = SHOPS.replace("console: pack.yaml", "console: doudian   # 飞鸽") + "  - {id: milk, console: doudian}\n"
    place.write("shops.yaml", shops)
    drift = ledger.begin_drift("tea", "inbox.row", "inbox.row：一行也找不到")
    ledger.note_mending(drift.id, report(ROW), None)
    shipped = shared("selectors") / "doudian.yaml"
    before = shipped.read_text("utf-8")
    assert run("selectors", "repair", "tea", "--accept").exit_code == 0
    assert shipped.read_text("utf-8") == before
    own = place.home.folder / "doudian.yaml"
    assert load_pack(own).inbox.row[:2] == ["[data-uid]", ".fresh"]
    assert own.read_text("utf-8").startswith(before.splitlines()[0])
    assert {shop.console for shop in load_settings(place.home.shops).shops} == {"doudian.yaml"}
    assert "console: doudian.yaml   # 飞鸽" in place.home.shops.read_text("utf-8")


def test_an_own_file_of_that_name_is_not_overwritten(run: Run, ledger: Ledger, place: Place) -> None:
    place.write("shops.yaml", SHOPS.replace("pack.yaml", "doudian"))
    place.write("doudian.yaml", "mine")
    ledger.note_mending(ledger.begin_drift("tea", "inbox.row", "改版").id, report(ROW), None)
    result = run("selectors", "repair", "tea", "--accept")
    assert (result.exit_code, "已经有了" in result.stderr) == (2, True)
    assert (place.home.folder / "doudian.yaml").read_text("utf-8") == "mine"
    assert load_settings(place.home.shops).shops[0].console == "doudian"


def test_files_that_folders_share_stay_shared(run: Run, ledger: Ledger, place: Place) -> None:
    place.write("shops.yaml", SHOPS.replace("pack.yaml", "doudian"))
    ledger.note_mending(ledger.begin_drift("tea", "inbox.row", "改版").id, report(ROW), None)
    shared_file = place.home.shops.rename(place.home.folder / "all.yaml")
    place.home.shops.symlink_to(shared_file)
    assert run("selectors", "repair", "tea", "--accept").exit_code == 0
    assert place.home.shops.is_symlink()
    assert load_settings(shared_file).shops[0].console == "doudian.yaml"


def test_a_list_that_cannot_be_written_leaves_no_pack_behind(
    run: Run, ledger: Ledger, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("shops.yaml", SHOPS.replace("pack.yaml", "doudian"))
    ledger.note_mending(ledger.begin_drift("tea", "inbox.row", "改版").id, report(ROW), None)
    replaced = Path.replace

    def full(draft: Path, target: Path) -> Path:
        if target.name == "shops.yaml":
            raise OSError(28, "No space left on device")
        return replaced(draft, target)

    monkeypatch.setattr(Path, "replace", full)
    result = run("selectors", "repair", "tea", "--accept")
    assert (result.exit_code, "写不了" in result.stderr) == (2, True)
    assert not (place.home.folder / "doudian.yaml").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (report(ROW, objections=("inbox.id：读不到",)), "没有通过"),
        (report(), "没有建议"),
        ({}, "没来得及"),
    ],
)
def test_what_the_check_did_not_agree_to_is_never_taken_over(
    run: Run, ledger: Ledger, place: Place, given: dict[str, Any], said: str
) -> None:
    ledger.note_mending(ledger.begin_drift("tea", "inbox.row", "改版").id, given, None)
    before = (place.home.folder / "pack.yaml").read_text("utf-8")
    result = run("selectors", "repair", "tea", "--accept")
    assert (result.exit_code, said in result.stdout, "没有写任何文件" in result.stdout) == (1, True, True)
    assert (place.home.folder / "pack.yaml").read_text("utf-8") == before


def test_a_pack_that_was_changed_since(run: Run, ledger: Ledger) -> None:
    gone = Change(key="order.root", css=(".order",), likeness=0.9, next_best=0.0)
    ledger.note_mending(ledger.begin_drift("tea", "order.root", "改版").id, report(gone), None)
    result = run("selectors", "repair", "tea")
    assert (result.exit_code, "对不上现在的包" in result.stderr) == (2, True)
