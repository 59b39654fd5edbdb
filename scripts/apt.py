"""Packages of Debian or Ubuntu, installed where the user may do so without being asked for a password."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from scripts.running import run, say

_SECONDS = 900


def install(package: str, *, leave_out: Sequence[str] = ()) -> bool:
    """Whether `package` is there now; the files that `leave_out` names are not put on the machine."""
    prefix = root()
    if prefix is None or shutil.which("apt-get") is None:
        return False
    say(f"正在安装系统软件包 {package} …")
    get = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Acquire::http::Timeout=30"]
    run([*get, "update"], _SECONDS)
    without = [part for path in leave_out for part in ("-o", f"Dpkg::Options::=--path-exclude={path}")]
    return run([*get, *without, "install", "--yes", "--no-install-recommends", package], _SECONDS)


def root() -> list[str] | None:
    """What a command needs in front to run as root without asking; None where that cannot be."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None
