"""A release of the practice console renames what it is told to, in markup and styles alike, and nothing else."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from practice.client import Practice, PracticeError
from practice.drift import renamed


def test_new_names_follow_from_the_seed() -> None:
    names = [".row", "#list", "[data-uid]", '[data-kind="card"]', '[class="x y"]']
    made = renamed(names, 1)
    assert made == renamed(names, 1)
    assert made != renamed(names, 2)
    assert list(made) == names
    assert made["[data-uid]"].startswith("data-")
    assert len(set(made.values())) == len(names)


@pytest.mark.parametrize("name", ["row", "..row", ".a .b", "[data-uid", "*"])
def test_only_names_can_be_renamed(name: str) -> None:
    with pytest.raises(ValueError, match="不是"):
        renamed([name], 1)


async def test_an_open_desk_begins_anew_with_the_names(practice: Practice, desk: Page) -> None:
    await practice.say("shop-1", "在吗", buyer="u1")
    row = desk.locator('.row[data-uid="u1"]')
    await expect(row).to_be_visible()
    look = "(row) => [row.getBoundingClientRect().height, getComputedStyle(row).cursor]"
    before = await row.evaluate(look)
    made = (await practice.control("drift", names=[".row", "[data-uid]"], seed=3))["names"]
    fresh = desk.locator(f'.{made[".row"]}[{made["[data-uid]"]}="u1"]')
    await expect(fresh).to_be_visible()
    await expect(desk.locator(".row")).to_have_count(0)
    await desk.wait_for_load_state("load")
    assert await fresh.evaluate(look) == before
    await fresh.click()
    await expect(desk.locator('.thread[data-conversation="u1"] .composer-input')).to_be_visible()
    await practice.control("drift", names=[])
    await expect(row).to_be_visible()
    with pytest.raises(PracticeError, match="不是"):
        await practice.control("drift", names=["row"])
