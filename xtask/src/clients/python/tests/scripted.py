"""A server that answers as it is told, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Mapping

import httpx


class Script(httpx.BaseTransport):
    """Gives these answers, one a request. An exception stands for an answer that is lost."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def problem(
    status: int,
    code: str,
    *,
    retryable: bool = False,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> httpx.Response:
    """An answer that tells a problem."""
    body = {
        "type": f"https://fareway.example/problems/{code}",
        "title": "A title",
        "status": status,
        "detail": "a detail",
        "code": code,
        "request_id": "req_1",
        "retryable": retryable,
        **more,
    }
    return httpx.Response(
        status, json=body, headers={"Content-Type": "application/problem+json", **(headers or {})}
    )
