"""Machine edits of the knowledge: comments and order stay, nothing is written that does not load."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from base.errors import ConfigError
from bots.knowledgefile import drop, propose, put_test, take_in
from knowledge.model import load_knowledge
from knowledge.proposals import Draft, Evidence, Proposal, load_proposals

FILE = """\
# 关于这个文件
facts:
  时限: 48小时   # 付款后
entries:
  # 物流
  - id: 发货
    questions:   # 问法
      - 什么时候发货
      - "22:00还发吗"
    answer: 亲，{facts.时限}内发出
  - {id: 开关, questions: [off], answer: [0123456]}   # 旧的
  # 以后再写

# 下面是安抚话术
holding:
  working: [请稍等]
"""
EVIDENCE = Evidence(source="聊天记录", count=3)
WASH = Proposal.of(
    entry=Draft(id="洗碗机", questions=("能放洗碗机吗", "off"), answer=("可以: 上层",), products=("0102938",)),
    evidence=EVIDENCE,
)
MORE = Proposal.of(into="发货", questions=("啥时候发货", "什么时候发货"), evidence=EVIDENCE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "knowledge.yaml"
    path.write_text(FILE)
    path.chmod(0o640)
    return path


def test_comments_and_order_stay(file: Path) -> None:
    take_in(file, [WASH, MORE])
    new = FILE.replace('      - "22:00还发吗"\n', '      - "22:00还发吗"\n      - 啥时候发货\n')
    entry = """\
  - id: 洗碗机
    questions:
      - 能放洗碗机吗
      - off
    answer:
      - '可以: 上层'
    scope:
      products:
        - '0102938'
"""
    assert file.read_text() == new.replace("  # 以后再写\n", f"  # 以后再写\n{entry}")
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["knowledge.yaml"]


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda _text: "entries:\n# 物流\n- id: 发货\n  questions:\n  - 什么时候发货\n  answer: 今天\n# 完\n",
    ],
    ids=["CRLF", "BOM", "no indent"],
)
def test_the_files_own_manner_stays(file: Path, written: Callable[[str], str]) -> None:
    text = written(FILE.replace("{facts.时限}", "两天"))
    file.write_bytes(text.encode())
    take_in(file, [MORE])
    end = "\r\n" if "\r\n" in text else "\n"
    wanted = [line for line in file.read_bytes().decode().split(end) if "啥时候发货" not in line]
    assert "\n".join(wanted).strip("\n") == text.replace("\r\n", "\n").strip("\n")
    assert "啥时候发货" in load_knowledge(file).entry("发货").questions


@pytest.mark.parametrize(
    ("proposal", "told"),
    [
        (Proposal.of(entry=Draft(id="发货", questions=("问",), answer=("答",)), evidence=EVIDENCE), "写了两次"),
        (Proposal.of(entry=Draft(id="新", questions=("问",), answer=("{没有}",)), evidence=EVIDENCE), "没有"),
        (Proposal.of(into="没有的", questions=("问",), evidence=EVIDENCE), "没有条目“没有的”"),
    ],
)
def test_what_does_not_load_is_not_written(file: Path, proposal: Proposal, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        take_in(file, [WASH, proposal])
    assert file.read_text() == FILE
    assert [path.name for path in file.parent.iterdir()] == ["knowledge.yaml"]


def test_a_link_to_a_file_that_shops_share_stays_one(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "tea" / "knowledge.yaml"
    link.parent.mkdir()
    link.symlink_to(file)
    take_in(link, [MORE])
    assert link.is_symlink()
    assert "啥时候发货" in file.read_text()
    assert [path.name for path in link.parent.iterdir()] == ["knowledge.yaml"]


def test_proposals_are_kept_until_they_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "knowledge.proposed.yaml"
    assert propose(path, [WASH]) == 1
    path.write_text(path.read_text() + "    # 看过了\n")
    assert propose(path, [WASH, MORE]) == 1
    assert load_proposals(path) == (WASH, MORE)
    assert "# 看过了" in path.read_text()
    drop(path, [WASH.id])
    assert load_proposals(path) == (MORE,)
    drop(path, [MORE.id])
    assert load_proposals(path) == ()
    assert propose(path, [MORE]) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "    tests:\n      hits:\n        - 哪天发\n"),
        ("    tests: 几天发   # 考题\n", "# 考题\n      hits:\n        - 几天发\n        - 哪天发\n"),
        ("    tests:\n      - 几天发   # 考题\n", "        - 几天发 # 考题\n        - 哪天发\n"),
        (
            "    tests:\n      misses: [哪天发, 不发了]\n",
            "      misses: [不发了]\n      hits:\n        - 哪天发\n",
        ),
        ("    tests: {misses: 哪天发}\n", "    tests: {hits: [哪天发]}\n"),
    ],
)
def test_a_test_is_put_in_however_the_entry_has_them(file: Path, before: str, after: str) -> None:
    answer = "    answer: 亲，{facts.时限}内发出\n"
    file.write_text(FILE.replace(answer, answer + before))
    old = load_knowledge(file).entry("发货").tests
    put_test(file, "发货", "哪天发", hit=True)
    tests = load_knowledge(file).entry("发货").tests
    assert tests.hits == (*old.hits, "哪天发")
    assert tests.misses == tuple(text for text in old.misses if text != "哪天发")
    text = file.read_text()
    assert after in text
    assert text.count("#") == FILE.count("#") + before.count("#")
    put_test(file, "发货", "哪天发", hit=False)
    assert load_knowledge(file).entry("发货").tests.misses[-1] == "哪天发"
    with pytest.raises(ConfigError, match="没有条目“洗碗”"):
        put_test(file, "洗碗", "哪天发", hit=True)
