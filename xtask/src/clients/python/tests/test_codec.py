from __future__ import annotations

import datetime as dt
import unittest
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from fareway._codec import Json, Misfit, decode, encode
from fareway._unset import UNSET, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    count: int
    on: dt.date
    at: dt.datetime
    note: str | None
    shade: Literal["light", "dark"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cat:
    kind: Literal["cat"] = "cat"
    lives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dog:
    kind: Literal["dog"] = "dog"
    from_: str = field(metadata={"name": "from"})


Animal: TypeAlias = Cat | Dog


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    leaves: Sequence[Leaf]
    below: Mapping[str, Tree]
    animal: Animal | None
    label: str | None | Unset = UNSET
    tall: bool | None = None


LEAF: Json = {"count": 1, "on": "2027-03-01", "at": "2027-03-01T09:00:00Z", "note": None}
UTC = dt.timezone.utc


class Reading(unittest.TestCase):
    def misfit(self, kind: type[Any], value: object) -> str:
        with self.assertRaises(Misfit) as caught:
            decode(kind, value)
        return str(caught.exception)

    def test_what_fits_is_read_and_written_again(self) -> None:
        for value in [
            {"leaves": [LEAF, {**LEAF, "shade": "dark", "note": "n"}], "below": {}, "animal": None},
            {
                "leaves": [],
                "below": {"a": {"leaves": [], "below": {}, "animal": {"kind": "cat", "lives": 7}}},
                "animal": None,
            },
            {
                "leaves": [],
                "below": {},
                "animal": {"kind": "dog", "from": "York"},
                "label": None,
                "tall": False,
            },
        ]:
            self.assertEqual(encode(decode(Tree, value)), value)

    def test_members_that_are_not_known_are_ignored(self) -> None:
        self.assertEqual(decode(Leaf, {**LEAF, "new": {}}), decode(Leaf, LEAF))

    def test_a_misfit_says_where(self) -> None:
        tree: Json = {"leaves": [LEAF, {**LEAF, "count": "1"}], "below": {}, "animal": None}
        self.assertEqual(
            self.misfit(Tree, {"leaves": [], "below": {"a": tree}, "animal": None}),
            "/below/a/leaves/1/count: str, where int is expected",
        )

    def test_what_does_not_fit_is_refused(self) -> None:
        changes: list[Json] = [
            {"count": True},
            {"count": 1.0},
            {"count": None},
            {"on": "2027-02-30"},
            {"at": "09:00"},
            {"note": 1},
            {"shade": "grey"},
        ]
        for change in changes:
            with self.subTest(change):
                self.misfit(Leaf, {**LEAF, **change})
        self.assertIn(
            "`note` is missing",
            self.misfit(Leaf, {name: LEAF[name] for name in ("count", "on", "at")}),
        )
        self.assertIn(
            "`kind` is 'cow'",
            self.misfit(Tree, {"leaves": [], "below": {}, "animal": {"kind": "cow"}}),
        )
        self.misfit(Tree, [])

    def test_moments_keep_their_fraction_and_their_offset(self) -> None:
        for text, moment in [
            ("2027-03-01T09:00:00Z", dt.datetime(2027, 3, 1, 9, tzinfo=UTC)),
            ("2027-03-01T09:00:00.5Z", dt.datetime(2027, 3, 1, 9, 0, 0, 500_000, tzinfo=UTC)),
            (
                "2027-03-01T09:00:00.123456789Z",
                dt.datetime(2027, 3, 1, 9, 0, 0, 123_456, tzinfo=UTC),
            ),
            ("2027-03-01T11:30:00+02:30", dt.datetime(2027, 3, 1, 9, tzinfo=UTC)),
        ]:
            self.assertEqual(decode(dt.datetime, text), moment)
        for text in ["2027-03-01T09:00:00", "2027-03-01T09:00:00.Z", "2027-03-01", ""]:
            self.misfit(dt.datetime, text)


class Writing(unittest.TestCase):
    def test_left_out_and_null_are_two_things(self) -> None:
        tree = Tree(leaves=[], below={}, animal=None)
        self.assertEqual(encode(tree), {"leaves": [], "below": {}, "animal": None})
        tree = Tree(leaves=(), below={}, animal=None, label=None)
        self.assertEqual(encode(tree), {"leaves": [], "below": {}, "animal": None, "label": None})

    def test_moments_are_written_in_utc(self) -> None:
        zone = dt.timezone(dt.timedelta(hours=2))
        self.assertEqual(encode(dt.datetime(2027, 3, 1, 11, tzinfo=zone)), "2027-03-01T09:00:00Z")
        with self.assertRaises(ValueError):
            encode(dt.datetime(2027, 3, 1, 11))

    def test_what_is_not_of_the_contract_is_not_sent(self) -> None:
        with self.assertRaises(TypeError):
            encode({"a": object()})
