"""What can go wrong, by kind; the problems of the contract, by code, are in :mod:`.problems`."""

from __future__ import annotations

from dataclasses import dataclass


class FarewayError(Exception):
    """What every error of this package is."""


class TransportError(FarewayError):
    """The answer was lost, or never given; whether the request took effect is unknown."""


class TimedOut(TransportError):
    """The answer did not come in time; whether the request took effect is unknown."""


class ContractError(FarewayError):
    """What came does not fit the contract, as when something before the server answered."""

    def __init__(self, what: str, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(what, status, request_id)
        self.what = what
        """What does not fit, and where."""
        self.status = status
        """The HTTP status; None when it was no answer."""
        self.request_id = request_id
        """The `Request-Id` of the exchange; None when there was none."""

    def __str__(self) -> str:
        return self.what


class NotModified(FarewayError):
    """What the caller has is current: the answer to `if_none_match` is 304, without a body."""

    def __init__(self, etag: str | None) -> None:
        super().__init__(etag)
        self.etag = etag
        """The `ETag` that is still current."""

    def __str__(self) -> str:
        return f"{self.etag} is current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A place where a request does not fit: one of `pointer`, `parameter` and `header`."""

    code: str
    """The rule that is violated, for example `required` or `pattern`."""

    detail: str
    """The violation in words, for people."""

    pointer: str | None = None
    """JSON pointer into the body (RFC 6901)."""

    parameter: str | None = None
    """Name of a path or query parameter."""

    header: str | None = None
    """Name of a header."""


class Problem(FarewayError):
    """The server refused the request (RFC 9457).

    Each code of the contract has a class of its own below this one; a code that is newer than this
    package is a plain `Problem`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        request_id: str | None,
        retryable: bool,
        errors: tuple[Violation, ...] = (),
    ) -> None:
        super().__init__(status, code, title, detail, request_id, retryable, errors)
        self.status = status
        """The HTTP status."""
        self.code = code
        """What went wrong, for programs."""
        self.title = title
        """The code in words, the same every time."""
        self.detail = detail
        """What is wrong with this request in particular, for people."""
        self.request_id = request_id
        """The `Request-Id` of the exchange; quote it when you ask for help."""
        self.retryable = retryable
        """Whether the same request may succeed later, with the same idempotency key."""
        self.errors = errors
        """Where the request does not fit, when it is that."""

    def __str__(self) -> str:
        where = "; ".join(
            f"{at} {violation.detail}"
            for violation in self.errors
            if (at := violation.pointer or violation.parameter or violation.header)
        )
        return f"{self.code}: {self.detail}" + (f" ({where})" if where else "")
