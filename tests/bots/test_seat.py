"""One driver per shop on one machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from base.errors import ConfigError
from bots.home import Home
from bots.seat import Seat

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys
from pathlib import Path
from bots.home import Home
from bots.seat import Seat
with Seat(Home(Path(sys.argv[1])), "tea"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.prepare()
    return home


def test_a_second_holder_is_told_who_has_it(home: Home) -> None:
    with Seat(home, "tea"), pytest.raises(ConfigError) as caught:
        Seat(home, "tea").__enter__()
    assert f"店铺 tea 正被另一个 nightdesk 进程（pid {os.getpid()}）值守" in str(caught.value)


def test_other_shops_have_seats_of_their_own(home: Home) -> None:
    with Seat(home, "tea"), Seat(home, "咖啡"):
        pass


def test_it_can_be_taken_again(home: Home) -> None:
    for _ in range(3):
        with Seat(home, "tea"):
            pass


def test_it_goes_with_a_killed_process(home: Home) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, home.folder],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ConfigError, match=f"pid {holder.pid}"):
            Seat(home, "tea").__enter__()
    finally:
        holder.kill()
        holder.communicate()
    with Seat(home, "tea"):
        pass


def test_a_seat_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="值守锁"):
        Seat(Home(tmp_path / "nowhere"), "tea").__enter__()
