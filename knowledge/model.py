"""Reading `knowledge.yaml`, and the file that it builds on: each mistake with its file, line and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from base.errors import ConfigError, Problem
from base.yamlfile import Document, Place, load_model, read_yaml
from knowledge.answers import PLACEHOLDER, SEEN
from knowledge.book import Knowledge as Knowledge
from knowledge.entry import Entry

# Written in parts, the rest is taken over from the file below.
_IN_PARTS = ("holding", "small_talk")
_NOT_BESIDE = {"answer": {"answers", "otherwise"}, "answers": {"answer"}}


def load_knowledge(path: Path) -> Knowledge:
    """Read and check the file; raises `ConfigError` with file, line, key and a suggestion."""
    return Shelf().book(path)


def knowledge_from(document: Document) -> Knowledge:
    """Knowledge from YAML already read; raises `ConfigError`."""
    return Shelf().read(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """One file: what it knows with all below it, what is written there, and what it builds on."""

    knowledge: Knowledge
    document: Document
    base: _Book | None
    numbers: Mapping[str, int]

    def written(self, entry_id: str) -> tuple[Document, Place] | None:
        """Where the entry of that id is written, here or below."""
        if entry_id in self.numbers:
            return self.document, ("entries", self.numbers[entry_id])
        return self.base.written(entry_id) if self.base else None


class Shelf:
    """Knowledge files; each is read once, whoever builds on it."""

    def __init__(self) -> None:
        self._books: dict[Path, _Book] = {}

    def book(self, path: Path) -> Knowledge:
        """What the file knows, with all that it builds on; raises `ConfigError`."""
        return self._book(path, ()).knowledge

    def read(self, document: Document) -> Knowledge:
        """The same for a file that was read already."""
        return self._read(document, (document.path.resolve(),)).knowledge

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that were read."""
        return tuple(self._books)

    def written(self, path: Path, entry: Entry) -> tuple[Document, Place]:
        """Where an entry of the book at `path` is written; raises KeyError for a book that was not read."""
        book = self._books[path.resolve()]
        document, place = book.written(entry.after or entry.id) or (book.document, ())
        return document, (*place, *(entry.place[-2:] if entry.after else ()))

    def _book(self, path: Path, above: tuple[Path, ...]) -> _Book:
        place = path.resolve()
        if place not in self._books:
            self._books[place] = self._read(read_yaml(path), (*above, place))
        return self._books[place]

    def _read(self, document: Document, above: tuple[Path, ...]) -> _Book:
        document = _without_bare_list(document)
        base = self._base(document, above)
        if base is not None:
            document = _on_top(document, base)
        own = load_model(Knowledge, document)
        knowledge = own if base is None else own.inheriting(base.knowledge)
        _check(own, knowledge, document)
        written = enumerate(document.data["entries"])
        numbers = {str(entry["id"]).strip(): number for number, entry in written}
        return _Book(knowledge=knowledge, document=document, base=base, numbers=numbers)

    def _base(self, document: Document, above: tuple[Path, ...]) -> _Book | None:
        name = document.data.get("extends") if isinstance(document.data, dict) else None
        if not isinstance(name, str):
            return None
        path = document.path.parent / name
        if not path.is_file():
            raise ConfigError(document.problem(("extends",), f"找不到“{name}”", "路径相对于本文件所在的文件夹"))
        if path.resolve() in above:
            raise ConfigError(document.problem(("extends",), f"“{name}”绕回了本文件", "去掉其中一个 extends"))
        return self._book(path, above)


def _without_bare_list(document: Document) -> Document:
    """A file that is only a list of entries."""
    if not isinstance(document.data, list):
        return document
    lines = {("entries", *place): line for place, line in document.lines.items()}
    return replace(document, data={"entries": document.data}, lines=lines)


def _on_top(document: Document, base: _Book) -> Document:
    """`document` with what its entries leave to the file below: without `questions` they change only some keys."""
    data, lines, files = dict(document.data), dict(document.lines), dict(document.files)
    entries = data.get("entries") or []
    data["entries"] = list(entries) if isinstance(entries, list) else entries

    def take_over(place: Place, own: dict[str, Any], below: Document, at: Place) -> dict[str, Any]:
        theirs = _at(below, at)
        barred = set().union(*(others for key, others in _NOT_BESIDE.items() if key in own), own)
        taken = {key: value for key, value in theirs.items() if key not in barred}
        for inner in _places(taken):
            lines[(*place, *inner)] = below.line((*at, *inner))
        files.update({(*place, key): below.file((*at, key)) for key in taken})
        return taken | own

    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and "questions" not in entry:
            found = base.written(str(entry.get("id")).strip())
            if found is not None:
                data["entries"][number] = take_over(("entries", number), entry, *found)
    for key in _IN_PARTS:
        if isinstance(data.get(key), dict) and key in base.document.data:
            data[key] = take_over((key,), data[key], base.document, (key,))
    return replace(document, data=data, lines=lines, files=files)


def _places(data: object) -> Iterator[Place]:
    """The places of all that is inside of plain data."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, value in inside:
        yield (part,)
        yield from ((part, *inner) for inner in _places(value))


def _at(document: Document, place: Place) -> dict[str, Any]:
    found = document.data
    for part in place:
        found = found[part]
    return dict(found)


# --- checking ----------------------------------------------------------------------------------------------------


def _check(own: Knowledge, knowledge: Knowledge, document: Document) -> None:
    problems = [*_duplicates(own, document), *_fact_problems(own, document)]
    for place, texts, words in own.sayings():
        for index, text in enumerate(texts):
            spot = (*place, index) if (*place, index) in document.lines else place
            problems += _placeholder_problems(knowledge, document, spot, text, words)
    if problems:
        raise ConfigError(*sorted(problems, key=lambda problem: problem.line or 0))


def _duplicates(knowledge: Knowledge, document: Document) -> list[Problem]:
    problems = []
    first: dict[str, int] = {}
    for entry in knowledge.entries:
        place: Place = (*entry.place, "id")
        if entry.id in first:
            hint = f"第 {first[entry.id]} 行已经有“{entry.id}”，改名或合并成一条"
            message = f"条目“{entry.id}”写了两次：第 {first[entry.id]} 行和第 {document.line(place)} 行"
            problems.append(document.problem(place, message, hint))
        first.setdefault(entry.id, document.line(place))
    return problems


def _fact_problems(knowledge: Knowledge, document: Document) -> list[Problem]:
    return [
        document.problem(("facts", name), "事实的内容里不能有花括号", "直接写内容，例如 48小时")
        for name, value in knowledge.facts.items()
        if "{" in value or "}" in value
    ]


def _placeholder_problems(
    knowledge: Knowledge, document: Document, place: Place, text: str, words: Sequence[str]
) -> list[Problem]:
    """What is wrong with one text's braces: unknown names, a stray brace, a word that it needs."""
    seen = SEEN if place[0] == "entries" and "no_product" not in place else ()
    names = {f"facts.{name}" for name in knowledge.facts} | set(words) | set(seen)
    found = PLACEHOLDER.findall(text)
    problems = []
    for inner in found:
        if inner not in names:
            problems.append(document.problem(place, f"没有“{{{inner}}}”这个内容", _hint(inner, sorted(names))))
        elif not seen and not (inner in words or knowledge.facts[inner.removeprefix("facts.")]):
            problems.append(document.problem(place, f"这句话用到的“{inner}”还没有填写", "在 facts 里填上"))
    if "{" in PLACEHOLDER.sub("", text) or "}" in PLACEHOLDER.sub("", text):
        problems.append(document.problem(place, "花括号不成对", "写成 {facts.名称}"))
    for word in words:
        if word not in found:
            problems.append(document.problem(place, f"这句话里要有 {{{word}}}", "它会换成实际内容"))
    return problems


def _hint(inner: str, names: list[str]) -> str:
    near = get_close_matches(inner, names, n=1, cutoff=0.5) or get_close_matches(f"facts.{inner}", names, n=1)
    if near:
        return f"是不是想写 {{{near[0]}}}？"
    return f"可以用的有：{'、'.join(names[:20])}" if names else "先在 facts 里写上这一项"
