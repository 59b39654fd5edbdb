"""The head of the command: which folder it works in, its subcommands, and how each end is told."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from base.clock import SystemClock
from base.errors import ConfigError, NightdeskError
from base.masking import mask
from bots.cli.words import Group, in_words
from bots.home import VARIABLE, Home

_BAD_INPUT, _CRASH, _INTERRUPTED = 2, 70, 130
_MOST_PROBLEMS = 20

_COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("bots.cli.work:demo", "看演示：练习台、买家、机器人"),
    "init": ("bots.cli.shops:init", "在这个文件夹里开始：写好店铺清单和知识库"),
    "shop": ("bots.cli.shops:shop", "添加店铺"),
    "secret": ("bots.cli.secret:secret", "保存机器人子账号的密码"),
    "doctor": ("bots.cli.doctor:doctor", "检查这台机器和这个文件夹能不能用"),
    "up": ("bots.cli.work:up", "开始值守 shops.yaml 里的店铺"),
    "status": ("bots.cli.status:status", "看每家店的状态和回复速度"),
    "golive": ("bots.cli.golive:golive", "让一家店从只观察变成会回答"),
    "rehearse": ("bots.cli.rehearse:command", "班前检查：每家店真的读一遍，缺什么、怎么办"),
    "login": ("bots.cli.login:login", "由人登录一家店的后台，或者搬运登录状态"),
    "pause": ("bots.cli.pause:pause", "让机器人不说话：一个会话、一家店或全部"),
    "resume": ("bots.cli.pause:resume", "让机器人重新说话"),
    "morning": ("bots.cli.morning:morning", "早上看一遍：夜里答了什么、谁没答上、停了多久"),
    "shifts": ("bots.cli.shifts:shifts", "班次：看一个星期，找没有人值守的时间"),
    "handoffs": ("bots.cli.handoffs:handoffs", "转给人工的会话：列表、认领、完成"),
    "trace": ("bots.cli.trace:trace", "一轮提问从头到尾发生了什么，每一步的时间"),
    "alerts": ("bots.cli.alerts:alerts", "叫人的渠道：试一试、应答、查看"),
    "ask": ("bots.cli.ask:ask", "试一句话：机器人会怎么答，为什么"),
    "knowledge": ("bots.cli.knowledge:knowledge", "知识库：检查、评测、学习、看历史"),
    "selectors": ("bots.cli.selectors:selectors", "后台选择器包：列出、检查"),
}


class Root(Group):
    """Ends every call with an exit code that scripts can use, and never with a traceback."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run and exit: 0 ok, 1 found wrong or not done, 2 bad input, 70 a fault of ours, 130 interrupted."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a terminal that has no emoji
        try:
            code = super().main(*args, **{**extra, "prog_name": "nightdesk", "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            code = _BAD_INPUT
        except click.ClickException as error:
            _complain(in_words(error))
            code = _BAD_INPUT
        except (click.Abort, KeyboardInterrupt) as error:
            code = _aborted(error)
        except Exception as error:
            code = _crashed(error, Home.choose(None, os.environ))
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; our own errors are told as they are, others go to a file."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            _complain("\n".join(map(str, error.problems[:_MOST_PROBLEMS])))
            if len(error.problems) > _MOST_PROBLEMS:
                _complain(f"还有 {len(error.problems) - _MOST_PROBLEMS} 处，先改好这些再看")
        except NightdeskError as error:
            _complain(str(error))
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            return _crashed(error, ctx.obj)
        return _BAD_INPUT


def _complain(text: str) -> None:
    click.echo(text, err=True)


def _aborted(error: BaseException) -> int:
    """Interrupted by Ctrl-C, or a question was asked where nobody can answer."""
    pressed = isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)
    if not pressed and not (sys.stdin and sys.stdin.isatty()):
        _complain("没有输入可读：在终端里运行，或把回答写成选项（--help 有说明）")
        return _BAD_INPUT
    _complain("已中断")
    return _INTERRUPTED


def _crashed(error: Exception, home: Home) -> int:
    """A fault of ours: one line for the operator, the traceback among the logs for who looks into it."""
    told = mask("".join(traceback.format_exception(error)))
    folder = home.logs if os.access(home.logs, os.W_OK) else Path(tempfile.gettempdir())
    path = folder / "nightdesk-crash.log"
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{SystemClock().now().isoformat(timespec='seconds')}\n{told}\n")
    _complain(f"程序出了意外的错误（{type(error).__name__}），详细记录在 {path}")
    return _CRASH


@click.group(
    cls=Root,
    lazy=_COMMANDS,
    help="夜班客服：让机器人守住店铺的客服工作台，会答的立刻答，不会的转人工。",
    example="nightdesk demo    先看一分钟演示\nnightdesk init    在当前文件夹里开始\nnightdesk up      开始值守",
)
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    metavar="文件夹",
    help=f"shops.yaml 所在的文件夹；不写就用环境变量 {VARIABLE}，再没有就用当前文件夹",
)
@click.version_option(package_name="nightdesk", message="nightdesk %(version)s", help="显示版本")
@click.pass_context
def main(ctx: click.Context, home: Path | None) -> None:
    """The command itself."""
    ctx.obj = Home.choose(home, os.environ)
