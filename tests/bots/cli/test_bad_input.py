"""What bad input gets: exit code 2, the file and line, a suggestion, and no traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from base.places import shared
from tests.bots.cli.conftest import KNOWLEDGE, PACK, SHOPS, Place, Run

ROOT = Path(__file__).resolve().parents[3]
FILES = {
    "shops.yaml": (SHOPS, ["status"]),
    "knowledge.yaml": (KNOWLEDGE, ["knowledge", "check"]),
    "pack.yaml": (PACK, ["selectors", "check", "pack.yaml", "--url", "http://127.0.0.1:1/"]),
}
DUPLICATES = {
    "shops.yaml": "  - {id: tea, console: pack.yaml}\n",
    "knowledge.yaml": "  - {id: 发货地, questions: [哪儿], answer: 这儿}\n",
    "pack.yaml": "composer: {input: textarea, key: Enter}\n",
}
TYPOS = {
    "shops.yaml": ("title:", "titel:"),
    "knowledge.yaml": ("questions:", "question:"),
    "pack.yaml": ("row:", "rows:"),
}
TYPES = {
    "shops.yaml": ("user: bot", "user: [a]"),
    "knowledge.yaml": ("facts:", "facts: 3\nfact:"),
    "pack.yaml": ("as_of: 2026-11-23", "as_of: soon"),
}


def damaged(name: str, how: str) -> bytes | None:
    """The file with one thing wrong; None for one that is not there."""
    good = FILES[name][0]
    match how:
        case "missing":
            return None
        case "empty":
            return b""
        case "50 MB":
            return good.encode()
        case "only comments":
            return b"# nothing\n"
        case "typo":
            return good.replace(*TYPOS[name], 1).encode()
        case "wrong type":
            return good.replace(*TYPES[name], 1).encode()
        case "duplicate":
            return (good + DUPLICATES[name]).encode()
        case "tab":
            return good.replace("\n  ", "\n\t", 1).encode()
        case "not utf-8":
            return good.replace("title:", "title: 茶", 1).encode("gb18030") + "# 茶\n".encode("gb18030")
        case "a list":
            return b"- 1\n- 2\n"
        case "never closed":
            return good.encode() + b"x: [1, 2\n"
        case "code":
            return good.encode() + b"x: !!python/object/apply:os.system [id]\n"
        case _:
            raise AssertionError(how)


def put(place: Place, name: str, how: str) -> None:
    """Damage the file in the folder."""
    path = place.home.folder / name
    content = damaged(name, how)
    if content is None:
        path.unlink()
        return
    path.write_bytes(content)
    if how == "50 MB":
        os.truncate(path, 50 * 1024 * 1024)  # with a hole in it: no disk is filled


WITH_LINE = ("typo", "wrong type", "duplicate", "tab", "not utf-8", "a list", "never closed", "code")
WITHOUT_LINE = ("missing", "empty", "only comments", "50 MB")


@pytest.mark.parametrize("how", [*WITH_LINE, *WITHOUT_LINE])
@pytest.mark.parametrize("name", FILES)
def test_a_wrong_file(run: Run, place: Place, name: str, how: str) -> None:
    put(place, name, how)
    result = run(*FILES[name][1])
    assert result.exit_code == 2
    line = r":\d+: " if how in WITH_LINE else ": "
    assert re.match(re.escape(str(place.home.folder / name)) + line, result.stderr)
    assert re.search("建议：|应该是", result.stderr)
    assert result.stdout == ""


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_the_place_of_a_file(run: Run, place: Place, name: str) -> None:
    (place.home.folder / name).unlink()
    (place.home.folder / name).mkdir()
    result = run(*FILES[name][1])
    assert result.exit_code == 2
    assert str(place.home.folder / name) in result.stderr


def test_a_pack_that_is_not_there_names_those_that_are(run: Run) -> None:
    result = run("selectors", "check", "nosuch", "--url", "http://127.0.0.1:1/")
    assert result.exit_code == 2
    names = sorted(path.stem for path in shared("selectors").glob("*.yaml"))
    assert f"现有：{'、'.join(names)}" in result.stderr


def test_many_problems_are_told_twenty_at_a_time(run: Run, place: Place) -> None:
    entries = "".join(f"  - {{id: a{number}, questions: [问], answr: 答}}\n" for number in range(50))
    place.write("knowledge.yaml", f"entries:\n{entries}")
    result = run("knowledge", "check")
    assert result.exit_code == 2
    assert len(re.findall(r"knowledge\.yaml:\d+: ", result.stderr)) == 20
    assert "还有 " in result.stderr


def test_a_home_that_is_a_file(run: Run, place: Place) -> None:
    result = run("--home", place.home.shops, "init")
    assert result.exit_code == 2
    assert "不是文件夹" in result.stderr


def nightdesk(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """The real command, in a process of its own."""
    command = Path(sys.executable).with_name("nightdesk")
    return subprocess.run(
        [command, "--home", home, *args], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("name", "how"),
    [("shops.yaml", "typo"), ("knowledge.yaml", "tab"), ("pack.yaml", "duplicate"), ("shops.yaml", "50 MB")],
)
def test_the_real_command_says_the_same(place: Place, run: Run, name: str, how: str) -> None:
    put(place, name, how)
    done = nightdesk(place.home.folder, *FILES[name][1])
    assert (done.returncode, done.stdout, done.stderr) == (2, "", run(*FILES[name][1]).stderr)


def test_the_real_command_where_the_pipe_breaks(place: Place) -> None:
    command = f"{Path(sys.executable).with_name('nightdesk')} --home {place.home.folder} selectors list | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_the_real_command_on_a_terminal_that_knows_little(place: Place) -> None:
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    command = Path(sys.executable).with_name("nightdesk")
    done = subprocess.run(
        [command, "--home", place.home.folder, "status"], env=environ, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
