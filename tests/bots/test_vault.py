"""Saved sessions: sealed at rest, taken over once, moved under a passphrase, and what no browser can save."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from playwright.async_api import Browser, BrowserContext, Route

from base.clock import SystemClock
from base.errors import ConfigError
from base.places import shared
from bots.browser import Chromium
from bots.settings import Login, Shop
from bots.vault import KEY_VARIABLE, Vault, lossy, seal, unseal
from flows.pack import load_pack
from tests.lines import line_of

STATE: dict[str, Any] = {"cookies": [{"name": "session", "value": "let-me-in"}], "origins": []}


SEALED = seal(STATE, "tea", "open sesame")


def vault(folder: Path, shop: str = "tea", *, keyring: bool = False) -> Vault:
    return Vault(folder=folder, shop=shop, keyring=keyring)


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}


def test_a_session_is_sealed_for_its_shop_and_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "states"
    assert vault(folder).load() is None
    vault(folder).save(STATE)
    assert vault(folder).load() == STATE
    assert set(files(folder)) == {"key", "tea.sealed"}
    assert "let-me-in" not in str(files(folder))
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    (folder / "tea.sealed").rename(folder / "cup.sealed")
    assert vault(folder, "cup").load() is None


def test_each_saving_is_seen_by_others(tmp_path: Path) -> None:
    box = vault(tmp_path)
    assert box.stamp() is None
    box.save(STATE)
    first = box.stamp()
    box.save(STATE)
    assert box.stamp() not in (None, first)


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "tea.sealed").write_text("{"),
        lambda folder: (folder / "tea.sealed").write_text('{"nonce": "!", "sealed": 1}'),
        lambda folder: (folder / "tea.sealed").write_bytes(b"\xff\xfe"),
        lambda folder: (folder / "key").write_text("another key than the one before"),
        lambda folder: (folder / "key").write_text(""),
        lambda folder: (folder / "key").chmod(0o644),
        lambda folder: (folder / "key").unlink(),
    ],
)
def test_one_that_cannot_be_read_is_as_none(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    vault(tmp_path).save(STATE)
    harm(tmp_path)
    assert vault(tmp_path).load() is None


def test_the_key_may_come_from_the_environment_or_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "from the environment, long enough")
    vault(tmp_path).save(STATE)
    assert vault(tmp_path).load() == STATE
    monkeypatch.setenv(KEY_VARIABLE, "too short")
    assert vault(tmp_path).load() is None
    with pytest.raises(ConfigError, match="太短"):
        vault(tmp_path).save(STATE)
    monkeypatch.delenv(KEY_VARIABLE)
    ring: dict[str, str] = {}
    module = ModuleType("keyring")
    module.__dict__["get_password"] = lambda _service, name: ring.get(name)
    module.__dict__["set_password"] = lambda _service, name, value: ring.__setitem__(name, value)
    monkeypatch.setitem(sys.modules, "keyring", module)
    login = Login(user="bot", secret="keyring")
    box = Vault.of(Shop(id="tea", console="any", login=login), tmp_path)
    box.save(STATE)
    assert (box.load(), list(ring), set(files(tmp_path))) == (STATE, ["states/key"], {"tea.sealed"})


def test_of_many_that_make_the_key_at_once_all_use_the_same(tmp_path: Path) -> None:
    shops = [f"shop-{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda shop: vault(tmp_path, shop).save(STATE), shops))
    assert [vault(tmp_path, shop).load() for shop in shops] == [STATE] * 8
    assert set(files(tmp_path)) == {"key", *(f"{shop}.sealed" for shop in shops)}


@pytest.mark.parametrize(("old", "found"), [(json.dumps(STATE), STATE), ("[]", None), ("{", None)])
def test_what_was_saved_before_is_taken_over_once(tmp_path: Path, old: str, found: object) -> None:
    (tmp_path / "tea.json").write_text(old, "utf-8")
    assert vault(tmp_path).load() == found
    assert "tea.json" not in files(tmp_path)
    assert vault(tmp_path).load() == found


# --- to another machine --------------------------------------------------------------------------------------


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    path = tmp_path / "tea.session"
    path.write_text(SEALED, "utf-8")
    return path


def test_a_session_arrives_at_the_shop_it_is_of(moved: Path) -> None:
    assert "let-me-in" not in moved.read_text("utf-8")
    assert unseal(moved, "tea", "open sesame") == STATE


def edited(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


@pytest.mark.parametrize(
    ("harm", "shop", "passphrase", "told"),
    [
        (lambda _path: None, "tea", "open says me", "口令不对"),
        (lambda _path: None, "cup", "open sesame", "这不是店铺 cup 的登录状态"),
        (lambda path: edited(path, shop="cup"), "cup", "open sesame", "口令不对，或者文件被改动过"),
        (lambda path: path.write_text(path.read_text("utf-8")[:150], "utf-8"), "tea", "open sesame", "文件不完整"),
        (lambda path: path.write_text("", "utf-8"), "tea", "open sesame", "文件不完整"),
        (lambda path: path.write_bytes(b"\x89PNG\xff"), "tea", "open sesame", "文件不完整"),
        (lambda path: edited(path, version=2), "tea", "open sesame", "文件不完整"),
        (lambda path: path.unlink(), "tea", "open sesame", "读不了这个文件"),
    ],
)
def test_any_other_file_is_told_in_one_error(
    moved: Path, harm: Callable[[Path], object], shop: str, passphrase: str, told: str
) -> None:
    harm(moved)
    with pytest.raises(ConfigError, match=told) as caught:
        unseal(moved, shop, passphrase)
    assert passphrase not in str(caught.value)


# --- what a browser cannot save ------------------------------------------------------------------------------

FILL = """async () => {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const base = await new Promise((done) => {
    const asked = indexedDB.open("desk", 1);
    const names = ["keys", "files", "nested", "plain"];
    asked.onupgradeneeded = () => names.map((name) => asked.result.createObjectStore(name));
    asked.onsuccess = () => done(asked.result);
  });
  const act = base.transaction(base.objectStoreNames, "readwrite");
  act.objectStore("keys").put(key, "own");
  act.objectStore("files").put(new Blob(["a"]), "one");
  act.objectStore("nested").put({ at: new Date(), parts: [{ key }] }, "one");
  act.objectStore("plain").put({ token: "t", none: {}, list: [] }, "one");
  act.objectStore("plain").put(new Uint8Array([1, 2]), "two");
  await new Promise((done) => { act.oncomplete = done; });
}"""


# A file under a name of its own: what is saved of it has no name any more, and cannot be put back.
FILE = """async () => {
  const asked = indexedDB.open("desk", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("files", { keyPath: "name" });
  const base = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const act = base.transaction(["files"], "readwrite");
  act.objectStore("files").put(new File(["a"], "one"));
  await new Promise((done) => { act.oncomplete = done; });
  localStorage.setItem("session", "let-me-in");
}"""


async def filled(context: BrowserContext, script: str) -> dict[str, Any]:
    """What is saved of a page that has filled its stores by a script."""

    async def serve(route: Route) -> None:
        await route.fulfill(body="<p>工作台</p>", content_type="text/html; charset=utf-8")

    await context.route("http://localhost/**", serve)  # a page without TLS has keys only there
    page = await context.new_page()
    await page.goto("http://localhost/")
    await page.evaluate(script)
    return cast(dict[str, Any], await context.storage_state(indexed_db=True))


async def test_keys_and_files_of_a_page_are_found_to_be_lost(context: BrowserContext) -> None:
    assert lossy(await filled(context, FILL)) == ["desk/files", "desk/keys", "desk/nested"]


async def test_a_session_that_no_browser_takes_is_not_taken_for_a_browser_that_is_gone(
    context: BrowserContext, browser: Browser
) -> None:
    """`BrowserGone` ends the worker's browser with all its shops, and the next one meets the same session."""
    pack = load_pack(shared("selectors") / "practice-plain.yaml")
    saved = await filled(context, FILE)
    for state, kept in ((saved, ["session"]), ({**saved, "cookies": [{"name": "no domain", "value": ""}]}, [])):
        page = await Chromium(browser, line_of(browser)).console(pack, state, SystemClock(), lambda _changed: None)
        left: Any = await page.state()
        assert [item["name"] for origin in left["origins"] for item in origin["localStorage"]] == kept
        await page.close()
