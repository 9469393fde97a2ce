from __future__ import annotations

import base64
import threading
import unittest
from unittest import mock

import httpx
from fareway import ContractError, Problem, TokenRefused, TransportError
from fareway._connection import Connection
from fareway._credential import Credential
from fareway._request import Request
from scripted import Script, problem

READ = Request(method="GET", path="/things/1")


def token(name: str, lasts: int = 900) -> httpx.Response:
    return httpx.Response(
        200, json={"access_token": name, "token_type": "Bearer", "expires_in": lasts, "scope": ""}
    )


def done() -> httpx.Response:
    return httpx.Response(204)


class Tokens(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 1000.0
        for patched in (mock.patch("time.monotonic", lambda: self.now), mock.patch("time.sleep")):
            patched.start()
            self.addCleanup(patched.stop)

    def connection(self, script: Script) -> Connection:
        connection = Connection(
            "http://127.0.0.1", Credential("cli_1", "cs_1"), retries=1, timeout=30, transport=script
        )
        self.addCleanup(connection.close)
        return connection

    def seen(self, script: Script) -> list[str]:
        return [
            request.headers["Authorization"].removeprefix("Bearer ")
            for request in script.requests
            if request.method == "GET"
        ]

    def test_a_token_is_asked_for_by_http_basic(self) -> None:
        script = Script(token("a"), done())
        self.connection(script).call(READ, type(None))
        asked = script.requests[0]
        self.assertEqual(
            (asked.method, asked.url.path, asked.content),
            ("POST", "/oauth/token", b"grant_type=client_credentials"),
        )
        self.assertEqual(asked.headers["Content-Type"], "application/x-www-form-urlencoded")
        self.assertEqual(
            base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")), b"cli_1:cs_1"
        )
        self.assertEqual(self.seen(script), ["a"])

    def test_a_token_is_kept_until_shortly_before_its_end(self) -> None:
        script = Script(token("a"), done(), done(), token("b"), done())
        connection = self.connection(script)
        for self.now in (1000.0, 1869.0, 1870.0):
            connection.call(READ, type(None))
        self.assertEqual(self.seen(script), ["a", "a", "b"])

    def test_a_token_that_is_refused_is_replaced_once(self) -> None:
        script = Script(token("a"), problem(401, "unauthenticated"), token("b"), done())
        self.connection(script).call(READ, type(None))
        self.assertEqual(self.seen(script), ["a", "b"])
        script = Script(
            token("a"), problem(401, "unauthenticated"), token("b"), problem(401, "unauthenticated")
        )
        with self.assertRaises(Problem):
            self.connection(script).call(READ, type(None))

    def test_without_a_token_it_says_why(self) -> None:
        refused = httpx.Response(
            401, json={"error": "invalid_client", "error_description": "the client is unknown"}
        )
        with self.assertRaises(TokenRefused) as caught:
            self.connection(Script(refused)).call(READ, type(None))
        self.assertEqual(
            (caught.exception.code, str(caught.exception)),
            ("invalid_client", "invalid_client: the client is unknown"),
        )
        failures: list[tuple[list[httpx.Response | Exception], type[Exception]]] = [
            ([problem(429, "rate_limited"), problem(429, "rate_limited")], Problem),
            ([httpx.ConnectError("no"), httpx.ConnectError("no")], TransportError),
            ([httpx.Response(200, json={"access_token": "a"})], ContractError),
            ([httpx.Response(502, text="<html>")], ContractError),
        ]
        for answers, kind in failures:
            with self.assertRaises(kind):
                self.connection(Script(*answers)).call(READ, type(None))

    def test_callers_at_the_same_time_share_one(self) -> None:
        credential, callers = Credential("cli_1", "cs_1"), 8
        all_there = threading.Barrier(callers + 1)
        fetches: list[Request] = []

        def send(request: Request) -> httpx.Response:
            fetches.append(request)
            all_there.wait(10)
            return token("a")

        proofs = []

        def call(waits: bool) -> None:
            if waits:
                all_there.wait(10)
            proofs.append(credential.headers(send)["Authorization"])

        # The first is inside when the others come.
        threads = [threading.Thread(target=call, args=(number > 0,)) for number in range(callers)]
        for thread in threads:
            thread.start()
        all_there.wait(10)
        for thread in threads:
            thread.join(10)
        self.assertEqual((len(fetches), proofs), (1, ["Bearer a"] * callers))
