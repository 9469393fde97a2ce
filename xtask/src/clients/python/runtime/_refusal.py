"""Reads what the server answers when it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from ._codec import Misfit, decode
from .errors import ContractError, FarewayError, Problem, Violation
from .problems import PROBLEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    code: str
    title: str
    detail: str
    retryable: bool
    request_id: str | None = None
    errors: Sequence[Violation] = ()


def refusal(answer: httpx.Response) -> FarewayError:
    """The problem of an answer; `ContractError` when it tells none, as the page of a proxy."""
    request_id = answer.headers.get("Request-Id")
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    what = f"the answer is {answer.status_code}, and of the type {media_type or 'unknown'}"
    if media_type == "application/problem+json":
        try:
            problem = decode(_Document, answer.json())
            return PROBLEMS.get(problem.code, Problem)(
                answer.status_code,
                problem.code,
                problem.title,
                problem.detail,
                problem.request_id or request_id,
                problem.retryable,
                tuple(problem.errors),
            )
        except (Misfit, ValueError) as error:
            what = f"the problem does not fit the contract: {error}"
    return ContractError(what, answer.status_code, request_id)
