"""An answer with what stands around its body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T_co]):
    """A success: its body, and what its status and headers say."""

    body: T_co
    """What the operation gives; None where it gives nothing."""

    status: int
    """The HTTP status: 202 where an outcome is not settled yet."""

    etag: str | None
    """The version of what was read, for `if_match` and `if_none_match`; None without one."""

    request_id: str | None
    """Names the exchange; quote it when you ask for help."""

    replayed: bool
    """Whether it was given to an earlier request with the same key, and nothing was done again."""
