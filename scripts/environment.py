"""A virtual environment with exactly what a lock file names, built again only when something changed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from scripts.running import SetupFailed, run, say

_CREATE_SECONDS = 300
_INSTALL_SECONDS = 1800
_NOT_INSTALLED = """依赖没有装上。
  建议：检查网络；在国内可以先换用镜像，例如 export PIP_INDEX_URL=镜像地址，再运行 make setup
Dependencies could not be installed: check the network, or set PIP_INDEX_URL to a mirror."""


def build(venv: Path, lock: Path, *, project: Path | None = None) -> None:
    """Make `venv` hold what `lock` pins and, if given, the project itself (editable); raises `SetupFailed`."""
    home = f"{sys.base_prefix} {sys.version.split()[0]} {venv}"
    content = _digest(lock, *([project / "pyproject.toml"] if project else []))
    stamp = venv / "nightdesk-stamp"
    built = stamp.read_text(encoding="utf-8").splitlines() if stamp.is_file() else []
    if built == [home, content]:
        return
    # An environment of another Python, or one that was moved here, cannot be mended.
    if (built and built[0] != home) or not _usable(venv):
        say(f"正在创建 Python 环境 {venv} …")
        if not run([sys.executable, "-m", "venv", "--clear", venv], _CREATE_SECONDS):
            raise SetupFailed(f"创建 Python 环境失败：{venv}")
    stamp.unlink(missing_ok=True)
    say("正在安装锁定版本的依赖（只在第一次或有变化时，一般不到一分钟）…")
    _install(venv, "--require-hashes", "--requirement", str(lock))
    if project:
        _install(venv, "--no-deps", "--no-build-isolation", "--editable", str(project))
    stamp.write_text(f"{home}\n{content}\n", encoding="utf-8")


def _install(venv: Path, *what: str) -> None:
    pip = [
        str(venv / "bin/python"),
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "install",
    ]
    if not run([*pip, *what], _INSTALL_SECONDS):
        raise SetupFailed(_NOT_INSTALLED)


def _usable(venv: Path) -> bool:
    python = venv / "bin/python"
    return (
        python.exists() and subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0
    )


def _digest(*paths: Path) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()
