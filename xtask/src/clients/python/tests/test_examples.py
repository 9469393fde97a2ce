from __future__ import annotations

import json
import unittest
from pathlib import Path

from fareway import schemas
from fareway._codec import decode, encode


class Examples(unittest.TestCase):
    def test_every_example_of_the_contract_is_read_and_written_again(self) -> None:
        examples = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))
        self.assertGreater(len(examples), 10)
        for example in examples:
            with self.subTest(example["type"]):
                value = decode(vars(schemas)[example["type"]], example["value"])
                self.assertEqual(encode(value), example["value"])
