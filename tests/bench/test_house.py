"""The folder and the bots that benchmarks use: nothing of them is left when a benchmark is ended early."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest


@pytest.mark.timeout(120)
def test_a_benchmark_that_is_ended_takes_its_bots_along() -> None:
    # As a script starts it in the background: deaf to SIGINT.
    command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-m", "bench.start", "--shops", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as bench:
        try:
            while not any("--type=renderer" in line for line in lines_below(bench.pid)):
                time.sleep(0.1)
            children = psutil.Process(bench.pid).children(recursive=True)
            bench.terminate()
            bench.wait(30)
            assert [one for one in children if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
        finally:
            bench.kill()


def lines_below(pid: int) -> list[str]:
    """What was started below a process."""
    lines = []
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it has just ended
            lines.append(" ".join(child.cmdline()))
    return lines
