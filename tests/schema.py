"""As much of JSON Schema as ours use, to try files on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


class Schema:
    """One schema; a word that it does not know is an error, never passed over."""

    SILENT = frozenset({"$schema", "$defs", "title", "description", "default", "format"})
    TYPES: Mapping[str, tuple[type, ...]] = {
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "array": (list,),
        "object": (dict,),
        "null": (type(None),),
    }

    def __init__(self, whole: dict[str, Any]) -> None:
        self.whole = whole

    def fits(self, value: Any, node: Any = None) -> bool:
        node = self.whole if node is None else node
        return all(self._word(word, rule, value, node) for word, rule in node.items() if word not in self.SILENT)

    def _word(self, word: str, rule: Any, value: Any, node: dict[str, Any]) -> bool:
        items = value if isinstance(value, list) else []
        keys = value if isinstance(value, dict) else {}
        match word:
            case "$ref":
                return self.fits(value, self.whole["$defs"][rule.rsplit("/", 1)[-1]])
            case "anyOf":
                return any(self.fits(value, branch) for branch in rule)
            case "type":
                return isinstance(value, self.TYPES[rule]) and (rule == "boolean" or not isinstance(value, bool))
            case "const":
                return bool(value == rule)
            case "enum":
                return value in rule
            case "pattern":
                return not isinstance(value, str) or re.search(rule, value) is not None
            case "items":
                return all(self.fits(item, rule) for item in items)
            case "minItems":
                return not isinstance(value, list) or len(value) >= rule
            case "maxItems":
                return not isinstance(value, list) or len(value) <= rule
            case "required":
                return not isinstance(value, dict) or set(rule) <= set(value)
            case "properties":
                return all(self.fits(keys[key], inner) for key, inner in rule.items() if key in keys)
            case "propertyNames":
                return all(self.fits(key, rule) for key in keys)
            case "additionalProperties":
                rest = [inner for key, inner in keys.items() if key not in node.get("properties", {})]
                return not rest if rule is False else all(self.fits(inner, rule) for inner in rest)
            case "minimum" | "maximum" | "exclusiveMinimum":
                if not isinstance(value, int | float):
                    return True
                return (
                    value <= rule if word == "maximum" else value > rule or (word == "minimum" and value == rule)
                )
        raise AssertionError(f"the schema uses {word!r}")
