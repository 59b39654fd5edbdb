"""`init`, `shop add` and `secret set`: asked for, or given as options."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from base.masking import mask
from base.places import shared
from bots.cli import main
from bots.home import Home
from bots.settings import load_settings
from knowledge.model import load_knowledge
from tests.bots.cli.conftest import PACK, Place, Run

GIVEN = ("--yes", "--console", "pack.yaml", "--user", "bot")


def call(home: Path, *args: str, input: str | None = None) -> Result:
    result = CliRunner().invoke(main, ["--home", str(home), *args], input=input)
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with nothing but a pack of the operator's own."""
    (tmp_path / "pack.yaml").write_text(PACK, "utf-8")
    return tmp_path


def test_init_without_questions(empty: Path) -> None:
    assert call(empty, "init", *GIVEN, "--id", "茶", "--people", "08:00-20:00").exit_code == 0
    settings = load_settings(empty / "shops.yaml")
    (shop,) = settings.shops
    assert (shop.id, shop.title, shop.console, shop.url) == ("茶", "茶", "pack.yaml", "http://tea.test/desk")
    assert shop.login is not None
    assert (shop.login.user, shop.login.secret) == ("bot", "file")
    assert settings.people == "08:00-20:00"
    assert load_knowledge(empty / "knowledge.yaml") == load_knowledge(shared("knowledge.yaml"))


def test_init_asks_again_until_an_answer_is_right(empty: Path) -> None:
    answers = (
        "a b",
        "tea",
        "茶叶店",
        "nosuch",
        "pack.yaml",
        "tea.test",
        "",
        "",
        "bot",
        "my-password",
        "env:TEA",
        "9点",
        "",
    )
    result = call(empty, "init", input="\n".join((*answers, "")))
    assert result.exit_code == 0, result.output
    (shop,) = load_settings(empty / "shops.yaml").shops
    assert (shop.id, shop.title, shop.url) == ("tea", "茶叶店", "http://tea.test/desk")
    assert shop.login is not None
    assert shop.login.secret == "env:TEA"
    for said in (
        "只能用字母",
        "没有名叫“nosuch”",
        "http:// 或 https://",
        "密码本身不要写在这里",
        '"09:00-22:00" 这样',
    ):
        assert said in result.output


def test_a_listed_console_is_chosen_by_its_number(empty: Path) -> None:
    first = sorted(shared("selectors").glob("*.yaml"))[0].stem
    result = call(empty, "init", input="tea\n\n1\n\nbot\n\n\n")
    assert result.exit_code == 0, result.output
    assert load_settings(empty / "shops.yaml").shops[0].console == first


def test_init_overwrites_nothing(place: Place, run: Run) -> None:
    before = {path.name: path.read_bytes() for path in place.home.folder.iterdir() if path.is_file()}
    result = run("init", *GIVEN)
    assert result.exit_code == 0
    assert result.output.count("已经有了，没有改动") == 2
    assert {path.name: path.read_bytes() for path in place.home.folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("name", ["shops.yaml", "knowledge.yaml"])
@pytest.mark.parametrize(("content", "said"), [("", "文件是空的"), ("# 店铺\n", "文件是空的"), (None, "文件夹")])
def test_init_says_what_stands_in_the_way(empty: Path, name: str, content: str | None, said: str) -> None:
    if content is None:
        (empty / name).mkdir()
    else:
        (empty / name).write_text(content, "utf-8")
    result = call(empty, "init", *GIVEN)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr and str(empty / name) in result.stderr and "改名" in result.stderr
    assert {path.name for path in empty.iterdir()} == {"pack.yaml", ".nightdesk", name}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--yes",), "--console"),
        (("--yes", "--console", "pack.yaml"), "--user"),
        ((*GIVEN, "--id", "a b"), "--id 只能用字母"),
        ((*GIVEN, "--url", "tea.test"), "--url 网址要以 http://"),
        ((*GIVEN, "--secret", "pass-word"), "密码本身不要写在这里"),
        ((*GIVEN, "--people", "9-5"), "--people 要写成"),
        (("--yes", "--console", "nosuch", "--user", "bot"), "没有名叫“nosuch”"),
    ],
)
def test_a_wrong_or_missing_option_writes_nothing(empty: Path, args: Sequence[str], said: str) -> None:
    result = call(empty, "init", *args)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (empty / "shops.yaml").exists()


def test_a_console_without_a_password_form_asks_for_no_account(empty: Path) -> None:
    line = 'login: {kind: password, username: "#user", password: "#word", submit: "#enter"}'
    (empty / "pack.yaml").write_text(PACK.replace(line, "login: {kind: qr}"), "utf-8")
    assert call(empty, "init", "--yes", "--console", "pack.yaml").exit_code == 0
    assert load_settings(empty / "shops.yaml").shops[0].login is None


def test_a_shop_is_added_and_the_rest_stays(place: Place, run: Run) -> None:
    before = place.home.shops.read_text("utf-8")
    assert run("shop", "add", *GIVEN, "--id", "coffee", "--title", "咖啡: 店").exit_code == 0
    assert place.home.shops.read_text("utf-8").startswith(before)
    assert [shop.title for shop in load_settings(place.home.shops).shops] == ["茶叶店", "咖啡: 店"]


@pytest.mark.parametrize("shop_id", ["tea", "a/b", "", "x" * 41])
def test_an_id_that_is_taken_or_wrong_adds_nothing(place: Place, run: Run, shop_id: str) -> None:
    before = place.home.shops.read_bytes()
    result = run("shop", "add", *GIVEN, "--id", shop_id)
    assert result.exit_code == 2
    assert "--id" in result.stderr
    assert place.home.shops.read_bytes() == before


def test_a_password_is_asked_for_twice_and_never_shown(place: Place, run: Run) -> None:
    result = run("secret", "set", "tea", input="pass-3f9a\npass-3f9b\npass-3f9a\npass-3f9a\n")
    assert result.exit_code == 0, result.output
    assert "pass-" not in result.output
    assert "两次输入的不一样" in result.output and "Error" not in result.output
    assert json.loads(place.home.secrets.read_text("utf-8")) == {"tea": "pass-3f9a"}
    assert mask("pass-3f9a") == "***"


@pytest.mark.parametrize(
    ("args", "input", "said"),
    [
        (("coffee",), "x", "没有 id 为“coffee”的店铺"),
        (("tea", "--stdin"), "", "密码是空的"),
        (("tea", "--stdin"), "a\tb\n", "不可见的字符"),
    ],
)
def test_a_password_that_cannot_be_kept(run: Run, args: Sequence[str], input: str, said: str) -> None:
    result = run("secret", "set", *args, input=input)
    assert result.exit_code == 2
    assert said in result.stderr


def test_one_from_the_environment_is_not_asked_for(place: Place, run: Run) -> None:
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + "      secret: env:TEA\n")
    result = run("secret", "set", "tea", input="")
    assert result.exit_code == 2
    assert "export TEA=" in result.stderr


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = call(tmp_path / "file" / "home", "init", *GIVEN)
    assert result.exit_code == 2
    assert "不能在这里写文件" in result.stderr
    assert not Home(tmp_path / "file" / "home").data.exists()


ALERTS = """\
alerts:
  channels: {值班群: file, 邮箱: env:MAIL}
  people: [{name: 小王, channels: [值班群, 邮箱]}]
  watcher: {every: 30}
"""


@pytest.mark.parametrize("name", ["值班群", "watcher"])
def test_the_address_of_an_alert_channel(run: Run, place: Place, name: str) -> None:
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + ALERTS)
    result = run("secret", "set", f"alerts/{name}", "--stdin", input="https://robot.test/send?key=b7c1d2\n")
    assert (result.exit_code, "b7c1d2" in result.output) == (0, False)
    kept = json.loads(place.home.secrets.read_text("utf-8"))
    assert kept == {f"alerts/{name}": "https://robot.test/send?key=b7c1d2"}


@pytest.mark.parametrize(
    ("written", "name", "said"),
    [("", "值班群", "docs/alerts.md"), (ALERTS, "电话", "值班群、邮箱、watcher"), (ALERTS, "邮箱", "MAIL")],
)
def test_an_address_that_cannot_be_kept(run: Run, place: Place, written: str, name: str, said: str) -> None:
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + written)
    result = run("secret", "set", f"alerts/{name}", "--stdin", input="https://robot.test/\n")
    assert result.exit_code == 2
    assert said in result.stderr


def test_the_token_for_figures(run: Run, place: Place) -> None:
    refused = run("secret", "set", "metrics/token", "--stdin", input="c0rrect-h0rse\n")
    assert (refused.exit_code, "docs/metrics.md" in refused.stderr) == (2, True)
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + "metrics: {port: 9464}\n")
    result = run("secret", "set", "metrics/token", "--stdin", input="c0rrect-h0rse\n")
    assert (result.exit_code, "c0rrect-h0rse" in result.output) == (0, False)
    assert json.loads(place.home.secrets.read_text("utf-8")) == {"metrics/token": "c0rrect-h0rse"}
