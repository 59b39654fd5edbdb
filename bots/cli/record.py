"""`nightdesk selectors record`: a pack from what its author points at."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from base.yamlfile import parse_yaml
from bots.browser import open_browser
from bots.chromium import find_windowed
from bots.cli.selectors import print_report
from bots.cli.show import one_line
from bots.cli.words import Command
from bots.home import Home
from bots.inspection import inspect_live, inspect_saved, saved_page
from bots.recording import POINTER, Recorder, frames_of, record_at_terminal, record_in_window
from flows.check import Report
from flows.pack import Pack, pack_from
from flows.packtext import About, missing, pack_text
from flows.suggest import Draft, suggest

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@click.command(
    cls=Command,
    help="做一个新的选择器包：在网页上依次指出登录框、会话列表、一行、消息、输入框和发送按钮，"
    "程序选出不容易失效的选择器，写成 YAML，并马上检查一次。"
    "有屏幕时打开一个窗口，用鼠标指；没有屏幕，或用 --file 时，在终端里选。"
    "指的时候点击不会传给网页，不会发送任何消息。",
    example="nightdesk selectors record --url https://… --out 我的后台.yaml\n"
    "nightdesk selectors record --url https://… --file 另存的网页.html",
)
@click.option("--url", required=True, metavar="网址", help="客服工作台的网址")
@click.option("--file", type=click.Path(path_type=Path), metavar="文件", help="在另存的 HTML 文件上指，不打开网址")
@click.option("--out", type=click.Path(path_type=Path), metavar="文件", help="写到哪里，默认是 名字.yaml")
@click.option("--name", metavar="名字", help="包的名字：小写字母、数字和 -，默认取自网址")
@click.pass_obj
def record(home: Home, url: str, file: Path | None, out: Path | None, name: str | None) -> None:
    """Record a pack, write it, check it."""
    name = _name(name, url)
    out = out or home.folder / f"{name}.yaml"
    if out.exists():
        raise ConfigError(Problem(message="这个文件已经有了，不会覆盖", path=out, hint="用 --out 换一个文件名"))
    recorder, state = asyncio.run(_record(url, file))
    draft = suggest(recorder.points)
    day = SystemClock().now().astimezone().date()
    text = pack_text(
        draft, About(name=name, title=_host(url), url=url, day=day, frames=frames_of(recorder.points))
    )
    _write(out, text)
    _tell(draft, out)
    report = asyncio.run(_check(_loaded(text, out), url, file, state))
    print_report(report)
    if not report.usable:
        raise click.exceptions.Exit(1)


class _Prompt:
    """Asks at the terminal."""

    def choose(self, question: str, choices: Sequence[str], *, optional: bool) -> str:
        """Show the choices and take an answer."""
        click.echo(f"\n{question}")
        for number, choice in enumerate(choices, 1):
            click.echo(f"  {number:>2} {one_line(choice)}")
        other = "回车跳过" if optional else "回车重新看网页"
        asked = f"编号、CSS 选择器或网页上的一段文字（{other}）"
        return str(click.prompt(asked, default="", show_default=False, prompt_suffix="："))

    def account(self) -> tuple[str, str] | None:
        """Ask for a sub-account; it is used once and kept nowhere."""
        user = str(
            click.prompt(
                "\n用哪个子账号登录（回车：不用登录）", default="", show_default=False, prompt_suffix="："
            )
        )
        return (
            (user, str(click.prompt("密码（不显示，也不保存）", hide_input=True, prompt_suffix="：")))
            if user
            else None
        )


async def _record(url: str, file: Path | None) -> tuple[Recorder, Mapping[str, Any]]:
    recorder = Recorder()
    windowed = file is None and find_windowed() is not None
    async with open_browser(windowed=windowed) as browser:
        page = await browser.plain(POINTER if windowed else None, windowed=windowed)
        if file is not None:
            with saved_page(file) as safe:
                await page.goto(safe)
                await record_at_terminal(page, recorder, _Prompt(), live=False)
            return recorder, {}
        await page.goto(url)
        if windowed:
            click.echo("在打开的窗口里，照下方提示条说的依次点。")
            await record_in_window(page, recorder)
        else:
            click.echo("这台机器上不能打开浏览器窗口，改在终端里一步一步选。")
            await page.settled()
            await record_at_terminal(page, recorder, _Prompt(), live=True)
        return recorder, await page.state()


async def _check(pack: Pack, url: str, file: Path | None, state: Mapping[str, Any]) -> Report:
    if file is not None:
        return (await inspect_saved(pack, file)).report
    return (await inspect_live(pack, url, state=state, credentials=None)).report


def _loaded(text: str, out: Path) -> Pack:
    return pack_from(parse_yaml(text, out))


def _tell(draft: Draft, out: Path) -> None:
    click.echo(f"\n写好了：{out}")
    for warning in draft.warnings:
        click.echo(f"  注意 {one_line(warning)}")
    if left := missing(draft):
        hint = "在文件里补上这几个键，再运行 nightdesk selectors check"
        raise ConfigError(Problem(message=f"还缺 {'、'.join(left)}", path=out, hint=hint))


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(Problem(message=f"写不了这个文件：{error.strerror}", path=path)) from None


def _name(given: str | None, url: str) -> str:
    if not re.match(r"https?://[^/\s]", url):
        raise ConfigError(Problem(message="网址要以 http:// 或 https:// 开头", key="--url"))
    name = given or re.sub(r"[^a-z0-9]+", "-", _host(url).lower()).strip("-") or "console"
    if not _NAME.fullmatch(name):
        raise ConfigError(Problem(message="名字只能用小写字母、数字和 -", key="--name"))
    return name


def _host(url: str) -> str:
    return urlsplit(url).hostname or "console"
