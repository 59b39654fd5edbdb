"""Where the files that come with Nightdesk are: beside the code in a checkout, under `share` once installed."""

from __future__ import annotations

import sysconfig
from collections.abc import Sequence
from pathlib import Path

_HOME = Path(__file__).resolve().parent.parent


def shared(name: str) -> Path:
    """The path of a file or folder that ships with Nightdesk, such as `selectors` or `knowledge.yaml`.

    Where no place has it, the path where it ought to be is returned, so that the reader's error names it.
    """
    places = [place / name for place in _places(_HOME)]
    return next((place for place in places if place.exists()), places[0])


def _places(home: Path) -> Sequence[Path]:
    # A wheel's data go under the prefix of the scheme it was installed with: the system's or the user's own.
    if (home / "pyproject.toml").is_file():
        return [home]
    prefixes = [sysconfig.get_path("data"), sysconfig.get_path("data", sysconfig.get_preferred_scheme("user"))]
    return [Path(prefix) / "share" / "nightdesk" for prefix in prefixes]
