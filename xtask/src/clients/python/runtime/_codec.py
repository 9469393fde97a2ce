"""JSON to the dataclasses of the contract and back, by their annotations.

Members that are not known are ignored, for contracts grow; everything else has to fit.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime as dt
import functools
import types
import typing
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Literal, TypeVar, Union

from ._unset import UNSET

T = TypeVar("T")

Json = Any
"""What the `json` module gives and takes."""

Decoder = Callable[[Json], Any]


class Misfit(Exception):
    """A value that does not fit its type."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.path: list[str] = []

    def __str__(self) -> str:
        at = "".join(f"/{step}" for step in reversed(self.path))
        return f"{at or 'the whole'}: {self.args[0]}"


def decode(kind: type[T], value: Json) -> T:
    """Reads a value of a type. Raises `Misfit` when it does not fit."""
    read: Callable[[Json], T] = _decoder(typing.cast(Hashable, kind))
    return read(value)


def encode(value: object) -> Json:
    """Writes a value. Members that are left out are not written."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, dt.datetime):
        return timestamp(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {
            _name(field): encode(member)
            for field, member in members
            if not _is_left_out(field, member)
        }
    if isinstance(value, Mapping):
        entries = typing.cast("Mapping[str, object]", value)
        return {name: encode(entry) for name, entry in entries.items()}
    if isinstance(value, Sequence):
        return [encode(item) for item in typing.cast("Sequence[object]", value)]
    raise TypeError(f"{type(value).__name__} cannot be sent")


def timestamp(moment: dt.datetime) -> str:
    """Writes a moment (RFC 3339)."""
    if moment.tzinfo is None:
        raise ValueError(
            f"{moment!r} has no time zone; give one, such as `tzinfo=datetime.timezone.utc`"
        )
    return moment.astimezone(dt.timezone.utc).isoformat().replace("+00:00", "Z")


def _name(field: dataclasses.Field[Any]) -> str:
    name: str = field.metadata.get("name", field.name)
    return name


def _is_left_out(field: dataclasses.Field[Any], value: object) -> bool:
    return value is UNSET or (value is None and field.default is None)


@functools.cache
def _decoder(kind: Any) -> Decoder:
    if kind in (str, int, bool, types.NoneType):
        return functools.partial(_exactly, kind)
    if kind is dt.datetime:
        return functools.partial(_parsed, _moment, "a moment")
    if kind is dt.date:
        return functools.partial(_parsed, dt.date.fromisoformat, "a date")
    if dataclasses.is_dataclass(kind):
        return _object(typing.cast("type[Any]", kind))
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return functools.partial(_word, frozenset(arguments))
    if origin is collections.abc.Sequence:
        return functools.partial(_list, _decoder(arguments[0]))
    if origin is collections.abc.Mapping:
        return functools.partial(_map, _decoder(arguments[1]))
    if origin in (Union, types.UnionType):
        some = [
            argument for argument in arguments if argument not in (types.NoneType, Literal[UNSET])
        ]
        one = _decoder(some[0]) if len(some) == 1 else _tagged(some)
        return functools.partial(_nullable, one) if types.NoneType in arguments else one
    raise TypeError(f"{kind!r} cannot be read")


def _exactly(kind: type, value: Json) -> Json:
    if type(value) is not kind:
        raise Misfit(f"{type(value).__name__}, where {kind.__name__} is expected")
    return value


def _parsed(parse: Callable[[str], object], what: str, value: Json) -> object:
    try:
        return parse(_exactly(str, value))
    except ValueError:
        raise Misfit(f"{value!r} is not {what}") from None


def _moment(text: str) -> dt.datetime:
    # Before Python 3.11, `fromisoformat` knows no Z, and only fractions of three or six digits.
    day, _, time = text.upper().replace("Z", "+00:00").partition("T")
    clock, sign, offset = time[:-6], time[-6:-5], time[-5:]
    whole, dot, fraction = clock.partition(".")
    if sign not in ("+", "-") or (dot and not fraction.isdigit()):
        raise ValueError(text)
    return dt.datetime.fromisoformat(f"{day}T{whole}.{fraction[:6]:0<6}{sign}{offset}")


def _word(words: frozenset[str], value: Json) -> Json:
    if not isinstance(value, str) or value not in words:
        raise Misfit(f"{value!r} is none of {', '.join(sorted(words))}")
    return value


def _nullable(read: Decoder, value: Json) -> Any:
    return None if value is None else read(value)


def _list(read: Decoder, value: Json) -> tuple[Any, ...]:
    items = _exactly(list, value)
    return tuple(_within(index, read, item) for index, item in enumerate(items))


def _map(read: Decoder, value: Json) -> dict[str, Any]:
    entries = _exactly(dict, value)
    return {name: _within(name, read, entry) for name, entry in entries.items()}


def _within(step: object, read: Decoder, value: Json) -> Any:
    try:
        return read(value)
    except Misfit as misfit:
        misfit.path.append(str(step))
        raise


def _object(kind: type[Any]) -> Decoder:
    # When the first is read, not before: a type may refer to itself.
    @functools.cache
    def members() -> list[tuple[dataclasses.Field[Any], Decoder]]:
        hints = typing.get_type_hints(kind)
        return [(field, _decoder(hints[field.name])) for field in dataclasses.fields(kind)]

    def read(value: Json) -> Any:
        found = _exactly(dict, value)
        arguments = {}
        for field, decoder in members():
            name = _name(field)
            if name in found:
                arguments[field.name] = _within(name, decoder, found[name])
            elif field.default is dataclasses.MISSING:
                raise Misfit(f"`{name}` is missing")
        return kind(**arguments)

    return read


def _tagged(kinds: Sequence[Any]) -> Decoder:
    """One of several types, told apart by the member that has a word in each of them."""
    tag = next(field for field in dataclasses.fields(kinds[0]) if isinstance(field.default, str))
    name = _name(tag)
    by_word = {
        field.default: _decoder(kind)
        for kind in kinds
        for field in dataclasses.fields(kind)
        if field.name == tag.name
    }

    def read(value: Json) -> Any:
        word = _exactly(dict, value).get(name)
        if not isinstance(word, str) or word not in by_word:
            raise Misfit(f"`{name}` is {word!r}, none of {', '.join(map(str, by_word))}")
        return by_word[word](value)

    return read
