"""What adapters speak: a card out, a form to fill in, an intent behind each button, an inbound in.

Knows no case and no question. Begin reading at :mod:`flows.ui.cards`.
"""
