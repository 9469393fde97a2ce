"""What the journeys have in common: where the server is, and what is expected of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

URL = os.environ.get("FAREWAY_URL", "")
CUTTING_URL = os.environ.get("FAREWAY_CUTTING_URL", "")
KEY = os.environ.get("FAREWAY_KEY", "")
CLIENT_ID = os.environ.get("FAREWAY_CLIENT_ID", "")
CLIENT_SECRET = os.environ.get("FAREWAY_CLIENT_SECRET", "")


def equal(what: str, found: object, wanted: object) -> None:
    """Ends the journey unless something is as it should be."""
    if found != wanted:
        sys.exit(f"{what}: {found!r}, where {wanted!r} was expected")


def distinct(what: str, ids: Iterable[str], least: int) -> int:
    """Ends the journey when something comes twice or too little comes; says how much came."""
    seen = list(ids)
    equal(f"{what} that come twice", sorted({name for name in seen if seen.count(name) > 1}), [])
    equal(f"whether there are at least {least} {what}", len(seen) >= least, True)
    return len(seen)
