"""`make setup-consoles`: what the real consoles that the tests serve are made of, each in a folder of its own.

A folder in `tests/consoles/` names it: `requirements.lock` for Python, `package-lock.json` for the web, and in
`programs.txt` a program with the Debian package that brings it and the files of that package to leave out.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from scripts import apt
from scripts.environment import build
from scripts.running import ROOT, SetupFailed, fail, run, say

CONSOLES = ROOT / "tests/consoles"
BUILT = ROOT / ".cache/consoles"

_NPM_SECONDS = 900
_NO_PROGRAM = """测试要用的真实客服后台需要程序 {program}，但没能装上。
  建议：Debian、Ubuntu 运行 sudo apt-get install {package}，其他系统自行安装，再运行 make setup-consoles
A real console that the tests serve needs {program}: install the package {package} and try again."""
_NO_WEB = """测试要用的真实客服后台的网页部分没有装上（npm）。
  建议：检查网络；在国内可以先换用镜像，例如 npm config set registry 镜像地址，再运行 make setup-consoles
The web part of a real console could not be installed by npm: check the network or set a mirror as its registry."""


def main() -> int:
    """Exit code of `make setup-consoles`."""
    BUILT.mkdir(parents=True, exist_ok=True)
    try:
        for lock in sorted(CONSOLES.glob("*/requirements.lock")):
            build(BUILT / lock.parent.name, lock)
        for programs in sorted(CONSOLES.glob("*/programs.txt")):
            for line in programs.read_text("utf-8").splitlines():
                _ensure_program(*line.split())
        for web in sorted(CONSOLES.glob("*/package-lock.json")):
            _build_web(BUILT / web.parent.name / "web", web)
    except SetupFailed as error:
        return fail(error)
    return 0


def _ensure_program(program: str, package: str, *leave_out: str) -> None:
    """Have `program`; without the service files of its package none of it runs when nobody asked for it."""
    if shutil.which(program) is None and not (apt.install(package, leave_out=leave_out) and shutil.which(program)):
        raise SetupFailed(_NO_PROGRAM.format(program=program, package=package))


def _build_web(target: Path, lock: Path) -> None:
    content = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = target / "nightdesk-stamp"
    if stamp.is_file() and stamp.read_text("utf-8") == content:
        return
    _ensure_program("npm", "npm")
    say("正在安装锁定版本的网页（npm）…")
    target.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(lock.with_name(name), target / name)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if not run(["npm", "ci", "--prefix", target, *quiet], _NPM_SECONDS):
        raise SetupFailed(_NO_WEB)
    stamp.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
