from __future__ import annotations

import pickle
import unittest
from collections.abc import Mapping
from dataclasses import dataclass
from unittest import mock

import httpx
from fareway import Answer, ContractError, NotModified, Problem, TimedOut, TransportError, Violation
from fareway._connection import Connection
from fareway._contract import USER_AGENT
from fareway._request import Request, content, segment
from fareway.problems import PROBLEMS
from scripted import Script, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    name: str


class Somebody:
    def headers(self, _send: object) -> Mapping[str, str]:
        return {"Who": "somebody"}

    def renew(self, _proof: object) -> bool:
        return False


READ = Request(method="GET", path="/things/1", repeatable=True)
ORDER = Request(
    method="POST", path="/things", headers={"Idempotency-Key": "k"}, content=b"{}", repeatable=True
)
CHANGE = Request(method="PATCH", path="/things/1", content=b"{}")
LOST = httpx.RemoteProtocolError("the server disconnected")


def made(**headers: str) -> httpx.Response:
    return httpx.Response(
        201,
        json={"name": "pebble"},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def refused(
    *pairs: tuple[httpx.Response | Exception, type[Exception]],
) -> tuple[tuple[httpx.Response | Exception, type[Exception]], ...]:
    return pairs


class Exchanges(unittest.TestCase):
    def setUp(self) -> None:
        self.pauses: list[float] = []
        patched = mock.patch("time.sleep", self.pauses.append)
        patched.start()
        self.addCleanup(patched.stop)

    def call(self, script: Script, request: Request = READ, retries: int = 2) -> Answer[Thing]:
        connection = Connection(
            "http://127.0.0.1/base/", Somebody(), retries=retries, timeout=30, transport=script
        )
        self.addCleanup(connection.close)
        return connection.call(request, Thing)

    def test_an_answer_says_what_stands_around_its_body(self) -> None:
        script = Script(made(ETag='"3"', Request_Id="req_1", Idempotency_Replayed="true"))
        answer = self.call(script, ORDER)
        self.assertEqual(
            answer,
            Answer(
                body=Thing(name="pebble"), status=201, etag='"3"', request_id="req_1", replayed=True
            ),
        )
        [request] = script.requests
        self.assertEqual(str(request.url), "http://127.0.0.1/base/things")
        sent = {
            name: request.headers[name]
            for name in ("Who", "User-Agent", "Accept", "Content-Type", "Idempotency-Key")
        }
        self.assertEqual(
            sent,
            {
                "Who": "somebody",
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                "Content-Type": "application/json",
                "Idempotency-Key": "k",
            },
        )

    def test_a_first_answer_is_not_a_replay(self) -> None:
        for answer in (made(Idempotency_Replayed="false"), made()):
            self.assertIs(self.call(Script(answer), ORDER).replayed, False)

    def test_values_are_percent_encoded(self) -> None:
        script = Script(made())
        path = f"/things/{segment('a/b?ü%2F')}"
        self.call(
            script,
            Request(method="GET", path=path, query={"q": "a&b=c d+ü", "full": True, "none": None}),
        )
        self.assertEqual(
            script.requests[0].url.raw_path,
            b"/base/things/a%2Fb%3F%C3%BC%252F?q=a%26b%3Dc%20d%2B%C3%BC&full=true",
        )
        for value in ("", ".", ".."):
            with self.assertRaises(ValueError):
                segment(value)

    def test_bodies_are_json(self) -> None:
        self.assertEqual(content(Thing(name="kiesel ü")), '{"name":"kiesel ü"}'.encode())

    def test_a_lost_answer_is_asked_for_again_with_the_same_key(self) -> None:
        script = Script(LOST, httpx.ReadTimeout("late"), made())
        self.assertEqual(self.call(script, ORDER).body, Thing(name="pebble"))
        self.assertEqual(
            [request.headers["Idempotency-Key"] for request in script.requests], ["k", "k", "k"]
        )
        self.assertEqual(
            [pause <= most for pause, most in zip(self.pauses, (0.2, 0.4))], [True, True]
        )

    def test_what_may_not_be_repeated_is_sent_once(self) -> None:
        for answer, kind in refused(
            (LOST, TransportError), (problem(503, "internal", retryable=True), Problem)
        ):
            script = Script(answer, made())
            with self.assertRaises(kind):
                self.call(script, CHANGE)
            self.assertEqual((len(script.requests), self.pauses), (1, []))

    def test_in_the_end_it_says_what_was_wrong(self) -> None:
        late = httpx.ConnectTimeout("late")
        for answer, kind in refused(
            (LOST, TransportError), (late, TimedOut), (problem(429, "rate_limited"), Problem)
        ):
            script = Script(answer, answer, answer)
            with self.assertRaises(kind):
                self.call(script)
        with self.assertRaises(TransportError):
            self.call(Script(LOST), retries=0)

    def test_the_server_says_how_long_to_wait(self) -> None:
        script = Script(
            problem(429, "rate_limited", headers={"Retry-After": "7"}),
            problem(503, "dependency_unavailable", headers={"Retry-After": "3600"}),
            made(),
        )
        self.call(script)
        self.assertEqual(self.pauses, [7.0, 30.0])

    def test_only_what_may_pass_is_repeated(self) -> None:
        script = Script(problem(409, "idempotency_in_progress", retryable=True), made())
        self.assertEqual(self.call(script, ORDER).status, 201)
        script = Script(problem(409, "invalid_state"), made())
        with self.assertRaises(Problem):
            self.call(script, ORDER)
        self.assertEqual(len(script.requests), 1)

    def test_a_problem_has_the_class_of_its_code(self) -> None:
        for code, kind in PROBLEMS.items():
            with self.assertRaises(kind) as caught:
                self.call(Script(problem(400, code)))
            self.assertEqual((type(caught.exception), caught.exception.code), (kind, code))

    def test_a_problem_says_everything(self) -> None:
        errors = [{"pointer": "/a", "code": "required", "detail": "is missing", "new": 1}]
        with self.assertRaises(Problem) as caught:
            self.call(Script(problem(422, "newer_than_this", errors=errors)))
        found = caught.exception
        self.assertIs(type(found), Problem)
        self.assertEqual(
            (found.status, found.code, found.title, found.request_id),
            (422, "newer_than_this", "A title", "req_1"),
        )
        self.assertEqual(
            found.errors, (Violation(pointer="/a", code="required", detail="is missing"),)
        )
        self.assertEqual(str(found), "newer_than_this: a detail (/a is missing)")
        self.assertEqual(str(pickle.loads(pickle.dumps(found))), str(found))

    def test_what_is_current_is_not_read_again(self) -> None:
        request = Request(method="GET", path="/things/1", headers={"If-None-Match": '"3"'})
        with self.assertRaises(NotModified) as caught:
            self.call(Script(httpx.Response(304, headers={"ETag": '"3"'})), request)
        self.assertEqual(caught.exception.etag, '"3"')
        with self.assertRaises(ContractError):
            self.call(Script(httpx.Response(304)))

    def test_an_answer_that_does_not_fit_is_of_its_own_kind(self) -> None:
        for answer in [
            httpx.Response(200, text="<html>"),
            httpx.Response(200, json={"name": 1}),
            httpx.Response(302, headers={"Location": "/elsewhere"}),
            httpx.Response(502, text="<html>"),
            httpx.Response(
                404, json={"code": 1}, headers={"Content-Type": "application/problem+json"}
            ),
        ]:
            with self.subTest(answer), self.assertRaises(ContractError) as caught:
                self.call(Script(answer))
            self.assertEqual(caught.exception.status, answer.status_code)

    def test_what_cannot_be_sent_is_the_callers_error(self) -> None:
        for url in ("127.0.0.1:8080", "", "ftp://a", "http://", "http://a:b", "http://a/?b", "http://a#b"):
            with self.subTest(url), self.assertRaises(ValueError):
                Connection(url, Somebody(), retries=2, timeout=30, transport=None)
        script = Script(httpx.LocalProtocolError("illegal header value"))
        with self.assertRaises(ValueError):
            self.call(script)
        self.assertEqual(len(script.requests), 1)
