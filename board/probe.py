"""Whether `nightdesk up` on this machine is well, for what restarts containers: `python -m board.probe`."""

from __future__ import annotations

import os
import sys

from base.errors import ConfigError, Problem
from bots.healthz import ask
from bots.home import Home
from bots.secrets import secret_for, token_of
from bots.settings import load_settings

_SECONDS = 8.0
_WELL = 200


def main() -> int:
    """Say what `/healthz` of the folder in `NIGHTDESK_HOME` says; 0 when all is well."""
    try:
        well, said = look(Home.choose(None, os.environ))
    except ConfigError as error:
        well, said = False, str(error)
    sys.stdout.write(f"{said}\n")
    return 0 if well else 1


def look(home: Home) -> tuple[bool, str]:
    """Whether all is well, and the answer; raises `ConfigError` where `shops.yaml` opens no port."""
    metrics = load_settings(home.shops).metrics
    if metrics is None:
        raise ConfigError(Problem(message="shops.yaml 里没有 metrics，看不了健康", hint="见 docs/metrics.md"))
    try:
        status, said = ask(metrics.port, secret_for(token_of(metrics), home)(), seconds=_SECONDS)
    except OSError as error:
        return False, f"连不上 /healthz：{error}"
    return status == _WELL, said


if __name__ == "__main__":
    sys.exit(main())
