"""What a rig counts as its processes, and what they have cost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any, cast

import psutil

from bench.house import House
from bench.rigs import bots_of, spent
from bots.home import Home

_PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"


async def test_the_command_itself_is_one_of_our_processes(tmp_path: Path) -> None:
    command = await asyncio.create_subprocess_exec(sys.executable, "-c", _PARENT, stdin=PIPE)
    there = cast(Any, House)(
        practice=cast(Any, type("Nobody", (), {"shops": []})), home=Home(tmp_path), ledger=None, knowledge=None
    )
    there.ups.append(command)
    while len(bots_of(there)) < 2:  # noqa: ASYNC110 - in another process
        await asyncio.sleep(0.05)
    assert command.pid in {one.pid for one in bots_of(there)}
    assert command.stdin is not None
    command.stdin.close()
    await command.wait()
    assert bots_of(there) == []


def test_what_ended_meanwhile_has_cost_what_it_cost() -> None:
    own = [psutil.Process()]
    before = spent(own)
    burning = "import time\nwhile time.process_time() < 0.4: pass"
    subprocess.run([sys.executable, "-c", burning], check=True)
    assert spent(own) - before > 0.35
