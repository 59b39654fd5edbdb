"""Writes `selectors/schema.json`, by which editors complete and check a pack: `python -m scripts.pack_schema`."""

from __future__ import annotations

import json
import sys

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from flows.pack import Pack
from scripts.running import ROOT

TARGET = ROOT / "selectors/schema.json"


class _Plain(GenerateJsonSchema):
    """Without a title for each key, which would only repeat the key."""

    def field_title_should_be_set(self, schema: CoreSchema) -> bool:
        return False


def schema_text() -> str:
    """The schema as it stands in the file."""
    schema = Pack.model_json_schema(schema_generator=_Plain)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Nightdesk pack"}
    return json.dumps(head | schema | head, ensure_ascii=False, indent=2) + "\n"


def main() -> int:
    """Write the file."""
    TARGET.write_text(schema_text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
