"""`nightdesk up` with its board: the real supervisor over a worker that only gives signs of life."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from bots.home import Home
from bots.secrets import set_secret, token_of
from bots.settings import Metrics
from bots.sign import Sign
from tests.attending import eventually
from tests.board.test_server import TOKEN, get, opened
from tests.bots.cli.conftest import KNOWLEDGE, PACK, SHOPS
from tests.ports import free_port

# The command itself, but that its workers open no browser.
UP = """
import sys
import bots.up
from bots.cli import main
worker = "import sys, time\\nwhile True: print(sys.argv[1], flush=True); time.sleep(0.5)"
bots.up.command = lambda _home, log: [sys.executable, "-S", "-c", worker, sys.argv[2]]
main(["--home", sys.argv[1], "up"])
"""


async def test_up_serves_figures_of_its_workers(tmp_path: Path) -> None:
    port, home = free_port(), Home(tmp_path)
    metrics = Metrics(port=port)
    for name, content in (("shops.yaml", SHOPS), ("knowledge.yaml", KNOWLEDGE), ("pack.yaml", PACK)):
        (tmp_path / name).write_text(content, "utf-8")
    with home.shops.open("a", encoding="utf-8") as file:
        file.write(f"metrics: {{port: {port}}}\n")
    set_secret(token_of(metrics), home, TOKEN)
    sign = Sign(shops=["tea"], entered=True).line().decode().strip()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UP, tmp_path, sign, stdout=PIPE, stderr=PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        await opened(port)

        async def shown() -> bool:
            _status, text = await get(port, "/metrics")
            return 'nightdesk_worker_restarts_total{worker="1"} 0.0' in text and "nightdesk_in_charge 1.0" in text

        await eventually(shown)
        assert (await get(port, "/healthz"))[0] == 503  # its worker reads no shop
    finally:
        process.send_signal(signal.SIGTERM)
        _out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
