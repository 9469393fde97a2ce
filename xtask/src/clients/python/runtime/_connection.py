"""Sends requests, again where that is safe, and reads what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

import httpx

from ._answer import Answer
from ._codec import Misfit, decode
from ._contract import USER_AGENT
from ._refusal import refusal
from ._request import Request
from ._retry import is_passing, pause
from .errors import ContractError, NotModified, TimedOut, TransportError

T = TypeVar("T")


class Credential(Protocol):
    """Who the caller is."""

    def headers(self, send: Callable[[Request], httpx.Response], /) -> Mapping[str, str]:
        """The headers that prove it."""
        ...

    def renew(self, proof: Mapping[str, str], /) -> bool:
        """Whether there will be another proof than this one, which was refused."""
        ...


class Connection:
    """A pool of connections to a server, in the name of one caller. Threads may share it."""

    def __init__(
        self,
        url: str,
        credential: Credential,
        *,
        retries: int,
        timeout: float,
        transport: httpx.BaseTransport | None,
    ) -> None:
        self._url = _base(url)
        self._credential = credential
        self._retries = retries
        headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
        self._http = httpx.Client(headers=headers, timeout=timeout, transport=transport)

    def close(self) -> None:
        """Closes what is open."""
        self._http.close()

    def call(self, request: Request, kind: type[T]) -> Answer[T]:
        """Sends a request in the name of the caller, and reads the answer."""
        proof = self._credential.headers(self.send)
        answer = self.send(_with_headers(request, proof))
        if answer.status_code == 401 and self._credential.renew(proof):
            answer = self.send(_with_headers(request, self._credential.headers(self.send)))
        if answer.status_code == 304 and request.headers.get("If-None-Match") is not None:
            raise NotModified(answer.headers.get("ETag"))
        if not answer.is_success:
            raise refusal(answer)
        return Answer(
            body=_read(answer, kind),
            status=answer.status_code,
            etag=answer.headers.get("ETag"),
            request_id=answer.headers.get("Request-Id"),
            replayed=answer.headers.get("Idempotency-Replayed") == "true",
        )

    def send(self, request: Request) -> httpx.Response:
        """Sends a request as it is; again while that is safe and promising."""
        for attempt in range(self._retries if request.repeatable else 0):
            try:
                answer = self._attempt(request)
            except TransportError:
                time.sleep(pause(attempt, None))
                continue
            if not is_passing(answer):
                return answer
            time.sleep(pause(attempt, answer))
        return self._attempt(request)

    def _attempt(self, request: Request) -> httpx.Response:
        what = f"{request.method} {request.path}"
        headers = {name: value for name, value in request.headers.items() if value is not None}
        if request.content is not None:
            headers.setdefault("Content-Type", "application/json")
        default = httpx.USE_CLIENT_DEFAULT
        try:
            return self._http.request(
                request.method,
                self._url + request.target,
                headers=headers,
                content=request.content,
                timeout=default if request.timeout is None else request.timeout,
            )
        except httpx.LocalProtocolError as error:
            raise ValueError(f"{what} cannot be sent: {error}") from error
        except httpx.TimeoutException as error:
            raise TimedOut(f"{what} was not answered in time") from error
        except httpx.RequestError as error:
            raise TransportError(f"{what} got no answer: {error}") from error


def _base(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.query or parsed.fragment:
        raise ValueError(f"{url!r} is not the URL of a server, such as https://fareway.example")
    return url.rstrip("/")


def _with_headers(request: Request, headers: Mapping[str, str]) -> Request:
    return replace(request, headers={**request.headers, **headers})


def _read(answer: httpx.Response, kind: type[T]) -> T:
    try:
        # Where nothing is given, nothing is read.
        return decode(kind, None if kind is type(None) else answer.json())
    except (Misfit, ValueError) as error:
        what = f"the answer does not fit the contract: {error}"
        raise ContractError(what, answer.status_code, answer.headers.get("Request-Id")) from error
