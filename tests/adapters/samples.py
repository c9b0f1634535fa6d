"""One table of cards and forms that every platform's renderer must carry.

Every block, every field, every tone, every intent; text that is long, empty-looking or hostile to one
platform's markup or another's. The people and the words are invented. ``tests/adapters/contract.py``
asserts that nothing said here is lost; golden files may be made from the same table.
"""

from __future__ import annotations

from tests.adapters.sample_cards import BLOCKS, CARDS, CASE_CARD, RECEIPT
from tests.adapters.sample_forms import FIELDS, FORMS, LEADER_FORM, REPORT_PAGE
from tests.adapters.sample_words import CASE, DRAFT, HOSTILE, INTENTS, LONG, VERY_LONG

__all__ = [
    "BLOCKS",
    "CARDS",
    "CASE",
    "CASE_CARD",
    "DRAFT",
    "FIELDS",
    "FORMS",
    "HOSTILE",
    "INTENTS",
    "LEADER_FORM",
    "LONG",
    "RECEIPT",
    "REPORT_PAGE",
    "VERY_LONG",
]
