"""Whether a webhook comes from Fareway (Standard Webhooks, version 1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from .errors import FarewayError

TOLERANCE = timedelta(minutes=5)
"""How far the time of a webhook may be from now."""


class WebhookRefused(FarewayError):
    """The webhook does not come from Fareway, or not now."""


def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime | None) -> None:
    """Raises `WebhookRefused` unless the body was signed with the secret, now."""
    given = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in _HEADERS if not given.get(name)]
    if missing:
        raise WebhookRefused(f"the header {missing[0]} is missing")
    identity, seconds, signatures = (given[name] for name in _HEADERS)
    if not (seconds.isascii() and seconds.isdecimal()):
        raise WebhookRefused("webhook-timestamp is not a time")
    signed_at = timedelta(seconds=int(seconds[:12]))
    since = (now or datetime.now(timezone.utc)) - datetime.fromtimestamp(0, timezone.utc)
    if abs(since - signed_at) > TOLERANCE:
        raise WebhookRefused("webhook-timestamp is more than five minutes from now")
    message = f"{identity}.{seconds}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(_key(secret), message, hashlib.sha256))
    # Several keys may have signed while one replaces another.
    matches = [
        hmac.compare_digest(expected, signature.encode()) for signature in signatures.split(" ")
    ]
    if not any(matches):
        raise WebhookRefused("webhook-signature is not one of this body with this secret")


_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError(
            "the secret is not one of a webhook endpoint, which starts with whsec_"
        ) from error
