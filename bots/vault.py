"""Saved sessions, sealed: whoever has one can act as the shop.

At rest under a key of this machine; on their way to another machine under a passphrase that a person chose.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from loguru import logger

from base.errors import ConfigError, Problem
from base.masking import keep_secret
from base.privatefile import write_private
from bots.secrets import ask_keyring, password_of
from bots.settings import Shop

KEY_VARIABLE = "NIGHTDESK_STATE_KEY"
_KEY_NAME = "states/key"
_LEAST_KEY = 16
_KEY_BYTES, _NONCE_BYTES, _SALT_BYTES = 32, 12, 16
_KIND, _VERSION = "nightdesk session", 1
State = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """One shop's saved session in a folder of its owner's. `keyring`: its key is kept there, not in a file."""

    folder: Path
    shop: str
    keyring: bool = False

    @classmethod
    def of(cls, shop: Shop, folder: Path) -> Vault:
        """Where the shop's password is kept, there the key is kept too, unless the environment has it."""
        return cls(folder=folder, shop=shop.id, keyring=password_of(shop).source == "keyring")

    def load(self) -> State | None:
        """The session; None where there is none that can be read, of which the log says why."""
        self._take_over()
        try:
            sealed = json.loads(self._path.read_text("utf-8"))
            return _shaped(json.loads(_open(sealed, self._key(), self._about)))
        except FileNotFoundError:
            return None
        except ConfigError as error:
            why = str(error)
        except InvalidTag:
            why = "it was sealed with another key, or changed"
        except (OSError, ValueError, KeyError, TypeError) as error:
            why = f"the file is damaged ({type(error).__name__})"
        logger.bind(shop=self.shop).warning("saved session cannot be used, logging in without it: {}", why)
        return None

    def save(self, state: State) -> None:
        """Keep the session for the next start; raises `ConfigError` where it or its key cannot be had or kept."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._path, json.dumps(_close(json.dumps(state), self._key(), self._about)))
        except OSError as error:
            problem = Problem(message=f"登录状态存不下来：{error.strerror}", path=self._path)
            raise ConfigError(problem) from None

    def stamp(self) -> int | None:
        """Changes whenever a session is saved; None where there is none."""
        try:
            return self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return None

    @property
    def _path(self) -> Path:
        return self.folder / f"{self.shop}.sealed"

    @property
    def _about(self) -> bytes:
        return f"{_KIND} {self.shop}".encode()

    def _key(self) -> bytes:
        text = os.environ.get(KEY_VARIABLE)
        if text is None:
            text = _from_keyring() if self.keyring else _from_file(self.folder / "key")
        elif len(text) < _LEAST_KEY:
            hint = f"至少 {_LEAST_KEY} 个字符，例如 openssl rand -base64 32 的输出"
            raise ConfigError(Problem(message=f"环境变量 {KEY_VARIABLE} 太短", hint=hint))
        keep_secret(text)
        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_KIND.encode()).derive(text.encode())

    def _take_over(self) -> None:
        """A session that was saved before sessions were sealed is sealed now, and its plain file goes."""
        plain = self.folder / f"{self.shop}.json"
        try:
            state = _shaped(json.loads(plain.read_text("utf-8")))
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            state = None
        try:
            if state is not None and self.stamp() is None:
                self.save(state)
            plain.unlink()
        except (OSError, ConfigError) as error:
            logger.bind(shop=self.shop).warning("the old saved session could not be sealed: {}", error)


def seal(state: State, shop: str, passphrase: str) -> str:
    """A session as a file for another machine."""
    salt = secrets.token_bytes(_SALT_BYTES)
    head = {"kind": _KIND, "version": _VERSION, "shop": shop, "salt": _text(salt)}
    return json.dumps(head | _close(json.dumps(state), _stretched(passphrase, salt), _head_of(head)), indent=1)


def unseal(path: Path, shop: str, passphrase: str) -> State:
    """The session in a file that `seal` made; raises `ConfigError` for any other."""
    try:
        sealed = json.loads(path.read_text("utf-8"))
        if sealed["kind"] != _KIND or sealed["version"] != _VERSION:
            raise ValueError
        if sealed["shop"] != shop:
            hint = f"这是店铺 {sealed['shop']} 的；两边 shops.yaml 里的店铺代号要一样"
            raise ConfigError(Problem(message=f"这不是店铺 {shop} 的登录状态", path=path, hint=hint))
        key = _stretched(passphrase, _bytes(sealed["salt"]))
        state = _shaped(json.loads(_open(sealed, key, _head_of(sealed))))
    except OSError as error:
        raise ConfigError(Problem(message=f"读不了这个文件：{error.strerror}", path=path)) from None
    except InvalidTag:
        raise ConfigError(
            Problem(message="口令不对，或者文件被改动过", path=path, hint="重新输入导出时的口令")
        ) from None
    except (ValueError, KeyError, TypeError):
        state = None
    if state is None:
        hint = "重新用 nightdesk login 店铺代号 --export 文件 导出，整个拷过来"
        raise ConfigError(Problem(message="文件不完整，或者不是导出的登录状态", path=path, hint=hint))
    return state


def lossy(state: State) -> list[str]:
    """Which stores of the browser's IndexedDB, as `database/store`, hold what cannot be saved: keys, files.

    The browser's driver saves a CryptoKey or a Blob as an object without anything in it.
    """
    stores = [
        (f"{base['name']}/{store['name']}", store)
        for origin in state["origins"]
        for base in origin.get("indexedDB", ())
        for store in base["stores"]
    ]
    return [name for name, store in stores if any(_is_empty(one.get("valueEncoded")) for one in store["records"])]


def _is_empty(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_is_empty, value))
    return isinstance(value, dict) and (value.get("o") == [] or any(map(_is_empty, value.values())))


def _shaped(state: Any) -> State | None:
    shaped = isinstance(state, dict) and all(isinstance(state.get(part), list) for part in ("cookies", "origins"))
    return state if shaped else None


def _close(text: str, key: bytes, about: bytes) -> dict[str, str]:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return {"nonce": _text(nonce), "sealed": _text(AESGCM(key).encrypt(nonce, text.encode(), about))}


def _open(sealed: Mapping[str, str], key: bytes, about: bytes) -> bytes:
    return AESGCM(key).decrypt(_bytes(sealed["nonce"]), _bytes(sealed["sealed"]), about)


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_KEY_BYTES, n=2**15, r=8, p=1).derive(passphrase.encode())


def _head_of(sealed: Mapping[str, Any]) -> bytes:
    return f"{sealed['kind']} {sealed['version']} {sealed['shop']}".encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _from_keyring() -> str:
    text = ask_keyring("get_password", _KEY_NAME)
    if text is None:
        text = secrets.token_urlsafe(_KEY_BYTES)
        ask_keyring("set_password", _KEY_NAME, text)
    return text


def _from_file(path: Path) -> str:
    """The key in a file, made at first use; of several processes that make it at once, one is first."""
    if not path.exists():
        handle, fresh = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            Path(fresh).unlink()
    with path.open(encoding="ascii") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        text = file.read().strip()
    if mode & 0o077:
        message = f"密钥文件的权限太宽（{mode:o}），别人也能读"
        raise ConfigError(Problem(message=message, path=path, hint=f"运行 chmod 600 {path}"))
    if len(text) < _LEAST_KEY:
        hint = "删掉它，下次会做一个新的；保存过的登录状态就不能用了，要重新登录"
        raise ConfigError(Problem(message="密钥文件坏了", path=path, hint=hint))
    return text
