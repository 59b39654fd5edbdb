"""Passwords: where they come from, who may read them, and that nothing shows them."""

from __future__ import annotations

import json
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from base.errors import ConfigError
from base.masking import mask
from bots.home import Home
from bots.secrets import Kept, address_of, must_be_settable, password_of, secret_for, set_secret
from bots.settings import Login, Shop


def shop(source: str = "file", name: str = "tea") -> Kept:
    return password_of(Shop(id=name, console="any", login=Login(user="bot", secret=source)))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_kept_in_a_file_that_only_the_owner_may_read(home: Home) -> None:
    assert set_secret(shop(), home, "pass wörd😀") == str(home.secrets)
    set_secret(shop(name="coffee"), home, "other-one")
    assert secret_for(shop(), home)() == "pass wörd😀"
    assert secret_for(shop(name="coffee"), home)() == "other-one"
    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o600
    assert [path.name for path in home.data.glob("secrets*")] == ["secrets.json"]


def test_of_many_that_are_kept_at_once_none_is_lost(home: Home) -> None:
    names = [f"shop{number}" for number in range(24)]
    with ThreadPoolExecutor(8) as several:
        list(several.map(lambda name: set_secret(shop(name=name), home, f"word of {name}"), names))
    assert [secret_for(shop(name=name), home)() for name in names] == [f"word of {name}" for name in names]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_file_that_others_may_read_is_refused(home: Home, mode: int) -> None:
    set_secret(shop(), home, "pass-word")
    home.secrets.chmod(mode)
    for act in (secret_for(shop(), home), lambda: set_secret(shop(), home, "new-word")):
        with pytest.raises(ConfigError, match="chmod 600"):
            act()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tea": 1}', '{"tea": {"a": "b"}}'])
def test_a_broken_file_says_what_to_do(home: Home, text: str) -> None:
    home.prepare()
    home.secrets.touch(mode=0o600)
    home.secrets.write_text(text)
    with pytest.raises(ConfigError, match="nightdesk secret set"):
        secret_for(shop(), home)()


def test_none_there_says_what_to_run(home: Home) -> None:
    with pytest.raises(ConfigError, match="nightdesk secret set tea"):
        secret_for(shop(), home)()


def test_from_the_environment(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = secret_for(shop("env:TEA_PASSWORD"), home)
    with pytest.raises(ConfigError, match="export TEA_PASSWORD"):
        look_up()
    monkeypatch.setenv("TEA_PASSWORD", "from-environment")
    assert look_up() == "from-environment"


def test_one_from_the_environment_is_not_ours_to_keep(home: Home) -> None:
    for act in (lambda: must_be_settable(shop("env:X")), lambda: set_secret(shop("env:X"), home, "word")):
        with pytest.raises(ConfigError, match="环境变量"):
            act()
    assert not home.data.exists()


@pytest.mark.parametrize("value", ["", "two\nlines", "tab\there", "\x00"])
def test_what_can_be_no_password(home: Home, value: str) -> None:
    with pytest.raises(ConfigError):
        set_secret(shop(), home, value)
    assert not home.secrets.exists()


def test_without_the_keyring_package(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match=r"nightdesk\[keyring\]"):
        secret_for(shop("keyring"), home)()


class KeyringError(Exception):
    """What the keyring raises."""


def keyring(**acts: object) -> ModuleType:
    module = ModuleType("keyring")
    module.__dict__.update(acts, errors=SimpleNamespace(KeyringError=KeyringError))
    return module


def test_in_the_keyring(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}
    put = lambda service, name, value: kept.__setitem__((service, name), value)  # noqa: E731
    monkeypatch.setitem(
        sys.modules,
        "keyring",
        keyring(get_password=lambda service, name: kept.get((service, name)), set_password=put),
    )
    assert set_secret(shop("keyring"), home, "in-the-ring") == "系统钥匙串"
    assert kept == {("nightdesk", "tea"): "in-the-ring"}
    assert secret_for(shop("keyring"), home)() == "in-the-ring"
    assert not home.secrets.exists()


def test_a_locked_keyring(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_args: str) -> str:
        raise KeyringError("the-secret-itself")

    monkeypatch.setitem(sys.modules, "keyring", keyring(get_password=locked))
    with pytest.raises(ConfigError, match="钥匙串") as caught:
        secret_for(shop("keyring"), home)()
    assert "the-secret-itself" not in str(caught.value)


def test_what_was_read_or_kept_is_masked_everywhere(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    set_secret(shop(), home, "kept-9f3a")
    monkeypatch.setenv("TEA_PASSWORD", "read-7c1e")
    secret_for(shop("env:TEA_PASSWORD"), home)()
    assert mask("typed kept-9f3a and read-7c1e") == "typed *** and ***"


def test_a_password_with_quotes_stays_json(home: Home) -> None:
    set_secret(shop(), home, '"}{"\\')
    assert json.loads(home.secrets.read_text("utf-8")) == {"tea": '"}{"\\'}


def test_the_address_of_a_channel_is_kept_like_a_password(home: Home) -> None:
    with pytest.raises(ConfigError, match="nightdesk secret set alerts/值班群"):
        secret_for(address_of("值班群", "file"), home)()
    set_secret(address_of("值班群", "file"), home, "https://robot.test/send?key=b7c1d2e3")
    assert secret_for(address_of("值班群", "file"), home)() == "https://robot.test/send?key=b7c1d2e3"
    assert mask("POST https://robot.test/send?key=b7c1d2e3") == "POST ***"
