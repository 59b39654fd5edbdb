"""What can be said on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from practice.desk import ROWS
from practice.dialects import DIALECTS
from practice.manners import MANNERS, read_manners


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run; `rate` is turns a second over all shops, `seconds` how long buyers come (None: for ever)."""

    dialect: str
    manners: tuple[str, ...]
    port: int
    shops: int
    rows: int
    seed: int
    rate: float
    seconds: float | None
    buyers: bool
    tied: bool


def read_options(arguments: list[str] | None = None) -> Options:
    """The command line, checked; a wrong one ends the program with exit code 2."""
    parser = argparse.ArgumentParser(
        prog="python -m practice",
        description="练习台：一个自带买家的商家客服后台，用来演示、测试和压测。只在本机 127.0.0.1 上提供服务。",
        epilog="例：python -m practice --port 8790 --shops 3 --buyers --rate 1.3",
    )
    parser.add_argument("--dialect", choices=DIALECTS, default="plain", help="页面照哪个平台的样子（默认 plain）")
    manners = "页面的坏毛病，用逗号隔开：" + "、".join(MANNERS)
    parser.add_argument("--manners", type=_manners, default=(), metavar="毛病,…", help=manners)
    parser.add_argument("--port", type=_number(int, 0, 65535), default=0, help="端口，0 表示自动选一个（默认 0）")
    parser.add_argument("--shops", type=_number(int, 1, 120), default=3, help="店铺数（默认 3）")
    rows = _number(int, 1, 10_000)
    parser.add_argument("--rows", type=rows, default=ROWS, help=f"列表里留多少个答过的会话（默认 {ROWS}）")
    parser.add_argument("--seed", type=int, default=7, help="随机种子，相同的种子有相同的买家和提问（默认 7）")
    rate = _number(float, 0.01, 100)
    parser.add_argument("--rate", type=rate, default=1.3, help="所有店铺合计每秒来几次提问（默认 1.3）")
    seconds = _number(float, 5, 86_400)
    parser.add_argument("--seconds", type=seconds, help="买家来多少秒，最后 4 秒不再提问（默认一直来）")
    buyers = argparse.BooleanOptionalAction
    parser.add_argument("--buyers", action=buyers, default=False, help="启动后买家马上开始提问（默认等控制接口）")
    parser.add_argument("--tied", action="store_true", help="标准输入关闭时退出，供启动它的程序使用")
    return Options(**vars(parser.parse_args(arguments)))


def _manners(text: str) -> tuple[str, ...]:
    try:
        return read_manners(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _number(kind: type[int] | type[float], least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{text}” 不是数字") from None
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"“{text}” 超出范围，应在 {least:g} 到 {most:g} 之间")
        return value

    return read
