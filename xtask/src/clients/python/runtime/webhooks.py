"""Reads what is posted to webhook endpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from ._codec import Misfit, decode
from ._signature import WebhookRefused, check
from .errors import ContractError
from .schemas import Payload

__all__ = ["WebhookRefused", "verify"]


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime | None = None
) -> Payload:
    """Checks who sent a webhook (Standard Webhooks), and gives what it tells.

    A webhook may come twice; its id is the same then.

    Args:
        secret: That of the endpoint, which starts with `whsec_`.
        headers: The headers of the request, in any case.
        body: The body of the request, byte for byte.
        now: The time to compare with, when it is not that of the system.

    Raises:
        WebhookRefused: It was not signed with the secret, or not within five minutes of now.
        ContractError: It was, and does not fit the contract.
    """
    check(secret, headers, body, now)
    try:
        return decode(Payload, json.loads(body))
    except (Misfit, ValueError) as error:
        raise ContractError(f"the webhook does not fit the contract: {error}") from error
