"""What a silent worker hangs at is written down while it hangs, and nothing of one that gives its signs."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bots.hang import FILE, Hang
from bots.sign import Sign

# A call that holds Python's lock and comes back after two seconds only.
_WORKER = """
import ctypes, sys
from pathlib import Path
from bots.hang import Hang
from bots.sign import Sign

def never_comes_back():
    ctypes.PyDLL(None).usleep(2_000_000)

hang = Hang(Path(sys.argv[1]), 0.3)
hang.note(Sign({sign}))
never_comes_back()
hang.close()
"""


def hung(folder: Path, sign: str) -> str:
    """What is written of a worker that hangs after this sign."""
    subprocess.run([sys.executable, "-c", _WORKER.format(sign=sign), str(folder)], check=True, timeout=30)
    return (folder / FILE).read_text("ascii")


def test_where_a_worker_hangs_is_written_though_it_holds_pythons_lock(tmp_path: Path) -> None:
    assert "never_comes_back" in hung(tmp_path, "")


@pytest.mark.parametrize("sign", ["begins=True", "problems=['x']"])
def test_one_that_begins_or_ends_takes_its_time(tmp_path: Path, sign: str) -> None:
    assert hung(tmp_path, sign) == ""


def test_a_file_that_is_full_begins_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"x" * 2**21)
    Hang(tmp_path).close()
    assert (tmp_path / FILE).read_bytes() == b""


def test_each_sign_begins_the_time_anew(tmp_path: Path) -> None:
    """Three pauses, each shorter than what is borne and longer together."""
    hang = Hang(tmp_path, 2.0)
    for _ in range(3):
        hang.note(Sign())
        threading.Event().wait(0.8)
    hang.close()
    assert (tmp_path / FILE).read_bytes() == b""


def test_without_a_file_it_is_done_without(tmp_path: Path) -> None:
    hang = Hang(tmp_path / "not there")
    hang.note(Sign())
    hang.close()
