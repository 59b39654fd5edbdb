"""A pack: everything the code knows about one console, as one YAML file in `selectors/`.

Every selector is a list of fallbacks, tried in order; a single text stands for a list of one.
`{id}` in a selector is filled, escaped, with the conversation's id by the page's reader.
"""

from __future__ import annotations

import re
from datetime import date as Day
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from base.yamlfile import Document, load_model, read_yaml
from flows.selector import Css, Fallbacks, Pattern, Selectors, as_list

# What makes a selector one conversation's; the reader takes it out in the same way.
_ANY_ID = re.compile(r"""[~|^$*]?=\s*(["']?)\{id\}\1""")


class Part(BaseModel):
    """Base of all parts of a pack: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(Part):
    """A text to be read: from an element (default: the one in hand), one of its attributes, by a pattern."""

    css: Fallbacks = []
    attr: str | None = None
    pattern: Pattern | None = None


class Mark(Part):
    """Something whose presence means something: an element, a text inside it, or the page's address."""

    css: Fallbacks = []
    text: Pattern | None = None
    url: Pattern | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Mark:
        if not (self.css or self.text or self.url):
            raise ValueError("至少要写 css、text、url 之一")
        return self


def _as_value(value: Any) -> Any:
    return {"css": value} if isinstance(value, str | list) else value


def _as_mark(value: Any) -> Any:
    return {"css": [value]} if isinstance(value, str) else value


def _as_marks(value: Any) -> Any:
    return [_as_mark(item) for item in as_list(value)]


OneValue = Annotated[Value, BeforeValidator(_as_value, json_schema_input_type=Css | list[Css] | Value)]
Marks = Annotated[list[Mark], BeforeValidator(_as_marks, json_schema_input_type=Css | Mark | list[Css | Mark])]


class Verified(Part):
    """Against what the pack was last seen to work, and when."""

    level: Literal["never", "replica", "live"]
    date: Day | None = None

    @model_validator(mode="after")
    def _dated(self) -> Verified:
        if self.level != "never" and self.date is None:
            raise ValueError("写了 replica 或 live 就要写 date")
        return self


class Login(Part):
    """How a bot gets in: a password form, or only a saved session (`state`, `qr`: a person logs in once).

    `before`: what is pressed first where it is there, in this order: the tab of the form, a consent not yet given.
    `afresh`: what a browser keeps of this console hides what came while its page was away: none is taken along.
    """

    kind: Literal["password", "state", "qr"]
    url: str | None = None
    before: Fallbacks = []
    username: Selectors | None = None
    password: Selectors | None = None
    submit: Selectors | None = None
    refused: Marks = []
    afresh: bool = False

    @model_validator(mode="after")
    def _form(self) -> Login:
        if self.kind == "password" and not (self.username and self.password and self.submit):
            raise ValueError("密码登录要写 username、password、submit 三个选择器")
        if self.afresh and self.kind != "password":
            raise ValueError("afresh 每次都要重新登录，只能用于密码登录（kind: password）")
        return self


class Overlay(Part):
    """A layer that covers the page, and what to press to be rid of it; `text`: what stands on that button."""

    see: Selectors
    dismiss: Selectors
    text: Pattern | None = None


class Signals(Part):
    """What on the page tells its state."""

    logged_in: Marks
    logged_out: Marks = []
    captcha: Marks = []
    qr: Marks = []
    kicked: Marks = []
    no_permission: Marks = []
    expired: Marks = []
    blocked: Marks = []
    offline: Marks = []
    robot_on: Marks = []
    overlay: list[Overlay] = []


class Refresh(Part):
    """How the console's own list keeps up: by itself, slowly by polling, or only when the page is loaded anew."""

    kind: Literal["live", "poll", "reload"] = "live"
    every: Annotated[float, Field(ge=1, le=600)] = 5


class Skip(Part):
    """Rows that are nobody's business: by id, or by a selector that the row matches."""

    ids: list[Pattern] = []
    rows: Fallbacks = []


class Inbox(Part):
    """The list of conversations. `group`: of the row itself or what it stands in; `group_in`: the ancestor of the
    row in which `group` is found, where the group's name stands beside its rows.
    """

    root: Selectors
    row: Selectors
    id: OneValue
    name: OneValue | None = None
    preview: OneValue | None = None
    time: OneValue | None = None
    unread: OneValue | None = None
    waiting: OneValue | None = None
    group: OneValue | None = None
    group_in: Fallbacks = []
    waiting_groups: list[Pattern] = []
    press: Fallbacks = []
    skip: Skip = Skip()
    refresh: Refresh = Refresh()
    virtual: bool = False


class Kinds(Part):
    """Messages that are not plain text, by what they contain or match."""

    image: Fallbacks = []
    card: Fallbacks = []
    order: Fallbacks = []
    recall: Fallbacks = []


class Thread(Part):
    """The open conversation. `open_id` proves whose it is; sender selectors match the message or inside it.

    `robot_text`: words by which the console marks what its robot said in the shop's name. `card`: named facts of a
    product card among the messages. `still`: milliseconds that it must stand unchanged to be taken as whole; 0
    where `ready` tells that all messages are there.
    """

    root: Selectors
    ready: Selectors
    still: float = Field(default=60, ge=0, le=1000)
    open_id: OneValue
    message: Selectors
    message_id: OneValue
    buyer: Selectors
    shop: Selectors
    robot: Fallbacks = []
    robot_text: Pattern | None = None
    system: Fallbacks = []
    text: Selectors
    drop: Fallbacks = []
    kinds: Kinds = Kinds()
    card: dict[str, OneValue] = {}
    time: OneValue | None = None
    failed: Fallbacks = []
    earlier: Fallbacks = []


class Composer(Part):
    """Where a reply is written and how it leaves. `lines`: what a line break becomes."""

    input: Selectors
    kind: Literal["fill", "type"] = "fill"
    send: Fallbacks = []
    key: Literal["Enter", "Control+Enter"] | None = None
    lines: Literal["keep", "shift_enter", "join"] = "keep"
    max_chars: Annotated[int, Field(ge=10, le=10_000)] = 500

    @model_validator(mode="after")
    def _a_way_out(self) -> Composer:
        if bool(self.send) == bool(self.key):
            raise ValueError("send（按钮的选择器）和 key（按键）要写其中一个，且只写一个")
        return self


class Panel(Part):
    """Named facts beside the thread, such as an order's number or a product's title."""

    root: Selectors
    facts: dict[str, OneValue]


class OrderPanel(Panel):
    """The buyer's orders: every `root` is one. `none`: what is there when the buyer has none; without it, a page
    that shows no order tells nothing.
    """

    none: Fallbacks = []


class Transfer(Part):
    """Handing the conversation to a colleague: press `open`, choose `online`, press `confirm`, see `done`.

    `search`: a field that lists the colleagues only once a name is written into it. `close`: what closes the
    dialogue again; without it the page is loaded anew.
    """

    open: Selectors
    search: Selectors | None = None
    online: Selectors
    confirm: Selectors | None = None
    done: Marks
    close: Fallbacks = []


class Presence(Part):
    """Being shown as online, and how to become so again."""

    online: Marks
    go_online: Selectors | None = None


class Limit(Part):
    """At most `messages` in `seconds`."""

    messages: Annotated[int, Field(ge=1, le=1000)]
    seconds: Annotated[float, Field(gt=0, le=86_400)]


def _span(span: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= span[0] <= span[1] <= 10:
        raise ValueError("写最短和最长的秒数，都在 0 到 10 之间，例如 [0.5, 2]")
    return span


class Pace(Part):
    """How fast a bot may send, in a shop and in one conversation. `hesitate`: the fewest and the most seconds that
    it lets pass before each message, at random, for consoles that take a steady rhythm for a machine's.
    """

    shop: Limit = Limit(messages=60, seconds=60)
    conversation: Limit = Limit(messages=6, seconds=60)
    hesitate: Annotated[tuple[float, float], AfterValidator(_span)] | None = None


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"没有“{name}”这个时区，中国写 Asia/Shanghai") from None
    return name


class Meter(Part):
    """What the platform measures. `threshold`: seconds; `window`: the hours that count, in `time_zone`."""

    name: str = "3分钟回复率"
    threshold: Annotated[float, Field(gt=0)] = 180
    window: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$")] = "00:00-24:00"
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "Asia/Shanghai"


class Rule(Part):
    """A rule of the quality scale: done, to do, or exempt with a reason."""

    status: Literal["done", "todo", "exempt"]
    reason: str = ""

    @model_validator(mode="after")
    def _reasoned(self) -> Rule:
        if self.status == "exempt" and not self.reason:
            raise ValueError("exempt 要写 reason")
        return self


def _as_rule(value: Any) -> Any:
    return {"status": value} if isinstance(value, str) else value


QUALITY = {
    "bronze": ("reads", "answers"),
    "silver": ("survives_reload", "survives_logout", "survives_kick", "survives_lost_clicks"),
    "gold": ("measured_live",),
}
OneRule = Annotated[Rule, BeforeValidator(_as_rule, json_schema_input_type=Literal["done", "todo"] | Rule)]
RuleName = Literal[
    "reads",
    "answers",
    "survives_reload",
    "survives_logout",
    "survives_kick",
    "survives_lost_clicks",
    "measured_live",
]


class Pack(Part):
    """One console. `frames`: the chain of iframes that the chat is in; `shadow`: that of open shadow roots.
    `painted`: whether the console needs its page to be drawn; in one that is not no frame ever comes.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    platform: str
    as_of: Day
    verified: Verified
    source: str
    url: str
    frames: list[Css] = []
    shadow: list[Css] = []
    service_workers: Literal["allow", "block"] = "allow"
    state: Literal["context", "profile"] = "context"
    painted: bool = True
    login: Login
    signals: Signals
    inbox: Inbox
    thread: Thread
    composer: Composer
    order: OrderPanel | None = None
    product: Panel | None = None
    transfer: Transfer | None = None
    presence: Presence | None = None
    meter: Meter = Meter()
    pace: Pace = Pace()
    quality: dict[RuleName, OneRule] = {}

    @model_validator(mode="after")
    def _rolls(self) -> Pack:
        if self.inbox.virtual and not self.painted:
            raise ValueError("inbox.virtual 的列表要滚动才看得全，页面必须绘制：去掉 painted: false")
        return self

    @property
    def tier(self) -> Literal["none", "bronze", "silver", "gold"]:
        """The highest step of the quality scale whose rules, and those below, are done or exempt."""
        reached: Literal["none", "bronze", "silver", "gold"] = "none"
        steps: tuple[Literal["bronze", "silver", "gold"], ...] = ("bronze", "silver", "gold")
        for step in steps:
            rules = [self.quality.get(rule) for rule in QUALITY[step]]  # type: ignore[call-overload]
            if not all(rule and rule.status != "todo" for rule in rules):
                break
            reached = step
        return reached

    @property
    def private(self) -> list[str]:
        """Selectors of all that shows what buyers said, ordered or are, of whichever conversation."""
        panels = [panel.root for panel in (self.order, self.product) if panel is not None]
        found = [css for root in (self.inbox.root, self.thread.root, *panels) for css in root]
        return [*self.frames, *(_ANY_ID.sub("", css) for css in found)]

    def compiled(self) -> dict[str, Any]:
        """The part that the page's reader needs, as plain JSON."""
        where = {"frames", "shadow", "signals", "inbox", "thread", "composer"}
        keys = where | {"order", "product", "transfer", "presence"}
        return self.model_dump(mode="json", include=keys)


def load_pack(path: Path) -> Pack:
    """Read and check a pack; raises `ConfigError` with file, line and key."""
    return pack_from(read_yaml(path))


def pack_from(document: Document) -> Pack:
    """A pack from YAML already read."""
    return load_model(Pack, document)
