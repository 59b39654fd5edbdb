"""What a benchmark refuses to measure with, before anything is started."""

from __future__ import annotations

import importlib

import pytest


@pytest.mark.parametrize(
    "command",
    [
        "fleet --shops 0",
        "fleet --shops 121",
        "fleet --shops x",
        "fleet --rate 0",
        "fleet --rate -1",
        "fleet --rate nan",
        "fleet --rate inf",
        "fleet --seconds 0",
        "surge --first 0",
        "surge --first -2",
        "surge --most 0",
        "surge --seconds -1",
        "surge --usual -1",
        "start --shops 0",
        "soak --minutes 0",
        "soak --shops -3",
        "seats --minutes -1",
        "growth --shops 5 0",
        "growth --rates -1",
        "growth --same 0",
        "night.__main__ --days 0",
        "night.__main__ --shops 0",
        "night.__main__ --daily -1",
        "night.__main__ --real 0",
        "faults.__main__ --injections 0",
        "manners --shops 0",
        "manners --cells -1",
        "reload --edits 0",
        "reload --seconds 4",
    ],
)
def test_a_number_that_nothing_can_be_measured_with_is_refused(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *given = command.split()
    bench = importlib.import_module(f"bench.{name}")
    monkeypatch.setattr("asyncio.run", lambda _work: pytest.fail("it was begun"))
    monkeypatch.setattr("sys.argv", [name, *given])
    with pytest.raises(SystemExit) as ended:
        bench.main()
    assert ended.value.code == 2
    assert given[0] in capsys.readouterr().err
