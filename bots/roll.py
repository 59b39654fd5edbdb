"""The roll: `shops.yaml` and the packs that it names, read and checked together, as every part goes by it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from base.errors import ConfigError, Problem
from base.yamlfile import read_yaml
from bots.home import Home
from bots.settings import Settings, Shop, check_pack, load_settings, pack_path
from flows.pack import Pack, load_pack

# What may differ between two shops without the page having to be opened anew.
_SOFT = frozenset(Shop.model_fields) - {"id", "console", "url", "login"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """The settings, and each shop's pack by the shop's id."""

    settings: Settings
    packs: Mapping[str, Pack]

    @property
    def shops(self) -> dict[str, Shop]:
        """The shops by id."""
        return {shop.id: shop for shop in self.settings.shops}

    def knowledge(self, folder: Path) -> tuple[Path, dict[str, Path]]:
        """The file of what all shops know, and those of the shops with their own; `folder`: of `shops.yaml`."""
        return folder / self.settings.knowledge, self.settings.own_knowledge(folder)

    def only(self, shops: Collection[str]) -> Roll:
        """The same with these shops alone."""
        kept = [shop for shop in self.settings.shops if shop.id in shops]
        return Roll(
            settings=self.settings.model_copy(update={"shops": kept}),
            packs={shop.id: self.packs[shop.id] for shop in kept},
        )

    def line(self) -> bytes:
        """As a supervisor tells it to a worker."""
        consoles = {shop.console: self.packs[shop.id] for shop in self.settings.shops}
        told = {
            "settings": self.settings.model_dump(mode="json", exclude_unset=True),
            "packs": {
                console: pack.model_dump(mode="json", exclude_unset=True) for console, pack in consoles.items()
            },
        }
        return json.dumps(told, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> Roll:
        """As a worker hears it."""
        told: Mapping[str, Any] = json.loads(line)
        settings = Settings.model_validate(told["settings"])
        consoles = {console: Pack.model_validate(pack) for console, pack in told["packs"].items()}
        return cls(settings=settings, packs={shop.id: consoles[shop.console] for shop in settings.shops})

    def changes(self, new: Roll) -> str:
        """What the new one says otherwise, in words; empty for nothing."""
        old_shops, new_shops = self.shops, new.shops
        told = {
            "新增": [shop for shop in new_shops if shop not in old_shops],
            "去掉": [shop for shop in old_shops if shop not in new_shops],
            "改动": [
                f"{shop}（{'、'.join(changed)}）"
                for shop in new_shops
                if shop in old_shops and (changed := self._changed(shop, new))
            ],
            "设置": [
                key
                for key in Settings.model_fields
                if key != "shops" and getattr(self.settings, key) != getattr(new.settings, key)
            ],
        }
        return "；".join(f"{what} {'、'.join(names)}" for what, names in told.items() if names)

    def same_page(self, shop: str, new: Roll) -> bool:
        """Whether the shop can go on by the new one in the page that it has."""
        return _SOFT.issuperset(self._changed(shop, new))

    def _changed(self, shop: str, new: Roll) -> list[str]:
        old, fresh = self.shops[shop], new.shops[shop]
        keys = [key for key in Shop.model_fields if getattr(old, key) != getattr(fresh, key)]
        return (
            keys
            if self.packs[shop] == new.packs[shop]
            else ["console", *(key for key in keys if key != "console")]
        )


def read_roll(home: Home) -> Roll:
    """Read `shops.yaml` and every pack that it names; raises `ConfigError` with file, line and key."""
    settings = load_settings(home.shops)
    return Roll(settings=settings, packs=read_packs(settings, home))


def read_packs(settings: Settings, home: Home) -> dict[str, Pack]:
    """Each shop's pack by the shop's id; raises `ConfigError` with file, line and key."""
    packs: dict[str, Pack] = {}
    for number, shop in enumerate(settings.shops):
        try:
            if shop.console not in packs:
                packs[shop.console] = load_pack(pack_path(shop.console, home.folder))
            check_pack(shop, packs[shop.console])
        except ConfigError as error:
            raise ConfigError(*(_placed(each, home.shops, number) for each in error.problems)) from None
    return {shop.id: packs[shop.console] for shop in settings.shops}


def pack_folders(roll: Roll, home: Home) -> frozenset[Path]:
    """Where `shops.yaml` and the packs stand."""
    consoles = {shop.console for shop in roll.settings.shops}
    return frozenset({home.folder, *(pack_path(console, home.folder).parent for console in consoles)})


def _placed(problem: Problem, path: Path, number: int) -> Problem:
    """What is wrong with a shop as a whole, with the line that names its console."""
    if problem.path is not None:
        return problem
    found = read_yaml(path).problem(("shops", number, "console"), problem.message, problem.hint)
    return replace(problem, path=found.path, line=found.line, key=found.key)
