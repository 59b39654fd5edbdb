"""The command in a folder of its own, called in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from base.clock import SystemClock
from bots.cli import main
from bots.home import Home
from storage.ledger import Ledger
from storage.records import ShopState
from tests.fresh import fresh

SHOPS = """\
people: "09:00-22:00"
shops:
  - id: tea
    title: 茶叶店
    console: pack.yaml
    login:
      user: bot
"""
KNOWLEDGE = """\
facts:
  发货时限: 48小时
  发货地:
entries:
  - id: 发货时间
    questions: [什么时候发货, 多久能发货, 几天发出]
    answer: 亲，付款后{facts.发货时限}内发出
  - id: 发货地
    questions: [从哪里发货, 哪里发的货]
    answer: 亲，从{facts.发货地}发出
"""
PACK = """\
name: tea-desk
title: 茶台
platform: tea
as_of: 2026-11-23
verified: {level: never}
source: the tests
url: http://tea.test/desk
login: {kind: password, username: "#user", password: "#word", submit: "#enter"}
signals: {logged_in: ".desk", logged_out: "#enter"}
inbox:
  root: ".list"
  row: [".line", ".old-line"]
  id: {attr: data-k}
  name: ".who"
  unread: ".new"
thread:
  root: ".talk"
  ready: ".talk"
  open_id: {attr: data-k}
  message: ".said"
  message_id: {attr: data-k}
  buyer: ".theirs"
  shop: ".ours"
  text: ".words"
composer: {input: "textarea", key: Enter}
"""
Run = Callable[..., Result]


@dataclass(frozen=True, slots=True)
class Place:
    """A home with the files of one shop, `tea`."""

    home: Home

    def write(self, name: str, content: str | bytes) -> Path:
        """Put a file into the folder."""
        path = self.home.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with good files."""
    place = Place(Home(tmp_path / "home"))
    place.home.folder.mkdir()
    for name, content in (("shops.yaml", SHOPS), ("knowledge.yaml", KNOWLEDGE), ("pack.yaml", PACK)):
        place.write(name, content)
    return place


@pytest.fixture
def run(place: Place) -> Run:
    """Call the command on the folder: `run("status", "--json")`."""

    def call(*args: object, input: str | None = None) -> Result:
        result = CliRunner().invoke(main, ["--home", str(place.home.folder), *map(str, args)], input=input)
        assert "Traceback" not in result.output
        return result

    return call


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    """The folder's ledger, with the shop ready and its worker alive."""
    place.home.prepare()
    opened = Ledger.open(fresh(place.home.ledger), SystemClock())
    opened.put_shop("tea", title="茶叶店", console="tea-desk", platform="tea")
    opened.set_shop_state("tea", ShopState.ready)
    opened.shop_beat({"tea": None})
    yield opened
    opened.close()
