"""`shops.yaml`: which shops there are, where their consoles stand, how and when they are served."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, tzinfo
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from base.errors import ConfigError, Problem
from base.places import shared
from base.yamlfile import Document, Place, load_model, read_yaml
from bots.shifts.plan import Plan, daily
from bots.shifts.roster import OnCall, OnCallPlace, Roster
from bots.shifts.written import Dates, Hours, OwnDates, ShiftRow, Shifts, each_day
from flows.duty import Mode, ShopCard
from flows.inbox import Burst
from flows.pack import Limit, Pack, load_pack


def _as_text(value: Any) -> Any:
    # A number is what it looks like; true, a list or nothing is not, it is reported.
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _secret(text: str) -> str:
    if text in ("file", "keyring") or re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*", text):
        return text
    raise ValueError("密码来源只能写 file、keyring 或 env:变量名；密码本身不要写在这里")


def web_address(text: str) -> str:
    """An address that a browser can open; raises `ValueError` for any other."""
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise ValueError("网址要以 http:// 或 https:// 开头")
    return text


Secret = Annotated[str, AfterValidator(_secret)]
Text = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | float)]
Colleague = Annotated[Text, Field(min_length=1)]
ShopId = Annotated[Text, Field(pattern=r"^[\w\-]{1,40}$")]
Name = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[\w\-]{1,40}$")]
WATCHER = "watcher"
ALWAYS = "00:00-24:00"


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
    url: Annotated[str, AfterValidator(web_address)] | None = None
    category: Text | None = None
    product: Text | None = None
    mode: Mode = "answer"
    login: Login | None = None
    shift: Shifts = ALWAYS
    people: Shifts | None = None
    transfer: bool = False
    colleagues: tuple[Colleague, ...] = ()
    knowledge: Text | None = None
    pace: PaceSetting = PaceSetting()


class Person(Setting):
    """Somebody who is called: by these channels, the next one where one fails.

    `hours`: when on call; `shops`: for which of them, for all where none is named.
    """

    name: Name
    channels: Annotated[tuple[Name, ...], Field(min_length=1)]
    hours: Shifts = ALWAYS
    shops: tuple[ShopId, ...] = ()


class Swap(Setting):
    """Two who are on call have each other's place in the shifts that begin on these days."""

    days: Annotated[Dates, Field(min_length=1)]
    between: Annotated[tuple[Name, ...], Field(min_length=2, max_length=2)]


class Watcher(Setting):
    """An outside watcher that is given a sign every so many seconds, and notices when none comes."""

    secret: Secret = "file"  # noqa: S105 - where it is kept, not what it is
    every: Annotated[float, Field(ge=10, le=3600)] = 60


class Alerting(Setting):
    """Who is called, in order, and how.

    `channels`: where the address of each is kept; `quiet`: hours in which only what is urgent rings; `per_hour`:
    the most messages for one person, urgent ones aside; `escalate`: minutes until the next person is called;
    `swaps`: who stands in for whom on which days.
    """

    channels: Annotated[dict[Name, Secret], Field(min_length=1)]
    people: Annotated[tuple[Person, ...], Field(min_length=1)]
    quiet: Hours | None = None
    per_hour: Annotated[int, Field(ge=1, le=600)] = 20
    escalate: Annotated[float, Field(ge=1, le=240)] = 10
    watcher: Watcher | None = None
    swaps: tuple[Swap, ...] = ()

    def sources(self) -> dict[str, str]:
        """Where each address is kept: the channels', and the watcher's under its own name."""
        return {**self.channels, WATCHER: self.watcher.secret} if self.watcher else dict(self.channels)

    def exits(self) -> dict[str, str]:
        """The signs that tell whether people and the watcher can be reached, and what each stands for."""
        exits = {f"channel/{name}": name for name in self.channels}
        return {**exits, WATCHER: "外部看守"} if self.watcher else exits


class Metrics(Setting):
    """Health and figures for programs on this machine: at this port; `secret`: where the token is kept."""

    port: Annotated[int, Field(ge=1, le=65_535)]
    secret: Secret = "file"  # noqa: S105 - where it is kept, not what it is


class Settings(Setting):
    """The whole file. `silence`: minutes that a bot keeps quiet after a person; `people`: when they work;
    `shifts`: tables that a shop or a person names; `calendar`: days off and days worked beside the public ones;
    `memory`: MiB that a worker and its browser may take, above which it is started anew.
    """

    shops: Annotated[list[Shop], Field(min_length=1)]
    people: Shifts
    shifts: dict[Name, Annotated[tuple[ShiftRow, ...], Field(min_length=1)]] = {}
    calendar: OwnDates = OwnDates()
    knowledge: str = "knowledge.yaml"
    silence: Annotated[float, Field(ge=0, le=240)] = 10
    burst: BurstSetting = BurstSetting()
    visits: Annotated[int, Field(ge=1, le=32)] = 8
    memory: Annotated[int, Field(ge=512, le=262_144)] = 4096
    alerts: Alerting | None = None
    metrics: Metrics | None = None

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

    def roster(self, shop: Shop, zone: tzinfo) -> Roster:
        """When bots and people serve this shop."""
        return Roster(bots=self._plan(shop.shift), people=self.people_plan(shop), zone=zone)

    def people_plan(self, shop: Shop | None = None) -> Plan:
        """When people serve this shop, or those that say nothing of it."""
        return self._plan((shop and shop.people) or self.people)

    def on_call(self, alerts: Alerting) -> OnCall:
        """Who is called when."""
        swaps: dict[date, dict[str, str]] = {}
        for swap in alerts.swaps:
            one, other = swap.between
            for day in each_day(swap.days):
                who = swaps.setdefault(day, {})
                who[one], who[other] = who.get(other, other), who.get(one, one)
        places = [
            OnCallPlace(name=each.name, plan=self._plan(each.hours), shops=frozenset(each.shops))
            for each in alerts.people
        ]
        return OnCall(places=places, swaps=swaps)

    def _plan(self, written: Shifts) -> Plan:
        rows = self.shifts.get(written) if isinstance(written, str) else written
        if rows is None:
            return daily(str(written))
        return Plan(rows=[row.row() for row in rows], calendar=self.calendar.calendar())


def load_settings(path: Path) -> Settings:
    """Read and check the file; raises `ConfigError` with file, line and key."""
    document = read_yaml(path)
    settings = load_model(Settings, document)
    _check_ids(settings, document)
    _check_shifts(settings, document)
    if settings.alerts is not None:
        _check_alerts(settings.alerts, [shop.id for shop in settings.shops], document)
    return settings


def load_shop_pack(shop: Shop, folder: Path) -> Pack:
    """The pack that a shop names: one that ships with Nightdesk, or a file beside `shops.yaml`.

    Raises `ConfigError`, also when the pack cannot do what the shop asks for.
    """
    pack = load_pack(pack_path(shop.console, folder))
    check_pack(shop, pack)
    return pack


def check_pack(shop: Shop, pack: Pack) -> None:
    """Raises `ConfigError` when the pack cannot do what the shop asks for."""
    if shop.transfer and pack.transfer is None:
        hint = "去掉 transfer: true，转人工会进待处理清单"
        raise ConfigError(Problem(message=f"店铺“{shop.id}”要转接，但选择器包里没有 transfer", hint=hint))
    if shop.transfer and pack.transfer and pack.transfer.search and not shop.colleagues:
        hint = "在 colleagues 里写上同事在后台的昵称，例如 colleagues: [小李]"
        raise ConfigError(Problem(message=f"店铺“{shop.id}”要转接，但这个后台要按昵称找同事", hint=hint))
    # Whoever names colleagues means nobody else: that must not go unheard.
    if shop.colleagues and not shop.transfer:
        hint = "要转接就写上 transfer: true，不要就去掉 colleagues"
        raise ConfigError(Problem(message=f"店铺“{shop.id}”写了 colleagues，但没有要转接", hint=hint))
    if shop.colleagues and pack.transfer and not pack.transfer.search:
        hint = "去掉 colleagues；不想转给别人，就也去掉 transfer: true"
        raise ConfigError(
            Problem(
                message=f"店铺“{shop.id}”写了 colleagues，但这个后台不按昵称找人，会转给任何在线的同事", hint=hint
            )
        )


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


def _check_ids(settings: Settings, document: Document) -> None:
    first: dict[str, int] = {}
    for index, shop in enumerate(settings.shops):
        place: tuple[Any, ...] = ("shops", index, "id")
        if shop.id in first:
            hint = f"第 {first[shop.id]} 行已经用过这个 id，每家店的 id 不能相同"
            raise ConfigError(document.problem(place, f"店铺 id “{shop.id}”重复", hint))
        first[shop.id] = document.line(place)


def _check_shifts(settings: Settings, document: Document) -> None:
    for index, shop in enumerate(settings.shops):
        _check_written(shop.shift, ("shops", index, "shift"), settings, document, of_people=False)
    for place, written in _of_people(settings):
        _check_written(written, place, settings, document, of_people=True)


def _of_people(settings: Settings) -> Iterator[tuple[Place, Shifts]]:
    """Where the file says when people are there."""
    yield ("people",), settings.people
    for index, shop in enumerate(settings.shops):
        if shop.people is not None:
            yield ("shops", index, "people"), shop.people
    for index, person in enumerate(settings.alerts.people if settings.alerts else ()):
        yield ("alerts", "people", index, "hours"), person.hours


def _check_written(
    written: Shifts, place: Place, settings: Settings, document: Document, *, of_people: bool
) -> None:
    rows = settings.shifts.get(written) if isinstance(written, str) else written
    if rows is None:
        try:
            daily(str(written))
        except ValueError as error:
            known = f"；shifts 里有：{'、'.join(settings.shifts)}" if settings.shifts else ""
            raise ConfigError(document.problem(place, f"没有叫“{written}”的班次", f"{error}{known}")) from None
        return
    if not rows:
        raise ConfigError(document.problem(place, "班次表里一行也没有", "删掉这一项，或写上几点到几点"))
    for index, row in enumerate(rows):
        if of_people and row.do not in ("回答", "休息"):
            named = isinstance(written, str)
            message = f"人在不在班，只能不写 do 或写 do: 休息，“{row.do}”是机器人做的事"
            hint = f"给人工另外写一个班次表，不用“{written}”" if named else "删掉这个 do"
            raise ConfigError(document.problem(place if named else (*place, index, "do"), message, hint))


def _check_alerts(alerts: Alerting, shops: Sequence[str], document: Document) -> None:
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
        unknown = [shop for shop in person.shops if shop not in shops]
        if unknown:
            hint = f"现有：{'、'.join(shops)}"
            raise ConfigError(document.problem((*place, "shops"), f"没有 id 为“{unknown[0]}”的店铺", hint))
    for index, swap in enumerate(alerts.swaps):
        strange = [name for name in swap.between if name not in names]
        if strange or len(set(swap.between)) < 2:
            said = f"没有叫“{strange[0]}”的人" if strange else "换班的是同一个人"
            hint = f"alerts 的 people 里有：{'、'.join(names)}"
            raise ConfigError(document.problem(("alerts", "swaps", index, "between"), said, hint))
