"""`shops.yaml` as text: a new file with its comments, and one more shop put in with all else left as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from base.errors import ConfigError, Problem
from base.yamlfile import parse_yaml, read_yaml
from bots.settings import Settings, Shop, load_settings

_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff][\w-]*(?::[\w-]+)*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})

_HEAD = """\
# 店铺清单：有哪些店、后台在哪里、怎么值守。正在值守时改了，保存就生效；改完用 nightdesk doctor 检查。
# 缩进只用空格，不能用 Tab；冒号后面空一格。密码不写在这里，运行 nightdesk secret set 店铺id。

knowledge: knowledge.yaml   # 知识库文件，相对于本文件
people: {people}       # 人工客服的上班时间；这以外转人工时会告诉买家几点回复
silence: 10                 # 人工回复以后，机器人在这个会话里安静几分钟
# alerts:                   # 出了事叫谁、怎么叫，写法见 docs/alerts.md；不写就没有人知道
# metrics: {{port: 9464}}     # 给监控程序看的 /healthz 和 /metrics，见 docs/metrics.md；不写就不开

# 每家店一段，nightdesk shop add 可以再加。每家店还可以写：
#   mode: answer            answer 会回答；hold 只安抚和转人工；observe 只看不发
#                           新店总是先观察，运行 nightdesk golive 店铺id 以后才按这里的写法
#   knowledge: 茶叶.yaml     这家店自己的知识库；里面写 extends: knowledge.yaml 就只写不同的
#   category: general       商品类目，决定哪些话不能说
#   shift: "22:00-09:00"    机器人当班的时间，跨夜也可以；不写就是全天
#   people: "08:30-18:00"   这家店人工的上班时间，和上面不一样时才写
#                           按星期、节假日、日期分开写，或白天先让人工：见 docs/上线.md 的“班次”
#   pace:
#     shop: {{messages: 30, seconds: 60}}    全店每 60 秒最多发 30 条
shops:
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShop:
    """A shop as asked for at the terminal; `user` is None where only a person can log in."""

    id: str
    title: str
    console: str
    url: str
    user: str | None = None
    secret: str = "file"  # noqa: S105 - where it is kept, not what it is


def find_shop(path: Path, shop_id: str) -> tuple[Settings, Shop]:
    """The settings in `path` and the shop of that id; raises `ConfigError`."""
    settings = load_settings(path)
    for shop in settings.shops:
        if shop.id == shop_id:
            return settings, shop
    raise ConfigError(no_such_shop(path, shop_id, [shop.id for shop in settings.shops]))


def no_such_shop(path: Path, shop_id: str, known: Iterable[str]) -> Problem:
    """What is told of an id that is not among those that are known; `path`: where they stand."""
    return Problem(message=f"没有 id 为“{shop_id}”的店铺", path=path, hint=f"现有：{'、'.join(known)}")


def new_file(shop: NewShop, people: str) -> str:
    """The text of a first `shops.yaml`."""
    return _HEAD.format(people=json.dumps(people)) + _item(shop, 2)


def with_shop(text: str, shop: NewShop, path: Path) -> str:
    """`text` with one more shop at the end of its list; raises `ConfigError` where it cannot be put in.

    `path` only names the file in errors. What was there, comments and line ends too, stays as it was.
    """
    item = _item(shop, _dash_column(text, path))
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    at = _end_of_shops(text, lines)
    if not lines[at - 1].endswith("\n"):
        lines[at - 1] += newline
    added = "".join([*lines[:at], item.replace("\n", newline), *lines[at:]])
    before, after = parse_yaml(text, path).data, parse_yaml(added, path).data
    expected = {**before, "shops": [*before["shops"], parse_yaml(item, path).data[0]]}
    if after != expected:
        raise _by_hand(path, item)
    return added


def add_shop(path: Path, shop: NewShop) -> None:
    """Put a shop into the file at `path`, which is right before and after; raises `ConfigError`."""
    load_settings(path)
    path = path.resolve()
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(with_shop(read_text(path), shop, path), encoding="utf-8", newline="")
        draft.chmod(path.stat().st_mode & 0o777)
        _check(draft, path)
        draft.replace(path)
    except OSError as error:
        raise ConfigError(Problem(message=f"写不了这个文件：{error.strerror}", path=path)) from None
    finally:
        draft.unlink(missing_ok=True)


def read_text(path: Path) -> str:
    """The file's text with its own line ends."""
    read_yaml(path)  # what can be wrong with a file is told by its reader
    return path.read_bytes().decode("utf-8")


def _check(draft: Path, path: Path) -> None:
    try:
        load_settings(draft)
    except ConfigError as error:
        told = [
            replace(each, path=path, message=f"加不进去，文件没有改动：{each.message}") for each in error.problems
        ]
        raise ConfigError(*told) from None


def _item(shop: NewShop, column: int) -> str:
    lines = [
        f"- id: {_scalar(shop.id)}",
        f"  title: {_scalar(shop.title)}",
        f"  console: {_scalar(shop.console)}",
        f"  url: {_scalar(shop.url)}",
    ]
    if shop.user is not None:
        lines += ["  login:", f"    user: {_scalar(shop.user)}", f"    secret: {_scalar(shop.secret)}"]
    return "".join(f"{'':{column}}{line}\n" for line in lines)


def _scalar(text: str) -> str:
    """Plain where nothing can be mistaken, else in quotes; JSON's are YAML's too."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def _shops_node(text: str) -> yaml.SequenceNode | None:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return None
    found = next((value for key, value in root.value if key.value == "shops"), None)
    return found if isinstance(found, yaml.SequenceNode) and not found.flow_style and not root.flow_style else None


def _dash_column(text: str, path: Path) -> int:
    node = _shops_node(text)
    if node is None:
        raise ConfigError(
            Problem(message="shops 不是每行以 - 开头的列表，不能自动添加", path=path, hint="请手工添加")
        )
    return int(node.start_mark.column)


def _end_of_shops(text: str, lines: list[str]) -> int:
    """How many lines come before the place of a new shop: the list, and the comments that belong to its last."""
    node: yaml.Node | None = _shops_node(text)
    assert node is not None  # noqa: S101 - looked at just before
    column = node.start_mark.column
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    at = mark.line + (1 if mark.column else 0)
    while at > node.start_mark.line + 1 and not lines[at - 1].strip():
        at -= 1
    while at < len(lines) and _is_inner_comment(lines[at], column):
        at += 1
    return min(max(at, 1), len(lines))


def _is_inner_comment(line: str, column: int) -> bool:
    indent = len(line) - len(line.lstrip(" "))
    return line.lstrip().startswith("#") and indent > column


def _by_hand(path: Path, item: str) -> ConfigError:
    hint = f"文件没有改动，请手工把下面几行加到 shops 的末尾：\n{item}"
    return ConfigError(Problem(message="认不出店铺列表在哪里结束，不能自动添加", path=path, hint=hint))
