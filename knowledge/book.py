"""What a shop knows, as a typed model: facts, entries, and what else a bot says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PrivateAttr

from base.document import Place
from knowledge.answers import PLACEHOLDER, SEEN, Part, Saying, Sayings, Text, Texts
from knowledge.entry import Entry


def _as_fact(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _with_follow_ups(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    for number, entry in enumerate(entries):
        entry.stand_at(("entries", number))
    return tuple(each for entry in entries for each in entry.with_follow_ups())


Fact = Annotated[str, BeforeValidator(_as_fact, json_schema_input_type=str | float | None)]
Entries = Annotated[tuple[Entry, ...], AfterValidator(_with_follow_ups)]


class Holding(Part):
    """What asks a buyer for patience; out of hours with the real time at which people are back.

    `rest`: after an answer, that a person sees to what else was asked.
    """

    working: Sayings = ("亲，您的问题我马上帮您核实，请稍等一下哦",)
    after_hours: Sayings = ("亲，您的问题已经记下了，人工客服{resume}上班后就来回复您",)
    rest_working: Sayings = ("另外的问题我帮您核实一下，请稍等哦",)
    rest_after_hours: Sayings = ("另外的问题已经记下了，人工客服{resume}上班后就来回复您",)


class SmallTalk(Part):
    """What is said back to a greeting or to thanks; an empty list: nothing."""

    greeting: Sayings = ("亲，您好，请问有什么可以帮您的呢",)
    thanks: Sayings = ()


class Knowledge(Part):
    """All that a shop knows. `entries` holds what follows up on an entry right after it.

    `extends`: the file whose facts and entries hold here too, but for what is written anew.
    """

    model_config = ConfigDict(json_schema_extra={"required": []})

    extends: Text | None = None
    facts: dict[str, Fact] = Field(default_factory=dict)
    entries: Entries
    holding: Holding = Holding()
    choose: Saying = "亲，您想问的是哪一个呢：{choices}？回复数字就可以哦"
    choose_order: Saying = "亲，您问的是哪一笔订单呢：{choices}？回复数字就可以哦"
    choose_other: Saying = "其他问题"
    small_talk: SmallTalk = SmallTalk()
    never_say: Texts = ()

    _by_id: dict[str, Entry] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: Any, /) -> None:
        """Index the entries and note which facts they miss."""
        for entry in self.entries:
            entry.check_facts(self.facts)
        self._by_id = {entry.id: entry for entry in self.entries}

    def inheriting(self, base: Knowledge) -> Knowledge:
        """This knowledge on top of `base`: what is written here replaces what stands there by the same name."""
        own = {entry.id: entry for entry in self.entries}
        gone = {inner.id for inner in base.entries if inner.after in own}
        kept = [own.get(entry.id, entry) for entry in base.entries if entry.id in own or entry.id not in gone]
        names = {entry.id for entry in kept}
        written = self.model_fields_set - {"facts", "entries", "never_say", "extends"}
        facts = {**base.facts, **self.facts}
        entries = [*kept, *(entry for entry in self.entries if entry.id not in names)]
        found = base.model_copy(
            update={
                **{name: getattr(self, name) for name in written},
                "extends": self.extends,
                "facts": facts,
                "entries": tuple(entry.with_facts(facts) for entry in entries),
                "never_say": tuple(dict.fromkeys([*base.never_say, *self.never_say])),
            }
        )
        found.model_post_init(None)
        return found

    def entry(self, entry_id: str) -> Entry:
        """The entry of that id; raises KeyError."""
        return self._by_id[entry_id]

    def find(self, entry_id: str) -> Entry | None:
        """The entry of that id, or None where there is none (any more)."""
        return self._by_id.get(entry_id)

    def expiring(self, now: datetime) -> list[Entry]:
        """The live entries whose dates end today or tomorrow."""
        return [entry for entry in self.entries if entry.live and entry.active.ends_by(now)]

    # --- words ---------------------------------------------------------------------------------------------------

    def text(self, entry_id: str, variant: int, seen: Mapping[str, str] | None = None) -> str:
        """An answer of the entry with its facts filled in; variants go round.

        `seen`: what the page of the conversation shows; it says which case of the entry holds, and one must be
        sayable (`Entry.unseen`). None: no conversation is at hand, and names stand where its facts would.
        """
        entry = self._by_id[entry_id]
        answers = entry.cases[0].text if seen is None else entry.sayable(seen)
        return self.fill(answers[variant % len(answers)], **(seen or {}))

    def spoken(self, entry: Entry) -> list[str]:
        """Every text that the entry may say, filled; names stand for what only a conversation can tell."""
        return [self.fill(text) for text in entry.texts]

    def holding_text(self, variant: int, *, resume: str | None = None) -> str:
        """A text that asks for patience; `resume` is when people are back, None while they are there."""
        if resume is None:
            return self.fill(self.holding.working[variant % len(self.holding.working)])
        return self.fill(self.holding.after_hours[variant % len(self.holding.after_hours)], resume=resume)

    def rest_text(self, variant: int, *, resume: str | None = None) -> str:
        """What follows an answer where a person sees to the rest; `resume` as for `holding_text`."""
        texts = self.holding.rest_working if resume is None else self.holding.rest_after_hours
        return self.fill(texts[variant % len(texts)], **({} if resume is None else {"resume": resume}))

    def choose_text(self, names: Sequence[str]) -> str:
        """The sentence that offers things, numbered from 1; the last number stands for none of them."""
        return self.fill(self.choose, choices=self._numbered(names))

    def choose_order_text(self, names: Sequence[str]) -> str:
        """The sentence that asks which order is meant."""
        return self.fill(self.choose_order, choices=self._numbered(names))

    def _numbered(self, names: Sequence[str]) -> str:
        return "，".join(f"{number} {name}" for number, name in enumerate([*names, self.choose_other], 1))

    def sayings(self) -> Iterator[tuple[Place, Sequence[str], Sequence[str]]]:
        """All texts that are said: where they stand, and the words that they must be filled with."""
        for entry in self.entries:
            for inner, texts in entry.sayings():
                yield (*entry.place, *inner), texts, ()
        holding, talk = self.holding, self.small_talk
        yield ("holding", "working"), holding.working, ()
        yield ("holding", "after_hours"), holding.after_hours, ("resume",)
        yield ("holding", "rest_working"), holding.rest_working, ()
        yield ("holding", "rest_after_hours"), holding.rest_after_hours, ("resume",)
        yield ("choose",), (self.choose,), ("choices",)
        yield ("choose_order",), (self.choose_order,), ("choices",)
        yield ("choose_other",), (self.choose_other,), ()
        yield ("small_talk", "greeting"), talk.greeting, ()
        yield ("small_talk", "thanks"), talk.thanks, ()

    def fill(self, text: str, **words: str) -> str:
        """`text` with its placeholders replaced by facts and by the words given; raises KeyError.

        What only a conversation can tell, and is not among the words, is named.
        """
        known = {f"facts.{name}": value for name, value in self.facts.items()}
        known |= {name: f"〔{label}〕" for name, label in SEEN.items()} | words
        return PLACEHOLDER.sub(lambda found: known[found[1]], text)
