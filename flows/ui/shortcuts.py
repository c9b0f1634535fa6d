"""A press that answers and goes on at once: how it travels, and how it joins what is filled in beside it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from flows.ui.forms import Shortcut, Value
from flows.ui.intents import unknown_button

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, Value])


def encode(shortcut: Shortcut) -> str:
    """Return the answers of a shortcut as a short string for a button."""
    return _encoder.encode(shortcut.values).decode()


def joined(values: Mapping[str, Value], raw: str) -> dict[str, Value]:
    """Return a form's values with those of the shortcut that was pressed ("" = none).

    What is filled in otherwise stands beside it: nothing that was ticked is overruled by one press, so the
    page comes back and asks. Raises InvalidAnswer for what no button of ours carries.
    """
    try:
        also = _decoder.decode(raw) if raw else {}
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise unknown_button() from None
    both = dict(values)
    for name, value in also.items():
        here, there = _listed(values.get(name, ())), _listed(value)
        one = isinstance(value, str) and set(here) <= {value}
        both[name] = value if one else tuple(dict.fromkeys((*here, *there)))
    return both


def _listed(value: Value) -> tuple[str, ...]:
    return tuple(filter(None, (value,))) if isinstance(value, str) else value
