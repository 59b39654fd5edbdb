"""Asking for a new shop at the terminal, or taking what the options say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from base.errors import ConfigError, Problem
from base.places import shared
from bots.settings import Secret, ShopId, pack_path, web_address
from bots.shifts.written import Hours
from bots.shopfile import NewShop
from flows.pack import load_pack

Check = Callable[[str], str]


class Asker:
    """Asks until the answer is right; `silent` takes the option given or the default instead."""

    def __init__(self, given: Mapping[str, str | None], *, silent: bool) -> None:
        self._given = given
        self._silent = silent

    def shop(self, folder: Path, taken: Collection[str]) -> NewShop:
        """A new shop whose id is none of `taken`; raises `ConfigError` for a wrong or a missing option."""
        shop_id = self._ask("id", "店铺的代号（id）", None if taken else "main", _free_id(taken))
        title = self._ask("title", "店铺的名称", shop_id, _line)
        console = self._console(folder)
        pack = load_pack(pack_path(console, folder))
        url = self._ask("url", "客服工作台的网址", pack.url, web_address)
        if pack.login.kind != "password":
            return NewShop(id=shop_id, title=title, console=console, url=url)
        user = self._ask("user", "机器人的子账号（不要和人共用）", None, _line)
        sources = _typed(Secret, "只能写 file、keyring 或 env:变量名；密码本身不要写在这里")
        secret = self._ask("secret", "密码从哪里取（file、keyring 或 env:变量名）", "file", sources)
        return NewShop(id=shop_id, title=title, console=console, url=url, user=user, secret=secret)

    def people(self) -> str:
        """When people work."""
        check = _typed(Hours, '要写成 "09:00-22:00" 这样')
        return self._ask("people", "人工客服的上班时间", "09:00-22:00", check)

    def _console(self, folder: Path) -> str:
        packs = sorted(shared("selectors").glob("*.yaml"))

        def check(text: str) -> str:
            listed = text.isdecimal() and 0 < int(text) <= len(packs)
            name = packs[int(text) - 1].stem if listed else text
            load_pack(pack_path(name, folder))
            return name

        if self._given.get("console") is None and not self._silent:
            for number, path in enumerate(packs, 1):
                click.echo(f"  {number} {path.stem}  {load_pack(path).title}")
        return self._ask("console", "后台（编号、名字或自己的 .yaml 文件）", None, check)

    def _ask(self, name: str, question: str, default: str | None, check: Check) -> str:
        given = self._given.get(name)
        if given is not None or self._silent:
            answer = default if given is None else given
            if answer is None:
                hint = f"加上 --{name}，或去掉 --yes 再回答问题"
                raise ConfigError(Problem(message=f"缺少：{question}", hint=hint))
            try:
                return check(answer)
            except ValueError as error:
                raise ConfigError(Problem(message=f"--{name} {error}", hint=question)) from None
        while True:
            try:
                return check(click.prompt(question, default=default, prompt_suffix="：").strip())
            except (ValueError, ConfigError) as error:
                click.echo(f"  {error}")


def _free_id(taken: Collection[str]) -> Check:
    allowed = _typed(ShopId, "只能用字母、数字、汉字、_ 和 -，最多 40 个")

    def check(text: str) -> str:
        if text in taken:
            raise ValueError(f"已经有一家店的 id 是 {text}")
        return allowed(text)

    return check


def _typed(kind: Any, hint: str) -> Check:
    adapter: TypeAdapter[str] = TypeAdapter(kind)

    def check(text: str) -> str:
        try:
            return adapter.validate_python(text)
        except ValidationError:
            raise ValueError(hint) from None

    return check


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("不能是空的，也不能有换行")
    return text.strip()
