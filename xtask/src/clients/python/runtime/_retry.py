"""When a request is worth repeating, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass

import httpx

from ._codec import Misfit, decode

FIRST_PAUSE = 0.2
"""Seconds, at most, before the first repetition; twice as many before each next one."""

LONGEST_PAUSE = 8.0
"""Seconds, at most, before a repetition when the server does not say."""

LONGEST_RETRY_AFTER = 30.0
"""Seconds, at most, that the server may ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hint:
    retryable: bool


def is_passing(answer: httpx.Response) -> bool:
    """Whether an answer says that the same request may succeed later."""
    if answer.status_code in (429, 503):
        return True
    if not answer.is_error:
        return False
    try:
        return decode(_Hint, answer.json()).retryable
    except (Misfit, ValueError):
        return False


def pause(attempt: int, answer: httpx.Response | None) -> float:
    """Seconds to wait after an attempt, counted from 0, that got an answer or none."""
    jitter = random.uniform(0, min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE))
    asked = "" if answer is None else answer.headers.get("Retry-After", "")
    return max(jitter, min(float(asked), LONGEST_RETRY_AFTER)) if asked.isdecimal() else jitter
