"""What a client is while it is open."""

from __future__ import annotations

from typing import TypeVar

from ._connection import Connection
from .answers import Answers

S = TypeVar("S", bound="Session")


class Session:
    """Connections to a server, until they are closed."""

    answers: Answers
    """The same operations with their answers whole: status, `ETag`, `Request-Id`, and so on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.answers = Answers(connection)

    def __enter__(self: S) -> S:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._connection.close()
