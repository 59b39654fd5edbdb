"""How setup runs other programs and talks to the person: short lines on the terminal, the rest in a log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / ".cache/setup.log"


class SetupFailed(Exception):
    """Setup cannot go on; the text tells the person what to do."""


def run(command: Sequence[str | Path], seconds: float) -> bool:
    """Whether it succeeded within `seconds`; what it says goes to the log, and nothing of it is left running."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("ab") as log:
        log.write(f"$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        # A group of its own, so that the time limit ends its children too.
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            return process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            log.write(f"gave up after {seconds:.0f} s\n".encode())
            return False
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def say(text: str) -> None:
    """One line to the person who waits."""
    print(text, file=sys.stderr, flush=True)


def fail(error: Exception) -> int:
    """Tell what went wrong and where to read more; the exit code."""
    say(f"错误：{error}")
    if LOG.is_file():
        say(f"  详细记录：{LOG}")
    return 1
