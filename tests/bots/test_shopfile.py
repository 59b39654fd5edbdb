"""`shops.yaml` as text: one more shop goes in, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import ConfigError
from base.yamlfile import parse_yaml
from bots.settings import load_settings
from bots.shopfile import NewShop, add_shop, find_shop, new_file, with_shop

NEW = NewShop(id="new", title="新店", console="plain", url="https://shop.example/", user="bot")
HERE = Path("shops.yaml")
FIRST = "people: 09:00-22:00\n"

ENDINGS = {
    "plain": "shops:\n  - id: a\n    console: x\n",
    "no indent": "shops:\n- id: a\n  console: x\n",
    "wide indent": "shops:\n      -   id: a\n          console: x\n",
    "no line end": "shops:\n  - id: a\n    console: x",
    "windows": "shops:\r\n  - id: a\r\n    console: x\r\n",
    "byte order mark": "\ufeffshops:\n  - id: a\n    console: x\n",
    "blank lines": "shops:\n  - id: a\n    console: x\n\n\n",
    "keys after": "shops:\n  - id: a\n    console: x\n\nsilence: 3\n",
    "comment after": "shops:\n  - id: a\n    console: x\n# the end\n",
    "comment inside": "shops:\n  - id: a\n    console: x\n    # mode: hold\n\n# the end\n",
    "comment on the line": "shops:\n  - id: a\n    console: x  # here\n",
    "nested last": "shops:\n  - id: a\n    console: x\n    login:\n      user: u  # kept\nsilence: 3\n",
    "nothing last": "shops:\n  - id: a\n    console: x\n    title:\nsilence: 3\n",
    "flow items": "shops:\n  - {id: a, console: x}\n",
    "flow inside": "shops:\n  - id: a\n    console: x\n    pace: {shop: {messages: 3, seconds: 6}}\n",
    "block text": "shops:\n  - id: a\n    console: x\n    title: |\n      one\n      two\n\nsilence: 3\n",
    "folded text": "shops:\n  - id: a\n    console: x\n    title: >-\n      one\n      two\n",
    "quoted over lines": 'shops:\n  - id: a\n    console: x\n    title: "one\n      two"\nsilence: 3\n',
    "several": "shops:\n  - id: a\n    console: x\n  # between\n  - id: b\n    console: x\n",
}


@pytest.mark.parametrize("text", ENDINGS.values(), ids=ENDINGS)
def test_a_shop_goes_to_the_end_of_the_list_and_every_old_line_stays(text: str) -> None:
    added = with_shop(text, NEW, HERE)
    before, after = parse_yaml(text, HERE).data, parse_yaml(added, HERE).data
    assert [shop["id"] for shop in after["shops"]] == [*(shop["id"] for shop in before["shops"]), "new"]
    assert after["shops"][-1]["login"] == {"user": "bot", "secret": "file"}
    assert {**after, "shops": after["shops"][:-1]} == before
    old, lines = text.splitlines(), added.splitlines()
    start = next(place for place, line in enumerate(lines) if "id: new" in line)
    assert lines[:start] + lines[start + 7 :] == old
    assert ("\r\n" in added) == ("\r\n" in text)


def test_comments_of_the_last_shop_stay_with_it() -> None:
    lines = with_shop(ENDINGS["comment inside"], NEW, HERE).splitlines()
    assert lines.index("    # mode: hold") < lines.index("  - id: new") < lines.index("# the end")


@pytest.mark.parametrize("text", ["shops: [{id: a, console: x}]\n", "{shops: [{id: a, console: x}]}\n"])
def test_a_list_on_one_line_is_left_to_the_operator(text: str) -> None:
    with pytest.raises(ConfigError, match="手工添加"):
        with_shop(text, NEW, HERE)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40))
def test_any_title_and_user_come_back_as_they_were(text: str) -> None:
    added = parse_yaml(with_shop(ENDINGS["plain"], replace(NEW, title=text, user=text), HERE), HERE).data
    assert added["shops"][-1]["title"] == text
    assert added["shops"][-1]["login"]["user"] == text


@pytest.mark.parametrize(
    "text", ["null", "true", "Off", "no", "~", "12:30", "007", "1.50", "a: b", "a #b", "-", "*a"]
)
def test_traps_of_yaml_are_quoted(text: str) -> None:
    assert parse_yaml(new_file(replace(NEW, title=text), "09:00-22:00"), HERE).data["shops"][0]["title"] == text


def test_a_new_file_loads(tmp_path: Path) -> None:
    path = tmp_path / "shops.yaml"
    path.write_text(new_file(NEW, "08:30-18:00"), "utf-8")
    settings = load_settings(path)
    assert settings.people == "08:30-18:00"
    assert settings.shops[0].login is not None
    assert "login" not in new_file(replace(NEW, user=None), "08:30-18:00").partition("\nshops:")[2]


def test_added_to_a_file_that_keeps_its_mode_and_link(tmp_path: Path) -> None:
    real = tmp_path / "kept" / "real.yaml"
    real.parent.mkdir()
    real.write_text(FIRST + ENDINGS["plain"])
    real.chmod(0o640)
    link = tmp_path / "shops.yaml"
    link.symlink_to(real)
    add_shop(link, NEW)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert find_shop(link, "new")[1].title == "新店"
    assert [path.name for path in real.parent.iterdir()] == ["real.yaml"]


def test_what_would_not_load_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "shops.yaml"
    path.write_text(FIRST + ENDINGS["plain"])
    with pytest.raises(ConfigError, match="文件没有改动") as caught:
        add_shop(path, replace(NEW, id="a"))
    assert caught.value.problems[0].path == path
    assert path.read_text() == FIRST + ENDINGS["plain"]
    assert [each.name for each in tmp_path.iterdir()] == ["shops.yaml"]


def test_an_unknown_shop_names_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "shops.yaml"
    path.write_text(FIRST + ENDINGS["several"])
    with pytest.raises(ConfigError, match="现有：a、b"):
        find_shop(path, "c")
