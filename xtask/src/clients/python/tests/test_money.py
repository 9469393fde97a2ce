from __future__ import annotations

import unittest

from fareway.schemas import Money


class Amounts(unittest.TestCase):
    def test_amounts_are_read_in_major_units(self) -> None:
        for amount, currency, scale, text in [
            (49_810, "GBP", 2, "498.10 GBP"),
            (49_810, "JPY", 0, "49810 JPY"),
            (5, "KWD", 3, "0.005 KWD"),
            (0, "GBP", 2, "0.00 GBP"),
            (-5, "GBP", 2, "-0.05 GBP"),
            (9_007_199_254_740_991, "GBP", 2, "90071992547409.91 GBP"),
        ]:
            with self.subTest(text):
                self.assertEqual(str(Money(amount=amount, currency=currency, scale=scale)), text)
