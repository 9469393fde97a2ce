"""What is sent to the server."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from ._codec import encode

Scalar: TypeAlias = "str | int | dt.date"
"""What stands in a path or in a query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, and how it may be treated."""

    method: str
    path: str
    query: Mapping[str, Scalar | None] = field(default_factory=dict[str, Any])
    headers: Mapping[str, str | None] = field(default_factory=dict[str, Any])
    content: bytes | None = None
    repeatable: bool = False
    timeout: float | None = None

    @property
    def target(self) -> str:
        """Path and query."""
        pairs = {name: _text(value) for name, value in self.query.items() if value is not None}
        return self.path + "?" + urlencode(pairs, quote_via=quote) if pairs else self.path


def segment(value: Scalar) -> str:
    """A value as one segment of a path."""
    text = _text(value)
    if text in ("", ".", ".."):
        raise ValueError(f"{text!r} cannot stand in a path")
    return quote(text, safe="")


def content(body: object) -> bytes:
    """A body as it is sent."""
    return json.dumps(encode(body), ensure_ascii=False, separators=(",", ":")).encode()


def new_key() -> str:
    """An idempotency key that nobody has used."""
    return secrets.token_hex(16)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(encode(value))
