"""A Chromium for the bots: one that is there, else the distribution's, else Playwright's own download."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bots.chromium import NOTE, VARIABLE, candidates, find_chromium, noted
from scripts import apt
from scripts.running import SetupFailed, run, say

_DOWNLOAD_SECONDS = 600
_INSTALL_SECONDS = 900

_NO_BROWSER = """没有可用的 Chromium，也没能自动装上。请任选一种办法，再运行 make setup：
  1. Debian：sudo apt-get install chromium-headless-shell fonts-wqy-zenhei
  2. 其他 Linux：.venv/bin/playwright install --with-deps chromium-headless-shell
     （下载慢时先设环境变量 PLAYWRIGHT_DOWNLOAD_HOST 指向镜像）
  3. 安装 Google Chrome（macOS 推荐）
  4. 已经有浏览器：export NIGHTDESK_CHROMIUM=浏览器程序的完整路径
No usable Chromium was found or installed. Install one as above, or set NIGHTDESK_CHROMIUM to its path."""
_NO_FONT = "提醒：这台机器没有中文字体，截图里的中文会显示成方块。可以安装：sudo apt-get install fonts-wqy-zenhei"


def ensure_browser() -> None:
    """Find or install a Chromium and a Chinese font, and note the browser's path; raises `SetupFailed`."""
    if not os.environ.get(VARIABLE) and noted():
        return
    browser = _named() or _working() or _from_distribution() or _from_playwright()
    if browser is None:
        raise SetupFailed(_NO_BROWSER)
    NOTE.write_text(f"{browser}\n", encoding="utf-8")
    if not _has_chinese_font() and not apt.install("fonts-wqy-zenhei"):
        say(_NO_FONT)


def _named() -> Path | None:
    """The operator's own choice, which nothing else may replace."""
    if not os.environ.get(VARIABLE):
        return None
    browser = find_chromium()
    if browser is None or not _starts(browser):
        raise SetupFailed(f"{VARIABLE} 指定的浏览器不能启动：{browser}")
    return browser


def _working() -> Path | None:
    return next(filter(_starts, candidates(os.environ, Path.home())), None)


def _starts(browser: Path) -> bool:
    """Whether it runs at all: on some systems the name is there but only tells to install a snap."""
    try:
        done = subprocess.run([browser, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _from_distribution() -> Path | None:
    return _working() if apt.install("chromium-headless-shell") else None


def _from_playwright() -> Path | None:
    say("正在下载浏览器（Playwright，最多等 10 分钟）…")
    playwright = [sys.executable, "-m", "playwright"]
    if not run([*playwright, "install", "chromium-headless-shell"], _DOWNLOAD_SECONDS):
        return None
    browser = _working()
    if browser is None and apt.root() is not None:
        say("正在安装浏览器需要的系统库…")
        run([*playwright, "install-deps", "chromium-headless-shell"], _INSTALL_SECONDS)
        browser = _working()
    return browser


def _has_chinese_font() -> bool:
    if sys.platform == "darwin":
        return True
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False)
    return bool(listed.stdout.strip())
