"""A virtual environment with exactly what a lock file names, built again only when something changed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


class SetupFailed(Exception):
    """Setup cannot go on; the text tells the person what to do."""


def build(venv: Path, lock: Path, *, project: Path | None = None) -> None:
    """Make `venv` hold what `lock` pins and, if given, the project itself (editable); raises `SetupFailed`."""
    home = f"{sys.base_prefix} {sys.version.split()[0]} {venv}"
    content = _digest(lock, *([project / "pyproject.toml"] if project else []))
    stamp = venv / "nightdesk-stamp"
    built = stamp.read_text(encoding="utf-8").splitlines() if stamp.is_file() else []
    if built == [home, content]:
        return
    # An environment of another Python, or one that was moved here, cannot be mended.
    if (built and built[0] != home) or not _runs(venv):
        _say(f"正在创建 Python 环境 {venv.relative_to(ROOT)} …")
        _run([sys.executable, "-m", "venv", "--clear", str(venv)], "创建 Python 环境失败。")
    stamp.unlink(missing_ok=True)
    _say("正在安装锁定版本的依赖（只在第一次或有变化时）…")
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
    help_ = (
        "依赖没有装上，原因见上面几行。\n"
        "  建议：检查网络；在国内可以先换用镜像，例如 export PIP_INDEX_URL=镜像地址，再运行 make setup"
    )
    _run([*pip, *what], help_)


def _run(command: list[str], failure: str) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SetupFailed(failure)


def _runs(venv: Path) -> bool:
    python = venv / "bin/python"
    return (
        python.exists() and subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0
    )


def _digest(*paths: Path) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
