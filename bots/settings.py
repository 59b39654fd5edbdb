"""`shops.yaml`: which shops there are, where their consoles stand, how and when they are served."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from base.errors import ConfigError, Problem
from base.places import shared
from base.spoken import say_time
from base.yamlfile import Document, Place, load_model, read_yaml
from flows.duty import Mode, ShopCard
from flows.inbox import Burst
from flows.pack import Limit, Pack, load_pack

_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–~至到]\s*([01]?\d|2[0-3]|24(?=:00)):([0-5]\d)")


def _hours(text: str) -> str:
    if not _SPAN.fullmatch(text):
        raise ValueError('时间段要写成 "09:00-22:00" 这样')
    return text


def _as_text(value: Any) -> Any:
    # A number is what it looks like; true, a list or nothing is not, it is reported.
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _secret(text: str) -> str:
    if text in ("file", "keyring") or re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*", text):
        return text
    raise ValueError("密码来源只能写 file、keyring 或 env:变量名；密码本身不要写在这里")


Hours = Annotated[str, AfterValidator(_hours)]
Secret = Annotated[str, AfterValidator(_secret)]
Text = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | float)]
Colleague = Annotated[Text, Field(min_length=1)]
ShopId = Annotated[Text, Field(pattern=r"^[\w\-]{1,40}$")]
Name = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[\w\-]{1,40}$")]
WATCHER = "watcher"


class Setting(BaseModel):
    """Base of all parts of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Login(Setting):
    """A bot's own sub-account; another login of it would kick the bot."""

    user: Text
    secret: Secret = "file"  # noqa: S105 - where it is kept, not what it is


class BurstSetting(Setting):
    """How long a buyer is let finish, in seconds."""

    quiet: Annotated[float, Field(ge=0, le=10)] = 0.6
    most: Annotated[float, Field(ge=0, le=30)] = 1.5


class PaceSetting(Setting):
    """At most so much, if less than the console's pack allows."""

    shop: Limit | None = None
    conversation: Limit | None = None


class Shop(Setting):
    """One seller account on one console.

    `transfer`: give what people must answer to a colleague who is online; `colleagues`: their names, where the
    console finds them only by name. `knowledge`: its own file, where it knows something else than the others.
    """

    id: ShopId
    title: Text = ""
    console: Text
    url: str | None = None
    category: Text | None = None
    product: Text | None = None
    mode: Mode = "answer"
    login: Login | None = None
    shift: Hours = "00:00-24:00"
    people: Hours | None = None
    transfer: bool = False
    colleagues: tuple[Colleague, ...] = ()
    knowledge: Text | None = None
    pace: PaceSetting = PaceSetting()


class Person(Setting):
    """Somebody who is called: by these channels, the next one where one fails; `hours`: when on call."""

    name: Name
    channels: Annotated[tuple[Name, ...], Field(min_length=1)]
    hours: Hours = "00:00-24:00"


class Watcher(Setting):
    """An outside watcher that is given a sign every so many seconds, and notices when none comes."""

    secret: Secret = "file"  # noqa: S105 - where it is kept, not what it is
    every: Annotated[float, Field(ge=10, le=3600)] = 60


class Alerting(Setting):
    """Who is called, in order, and how.

    `channels`: where the address of each is kept; `quiet`: hours in which only what is urgent rings; `per_hour`:
    the most messages for one person, urgent ones aside; `escalate`: minutes until the next person is called.
    """

    channels: Annotated[dict[Name, Secret], Field(min_length=1)]
    people: Annotated[tuple[Person, ...], Field(min_length=1)]
    quiet: Hours | None = None
    per_hour: Annotated[int, Field(ge=1, le=600)] = 20
    escalate: Annotated[float, Field(ge=1, le=240)] = 10
    watcher: Watcher | None = None

    def sources(self) -> dict[str, str]:
        """Where each address is kept: the channels', and the watcher's under its own name."""
        return {**self.channels, WATCHER: self.watcher.secret} if self.watcher else dict(self.channels)

    def exits(self) -> dict[str, str]:
        """The signs that tell whether people and the watcher can be reached, and what each stands for."""
        exits = {f"channel/{name}": name for name in self.channels}
        return {**exits, WATCHER: "外部看守"} if self.watcher else exits


class Settings(Setting):
    """The whole file. `silence`: minutes that a bot keeps quiet after a person; `people`: when they work;
    `memory`: MiB that a worker and its browser may take, above which it is started anew.
    """

    shops: Annotated[list[Shop], Field(min_length=1)]
    people: Hours
    knowledge: str = "knowledge.yaml"
    silence: Annotated[float, Field(ge=0, le=240)] = 10
    burst: BurstSetting = BurstSetting()
    visits: Annotated[int, Field(ge=1, le=32)] = 4
    memory: Annotated[int, Field(ge=512, le=262_144)] = 4096
    alerts: Alerting | None = None

    def card(self, shop: Shop, pack: Pack) -> ShopCard:
        """A shop as its flow sees it."""
        return ShopCard(
            shop=shop.id,
            title=shop.title or shop.id,
            platform=pack.platform,
            url=shop.url or pack.url,
            category=shop.category,
            product=shop.product,
            silence=self.silence * 60,
            transfer=shop.transfer,
            colleagues=shop.colleagues,
            burst=Burst(quiet=self.burst.quiet, most=self.burst.most),
        )

    def own_knowledge(self, folder: Path) -> dict[str, Path]:
        """The knowledge files of the shops that have their own; `folder` is that of `shops.yaml`."""
        return {shop.id: folder / shop.knowledge for shop in self.shops if shop.knowledge}

    def people_hours(self, shop: Shop) -> str:
        """When people serve this shop."""
        return shop.people or self.people


def load_settings(path: Path) -> Settings:
    """Read and check the file; raises `ConfigError` with file, line and key."""
    document = read_yaml(path)
    settings = load_model(Settings, document)
    _check_ids(settings, document)
    if settings.alerts is not None:
        _check_alerts(settings.alerts, document)
    return settings


def load_shop_pack(shop: Shop, folder: Path) -> Pack:
    """The pack that a shop names: one that ships with Nightdesk, or a file beside `shops.yaml`.

    Raises `ConfigError`, also when the pack cannot do what the shop asks for.
    """
    pack = load_pack(pack_path(shop.console, folder))
    if shop.transfer and pack.transfer is None:
        hint = "去掉 transfer: true，转人工会进待处理清单"
        raise ConfigError(Problem(message=f"店铺“{shop.id}”要转接，但选择器包里没有 transfer", hint=hint))
    if shop.transfer and pack.transfer and pack.transfer.search and not shop.colleagues:
        hint = "在 colleagues 里写上同事在后台的昵称，例如 colleagues: [小李]"
        raise ConfigError(Problem(message=f"店铺“{shop.id}”要转接，但这个后台要按昵称找同事", hint=hint))
    return pack


def pack_path(console: str, folder: Path) -> Path:
    """Where the pack `console` stands: a name, or a path that ends in .yaml; raises `ConfigError`."""
    if console.endswith((".yaml", ".yml")):
        path = Path(console).expanduser()
        return path if path.is_absolute() else folder / path
    packs = shared("selectors")
    path = packs / f"{console}.yaml"
    if not path.is_file():
        known = "、".join(sorted(found.stem for found in packs.glob("*.yaml")))
        raise ConfigError(
            Problem(message=f"没有名叫“{console}”的后台选择器包", hint=f"现有：{known}；或写自己的 .yaml 文件路径")
        )
    return path


def people_at(hours: str, now: datetime, zone: ZoneInfo) -> tuple[bool, str | None]:
    """Whether people are on shift, and if not, when they are back, as a buyer reads it."""
    if in_hours(hours, now, zone):
        return True, None
    return False, say_time(next_start(hours, now, zone), now, zone)


def in_hours(hours: str, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether `moment` lies in a span such as `22:00-06:00` (overnight spans go on into the next day)."""
    start, end = _span(hours)
    minute = _minute_of(moment, zone)
    return start <= minute < end if start < end else minute >= start or minute < end


def next_start(hours: str, moment: datetime, zone: ZoneInfo) -> datetime:
    """When the span next begins after `moment`."""
    start, _end = _span(hours)
    local = moment.astimezone(zone)
    begin = datetime.combine(local.date(), time(start // 60, start % 60), tzinfo=zone)
    return begin if begin > local else begin + timedelta(days=1)


def _span(hours: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(hours)
    assert found is not None, hours  # noqa: S101 - checked when the file was read
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    return start_hour * 60 + start_minute, end_hour * 60 + end_minute


def _minute_of(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def _check_ids(settings: Settings, document: Document) -> None:
    first: dict[str, int] = {}
    for index, shop in enumerate(settings.shops):
        place: tuple[Any, ...] = ("shops", index, "id")
        if shop.id in first:
            hint = f"第 {first[shop.id]} 行已经用过这个 id，每家店的 id 不能相同"
            raise ConfigError(document.problem(place, f"店铺 id “{shop.id}”重复", hint))
        first[shop.id] = document.line(place)


def _check_alerts(alerts: Alerting, document: Document) -> None:
    if WATCHER in alerts.channels:
        raise ConfigError(document.problem(("alerts", "channels", WATCHER), "渠道不能叫 watcher", "换一个名字"))
    names = [person.name for person in alerts.people]
    for index, person in enumerate(alerts.people):
        place: Place = ("alerts", "people", index)
        if person.name in names[:index]:
            raise ConfigError(document.problem((*place, "name"), f"“{person.name}”写了两次", "每个人只写一次"))
        unknown = [channel for channel in person.channels if channel not in alerts.channels]
        if unknown:
            hint = f"alerts 的 channels 里有：{'、'.join(alerts.channels)}"
            raise ConfigError(document.problem((*place, "channels"), f"没有渠道“{unknown[0]}”", hint))
