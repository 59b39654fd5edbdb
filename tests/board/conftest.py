"""What the board's tests share."""

from __future__ import annotations

from tests.standing import clock as clock
from tests.standing import ledger as ledger
