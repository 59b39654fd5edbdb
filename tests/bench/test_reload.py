"""A short storm of edits: nobody is lost, and nothing is answered from a version that was wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from base.errors import ConfigError
from base.yamlfile import parse_yaml
from bench.reload import edits, storm, table
from knowledge.model import knowledge_from


def test_every_third_version_is_wrong_and_the_last_one_good() -> None:
    done = edits(12, random.Random(5))  # noqa: S311 - dice for a storm, no secrets
    for edit in done:
        if edit.wrong:
            with pytest.raises(ConfigError):
                knowledge_from(parse_yaml(edit.text, Path("k.yaml")))
        else:
            texts = knowledge_from(parse_yaml(edit.text, Path("k.yaml"))).entries[0].texts
            assert all(f"（{edit.number}号版）" in text for text in texts)
    assert [edit.number for edit in done if edit.wrong] == [3, 6, 9]


@pytest.mark.timeout(180)
async def test_a_short_storm_loses_nobody() -> None:
    found = await storm(count=12, seconds=6.0, rate=5.0, shops=2)
    assert found.met, found
    assert (found.edits, found.wrong) == (12, 3)
    assert table(found).row_count > 5
    for fault in ("lost", "from_wrong", "from_unknown", "duplicates", "misdelivered"):
        assert not replace(found, **{fault: 1}).met
