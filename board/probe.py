"""Whether `nightdesk up` on this machine is well, for what restarts containers: `python -m board.probe`."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

from base.errors import ConfigError, Problem
from board.server import HOST
from bots.home import Home
from bots.secrets import secret_for, token_of
from bots.settings import load_settings

_SECONDS = 8.0


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
    token = secret_for(token_of(metrics), home)()
    request = urllib.request.Request(
        f"http://{HOST}:{metrics.port}/healthz", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - our own address
            return True, answer.read().decode()
    except urllib.error.HTTPError as error:
        return False, error.read().decode()
    except OSError as error:
        return False, f"连不上 /healthz：{error}"


if __name__ == "__main__":
    sys.exit(main())
