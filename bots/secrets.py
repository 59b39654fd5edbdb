"""Where passwords and the addresses of alerts come from.

They are read when needed, never printed, and masked wherever text is shown.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from base.errors import ConfigError, Problem
from base.masking import keep_secret
from base.privatefile import write_private
from bots.home import Home
from bots.settings import Metrics, Shop

_SERVICE = "nightdesk"
TOKEN = "metrics/token"  # noqa: S105 - its name; no shop's id has a slash


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A secret: the name it is kept under, where (`file`, `keyring`, `env:NAME`), and what it is, in words."""

    name: str
    source: str
    what: str


def password_of(shop: Shop) -> Kept:
    """The password of the shop's sub-account."""
    return Kept(name=shop.id, source=shop.login.secret if shop.login else "file", what=f"店铺 {shop.id} 的密码")


def address_of(name: str, source: str) -> Kept:
    """The address of an alert channel, or of the watcher: it holds a token."""
    return Kept(name=f"alerts/{name}", source=source, what=f"告警渠道 {name} 的地址")


def token_of(metrics: Metrics) -> Kept:
    """The token that who reads health and figures must show."""
    return Kept(name=TOKEN, source=metrics.secret, what="看指标的口令")


def secret_for(kept: Kept, home: Home) -> Callable[[], str]:
    """A look-up of the secret; calling it raises `ConfigError` where there is none."""

    def look_up() -> str:
        if kept.source.startswith("env:"):
            value = os.environ.get(kept.source.removeprefix("env:"))
        elif kept.source == "keyring":
            value = ask_keyring("get_password", kept.name)
        else:
            value = _read(home.secrets).get(kept.name)
        if not value:
            raise ConfigError(Problem(message=f"{kept.what}还没有保存（{kept.source}）", hint=_hint(kept)))
        keep_secret(value)
        return value

    return look_up


def must_be_settable(kept: Kept) -> None:
    """Raises `ConfigError` where the secret is not ours to keep."""
    if kept.source.startswith("env:"):
        raise ConfigError(Problem(message=f"{kept.what}来自环境变量", hint=_hint(kept)))


def set_secret(kept: Kept, home: Home, value: str) -> str:
    """Keep `value`; says where. Raises `ConfigError` where it cannot be kept."""
    keep_secret(value)
    if not value:
        raise ConfigError(Problem(message=f"{kept.what}是空的"))
    if not value.isprintable():
        raise ConfigError(Problem(message=f"{kept.what}里有换行或不可见的字符", hint="重新输入，不要带回车和 Tab"))
    must_be_settable(kept)
    if kept.source == "keyring":
        ask_keyring("set_password", kept.name, value)
        return "系统钥匙串"
    home.prepare()
    with _alone_in(home.data):
        _write(home.secrets, {**_read(home.secrets), kept.name: value})
    return str(home.secrets)


def _hint(kept: Kept) -> str:
    if kept.source.startswith("env:"):
        return f"先运行 export {kept.source.removeprefix('env:')}=…，或把 shops.yaml 里的 {kept.source} 改成 file"
    return f"运行 nightdesk secret set {kept.name}"


def _read(path: Path) -> Mapping[str, str]:
    try:
        with path.open(encoding="utf-8") as file:
            # Asked of the open file: a path could be swapped between the look and the reading.
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                message = f"密码文件的权限太宽（{mode:o}），别人也能读"
                raise ConfigError(Problem(message=message, path=path, hint=f"运行 chmod 600 {path}"))
            kept = json.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(Problem(message=f"读不了密码文件：{error.strerror}", path=path)) from None
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
        hint = "删掉它，再运行 nightdesk secret set 重新输入每家店的密码"
        raise ConfigError(Problem(message="密码文件坏了", path=path, hint=hint))
    return kept


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Whoever keeps another secret at the same moment waits: each puts back all that there are."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(path: Path, kept: Mapping[str, str]) -> None:
    try:
        write_private(path, json.dumps(kept, ensure_ascii=False, indent=2))
    except OSError as error:
        raise ConfigError(Problem(message=f"密码存不下来：{error.strerror}", path=path)) from None


def ask_keyring(act: Literal["get_password", "set_password"], *args: str) -> str | None:
    """Look up a name in the keyring, or keep a value under it; raises `ConfigError` where there is none."""
    try:
        keyring: Any = import_module("keyring")
    except ImportError:
        hint = "运行 pip install 'nightdesk[keyring]'，或把 shops.yaml 里的 secret 改成 file"
        raise ConfigError(Problem(message="没有安装系统钥匙串的支持（keyring）", hint=hint)) from None
    try:
        value: str | None = getattr(keyring, act)(_SERVICE, *args)
    except keyring.errors.KeyringError as error:
        hint = "先登录桌面会话解锁钥匙串，或把 shops.yaml 里的 secret 改成 file"
        raise ConfigError(Problem(message=f"系统钥匙串用不了：{type(error).__name__}", hint=hint)) from None
    return value
