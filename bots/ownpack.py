"""Changes that a person accepted, in a pack of the operator's own: the packs that ship are never edited."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from base.errors import ConfigError, Problem
from base.yamlfile import parse_yaml, read_yaml
from bots.home import Home
from bots.settings import Shop, pack_path
from bots.shopfile import read_text
from flows.pack import pack_from
from flows.patch import patched_text
from flows.repair import Change

_CONSOLE = re.compile(r"(\bconsole:\s*)(\"[^\"]*\"|'[^']*'|[^\s#,}]+)")


def changed_text(path: Path, changes: Sequence[Change]) -> tuple[str, str]:
    """A pack's text as it is and as it would be; raises `ConfigError` where it has no such keys any more."""
    before = read_text(path)
    try:
        after = patched_text(before, changes)
    except (KeyError, TypeError):
        hint = "这个包在那以后改过；让机器人再运行一会儿，有新的建议再看"
        raise ConfigError(Problem(message="建议对不上现在的包", path=path, hint=hint)) from None
    pack_from(parse_yaml(after, path))
    return before, after


def adopt(home: Home, shop: Shop, changes: Sequence[Change]) -> tuple[Path, ...]:
    """Write the changes into the operator's own pack, and have `shops.yaml` name it; the files that were written.

    All shops on the same console go over to it. Raises `ConfigError`; then nothing has changed.
    """
    source = pack_path(shop.console, home.folder)
    _before, after = changed_text(source, changes)
    if shop.console.endswith((".yaml", ".yml")):
        _replace(source, after)
        return (source,)
    own = home.folder / f"{shop.console}.yaml"
    if own.exists():
        hint = f"shops.yaml 里写 console: {own.name} 就会用它；不要了就先改名"
        raise ConfigError(Problem(message="这个文件已经有了，不会覆盖", path=own, hint=hint))
    shops = _renamed(home.shops, shop.console, own.name)
    _replace(own, after)
    try:
        _replace(home.shops, shops)
    except ConfigError:
        own.unlink(missing_ok=True)  # nobody uses it, and it would stand in the way of the next try
        raise
    return own, home.shops


def _renamed(path: Path, old: str, new: str) -> str:
    """`shops.yaml` with another console for all shops that name the old one, line by line."""
    document = read_yaml(path)
    lines = read_text(path).splitlines(keepends=True)
    for number, shop in enumerate(document.data["shops"]):
        if shop["console"] == old:
            at = document.line(("shops", number, "console")) - 1
            lines[at] = _CONSOLE.sub(lambda found: f"{found[1]}{new}", lines[at], count=1)
            shop["console"] = new
    text = "".join(lines)
    if parse_yaml(text, path).data != document.data:
        hint = f"请手工把 console: {old} 改成 console: {new}，再运行一次"
        raise ConfigError(Problem(message="认不出 console 写在哪里，文件没有改动", path=path, hint=hint))
    return text


def _replace(path: Path, text: str) -> None:
    path = path.resolve()  # a link to a file that several folders share stays one
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(text, encoding="utf-8", newline="")
        draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        draft.replace(path)
    except OSError as error:
        raise ConfigError(Problem(message=f"写不了这个文件：{error.strerror}", path=path)) from None
    finally:
        draft.unlink(missing_ok=True)
