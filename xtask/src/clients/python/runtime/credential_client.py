"""Who the caller is: a client with a secret, which gets tokens for it (RFC 6749 §4.4)."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from ._codec import Misfit, decode
from ._refusal import refusal
from ._request import Request
from .errors import ContractError, FarewayError

SPARE = 30.0
"""Seconds before its end at which a token is no longer used."""


class TokenRefused(FarewayError):
    """There is no token for this client (RFC 6749 §5.2)."""

    def __init__(self, code: str, description: str | None) -> None:
        super().__init__(code, description)
        self.code = code
        """What is the matter, such as `invalid_client`."""
        self.description = description
        """The same in words, for people."""

    def __str__(self) -> str:
        return f"{self.code}: {self.description}" if self.description else self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    access_token: str
    expires_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    error: str
    error_description: str | None = None


class Credential:
    """A client and its secret, and the token that they last gave."""

    def __init__(self, client_id: str, client_secret: str) -> None:
        pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._request = Request(
            method="POST",
            path="/oauth/token",
            headers={
                "Authorization": f"Basic {pair}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            content=b"grant_type=client_credentials",
            repeatable=True,
        )
        self._lock = threading.Lock()
        self._headers: Mapping[str, str] = {}
        self._until = 0.0

    def headers(self, send: Callable[[Request], httpx.Response]) -> Mapping[str, str]:
        """The headers that prove it. Those who need a token at the same time share one."""
        with self._lock:
            if not self._headers or time.monotonic() >= self._until:
                asked_at = time.monotonic()
                grant = _granted(send(self._request))
                self._headers = {"Authorization": f"Bearer {grant.access_token}"}
                self._until = asked_at + grant.expires_in - SPARE
            return self._headers

    def renew(self, proof: Mapping[str, str]) -> bool:
        """Whether there will be another proof than this one, which was refused."""
        with self._lock:
            if self._headers is proof:
                self._headers = {}
        return True


def _granted(answer: httpx.Response) -> _Grant:
    request_id = answer.headers.get("Request-Id")
    try:
        if answer.is_success:
            return decode(_Grant, answer.json())
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            refused = decode(_Refusal, answer.json())
            raise TokenRefused(refused.error, refused.error_description)
    except (Misfit, ValueError) as error:
        what = f"the answer of /oauth/token does not fit: {error}"
        raise ContractError(what, answer.status_code, request_id) from error
    raise refusal(answer)
