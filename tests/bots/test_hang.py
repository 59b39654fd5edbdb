"""What a silent worker hangs at is written down while it hangs, and nothing of one that gives its signs."""

from __future__ import annotations

import faulthandler
import subprocess
import sys
import threading
import time
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.hang import FILE, Hang
from bots.post import _SILENT_SECONDS
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


def armed(monkeypatch: pytest.MonkeyPatch, folder: Path, moments: list[float], signs: list[Sign]) -> list[float]:
    """When it would be written, by each beginning of the time, of signs that come at these moments."""
    due: list[float] = []
    now = 0.0
    with monkeypatch.context() as seen:
        seen.setattr(time, "monotonic", lambda: now)
        seen.setattr(faulthandler, "dump_traceback_later", lambda seconds, file: due.append(now + seconds))
        seen.setattr(faulthandler, "cancel_dump_traceback_later", lambda: None)
        hang = Hang(folder)
        for now, sign in zip(moments, signs, strict=True):  # noqa: B007 - the clock above reads it
            hang.note(sign)
        hang.close()
    return due


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pauses=st.lists(st.floats(0.01, 1.5), min_size=1, max_size=20))
def test_it_is_written_before_the_supervisor_ends_the_silence_and_not_much_sooner(
    pauses: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However unevenly the signs come."""
    moments = list(accumulate(pauses))
    due = armed(monkeypatch, tmp_path, moments, [Sign()] * len(moments))
    assert 2.999 < due[-1] - moments[-1] < 3.601 < _SILENT_SECONDS - 0.3


def test_the_time_begins_anew_at_every_other_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [500 + each / 2 for each in range(20)]
    assert len(armed(monkeypatch, tmp_path, moments, [Sign()] * 20)) == 10


def test_after_one_that_began_the_next_sign_begins_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs = [Sign(), Sign(begins=True), Sign()]
    assert armed(monkeypatch, tmp_path, [500.0, 500.1, 500.2], signs) == pytest.approx([503.6, 503.8])


def test_without_a_file_it_is_done_without(tmp_path: Path) -> None:
    hang = Hang(tmp_path / "not there")
    hang.note(Sign())
    hang.close()
