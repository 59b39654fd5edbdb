"""Writes the JSON Schemas by which editors complete and check YAML files: `python -m scripts.schemas`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from bots.settings import Settings
from flows.pack import Pack
from knowledge.model import Knowledge
from scripts.running import ROOT

# Where each stands, the model behind it, and its title.
SCHEMAS: dict[Path, tuple[type[BaseModel], str]] = {
    ROOT / "selectors/schema.json": (Pack, "Nightdesk pack"),
    ROOT / "schemas/knowledge.json": (Knowledge, "Nightdesk knowledge"),
    ROOT / "schemas/shops.json": (Settings, "Nightdesk shops"),
}


class _Plain(GenerateJsonSchema):
    """Without a title for each key, which would only repeat the key."""

    def field_title_should_be_set(self, schema: CoreSchema) -> bool:
        return False


def schema_text(target: Path) -> str:
    """The schema as it stands in its file."""
    model, title = SCHEMAS[target]
    schema = model.model_json_schema(schema_generator=_Plain)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return json.dumps(head | schema | head, ensure_ascii=False, indent=2) + "\n"


def main() -> int:
    """Write the files."""
    for target in SCHEMAS:
        target.parent.mkdir(exist_ok=True)
        target.write_text(schema_text(target), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
