"""The operators' file `knowledge.yaml` as a typed model, read with line-precise errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PrivateAttr

from base.errors import ConfigError, Problem
from base.yamlfile import Document, Place, load_model, read_yaml
from knowledge.entry import PLACEHOLDER, SEEN, Entry, Part, Saying, Sayings, Texts


def _as_fact(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


Fact = Annotated[str, BeforeValidator(_as_fact)]


class Holding(Part):
    """What asks a buyer for patience; out of hours with the real time at which people are back."""

    working: Sayings = ("亲，您的问题我马上帮您核实，请稍等一下哦",)
    after_hours: Sayings = ("亲，您的问题已经记下了，人工客服{resume}上班后就来回复您",)


class SmallTalk(Part):
    """What is said back to a greeting or to thanks; an empty list: nothing."""

    greeting: Sayings = ("亲，您好，请问有什么可以帮您的呢",)
    thanks: Sayings = ()


class Knowledge(Part):
    """All that the shops know."""

    facts: dict[str, Fact] = Field(default_factory=dict)
    entries: tuple[Entry, ...]
    holding: Holding = Holding()
    choose: Saying = "亲，您想问的是哪一个呢：{choices}？回复数字就可以哦"
    choose_other: Saying = "其他问题"
    small_talk: SmallTalk = SmallTalk()
    never_say: Texts = ()

    _by_id: dict[str, Entry] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: Any, /) -> None:
        """Index the entries and note which facts they miss."""
        for entry in self.entries:
            entry.check_facts(self.facts)
            self._by_id[entry.id] = entry

    def entry(self, entry_id: str) -> Entry:
        """The entry of that id; raises KeyError."""
        return self._by_id[entry_id]

    def text(self, entry_id: str, variant: int, seen: Mapping[str, str] | None = None) -> str:
        """An answer of the entry with its facts filled in; variants go round.

        `seen`: what the page of the conversation shows; an answer that needs more is passed over, and one must be
        left (`Entry.unseen`). None: no conversation is at hand, and names stand where its facts would.
        """
        entry = self._by_id[entry_id]
        answers = entry.answers if seen is None else entry.sayable(seen)
        return self.fill(answers[variant % len(answers)], **(seen or {}))

    def holding_text(self, variant: int, *, resume: str | None = None) -> str:
        """A text that asks for patience; `resume` is when people are back, None while they are there."""
        if resume is None:
            return self.fill(self.holding.working[variant % len(self.holding.working)])
        return self.fill(self.holding.after_hours[variant % len(self.holding.after_hours)], resume=resume)

    def choose_text(self, entry_ids: Sequence[str]) -> str:
        """The sentence that offers entries, numbered from 1; the last number stands for none of them."""
        choices = "，".join(f"{number} {name}" for number, name in enumerate([*entry_ids, self.choose_other], 1))
        return self.fill(self.choose, choices=choices)

    def fill(self, text: str, **words: str) -> str:
        """`text` with its placeholders replaced by facts and by the words given; raises KeyError.

        What only a conversation can tell, and is not among the words, is named.
        """
        known = {f"facts.{name}": value for name, value in self.facts.items()}
        known |= {name: f"〔{label}〕" for name, label in SEEN.items()} | words
        return PLACEHOLDER.sub(lambda found: known[found[1]], text)


def load_knowledge(path: Path) -> Knowledge:
    """Read and check the file; raises `ConfigError` with file, line, key and a suggestion."""
    return knowledge_from(read_yaml(path))


def knowledge_from(document: Document) -> Knowledge:
    """Knowledge from YAML already read; raises `ConfigError`."""
    knowledge = load_model(Knowledge, document)
    problems = [*_duplicates(knowledge, document), *_fact_problems(knowledge, document)]
    for place, texts, words in _sayings(knowledge):
        for index, text in enumerate(texts):
            spot = (*place, index) if (*place, index) in document.lines else place
            problems += _placeholder_problems(knowledge, document, spot, text, words)
    if problems:
        raise ConfigError(*sorted(problems, key=lambda problem: problem.line or 0))
    return knowledge


def _sayings(knowledge: Knowledge) -> list[tuple[Place, Sequence[str], tuple[str, ...]]]:
    """All texts that are said: where they stand, and the words that they must be filled with."""
    holding, talk = knowledge.holding, knowledge.small_talk
    entries = [(("entries", index, "answer"), entry.answers, ()) for index, entry in enumerate(knowledge.entries)]
    return [
        *entries,
        (("holding", "working"), holding.working, ()),
        (("holding", "after_hours"), holding.after_hours, ("resume",)),
        (("choose",), (knowledge.choose,), ("choices",)),
        (("choose_other",), (knowledge.choose_other,), ()),
        (("small_talk", "greeting"), talk.greeting, ()),
        (("small_talk", "thanks"), talk.thanks, ()),
    ]


def _duplicates(knowledge: Knowledge, document: Document) -> list[Problem]:
    problems = []
    first: dict[str, int] = {}
    for index, entry in enumerate(knowledge.entries):
        place: Place = ("entries", index, "id")
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
    knowledge: Knowledge, document: Document, place: Place, text: str, words: tuple[str, ...]
) -> list[Problem]:
    """What is wrong with one text's braces: unknown names, a stray brace, a word that it needs."""
    seen = SEEN if place[0] == "entries" else ()
    names = {f"facts.{name}" for name in knowledge.facts} | set(words) | set(seen)
    found = PLACEHOLDER.findall(text)
    problems = []
    for inner in found:
        if inner not in names:
            problems.append(document.problem(place, f"没有“{{{inner}}}”这个内容", _hint(inner, sorted(names))))
        elif place[0] != "entries" and not (inner in words or knowledge.facts[inner.removeprefix("facts.")]):
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
