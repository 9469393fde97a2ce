"""Who the caller is: the holder of a key."""

from __future__ import annotations

from collections.abc import Mapping


class Credential:
    """A key in the header `Api-Key`."""

    def __init__(self, key: str) -> None:
        self._headers = {"Api-Key": key}

    def headers(self, _send: object) -> Mapping[str, str]:
        """The headers that prove it."""
        return self._headers

    def renew(self, _proof: Mapping[str, str]) -> bool:
        """Whether there will be another proof than this one, which was refused."""
        return False
