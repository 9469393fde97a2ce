from __future__ import annotations

import base64
import hashlib
import hmac
import json
import typing
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from fareway import ContractError, WebhookRefused, webhooks
from fareway._codec import encode
from fareway._signature import check

# The example that the libraries of Standard Webhooks are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "WEBHOOK-SIGNATURE": SIGNATURE,
}
NOW = datetime.fromtimestamp(1614265330, timezone.utc)


class Signatures(unittest.TestCase):
    def test_those_of_the_standard_are_accepted(self) -> None:
        check(SECRET, HEADERS, BODY, NOW)
        check(
            SECRET,
            {**HEADERS, "WEBHOOK-SIGNATURE": f"v1,AAAA v2,{SIGNATURE} {SIGNATURE}"},
            BODY,
            NOW,
        )
        for minutes in (-5, 5):
            check(SECRET, HEADERS, BODY, NOW + timedelta(minutes=minutes))

    def test_all_others_are_refused(self) -> None:
        for headers in [
            {**HEADERS, "Webhook-Id": "msg_other"},
            {**HEADERS, "webhook-timestamp": "1614265331"},
            {**HEADERS, "webhook-timestamp": "soon"},
            {**HEADERS, "WEBHOOK-SIGNATURE": SIGNATURE.removeprefix("v1,")},
            {**HEADERS, "WEBHOOK-SIGNATURE": SIGNATURE.replace("g0h", "g1h")},
            {**HEADERS, "WEBHOOK-SIGNATURE": "v1,ü"},
            {name: value for name, value in HEADERS.items() if name != "Webhook-Id"},
            {},
        ]:
            with self.subTest(headers), self.assertRaises(WebhookRefused):
                check(SECRET, headers, BODY, NOW)
        for secret, body, now in [
            ("whsec_AAAA", BODY, NOW),
            (SECRET, BODY + b" ", NOW),
            (SECRET, BODY, NOW + timedelta(minutes=5, seconds=1)),
            (SECRET, BODY, NOW - timedelta(minutes=5, seconds=1)),
            (SECRET, BODY, None),
        ]:
            with self.assertRaises(WebhookRefused):
                check(secret, HEADERS, body, now)

    def test_a_secret_is_base64(self) -> None:
        with self.assertRaises(ValueError):
            check("whsec_?", HEADERS, BODY, NOW)


def signed(body: bytes) -> dict[str, str]:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mac = hmac.digest(key, b"evt_1.1614265330." + body, hashlib.sha256)
    signature = "v1," + base64.b64encode(mac).decode()
    return {
        "Webhook-Id": "evt_1",
        "Webhook-Timestamp": "1614265330",
        "Webhook-Signature": signature,
    }


class Payloads(unittest.TestCase):
    def test_the_examples_of_the_contract_are_read(self) -> None:
        examples = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))
        kind = typing.get_type_hints(webhooks.verify)["return"]
        payloads = [example["value"] for example in examples if example["type"] == kind.__name__]
        self.assertTrue(payloads)
        for payload in payloads:
            body = json.dumps(payload).encode()
            self.assertEqual(encode(webhooks.verify(SECRET, signed(body), body, now=NOW)), payload)

    def test_what_does_not_fit_is_of_its_own_kind(self) -> None:
        for body in (b"{}", b"["):
            with self.assertRaises(ContractError):
                webhooks.verify(SECRET, signed(body), body, now=NOW)
