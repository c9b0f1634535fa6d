"""A press that answers and goes on: what it carries joins what is filled in, and overrules nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from flows.errors import InvalidAnswer
from flows.ui.forms import Shortcut, Value
from flows.ui.shortcuts import encode, joined


@pytest.mark.parametrize(
    ("filled_in", "pressed", "both"),
    [
        pytest.param({}, {"danger": "no"}, {"danger": "no"}, id="nothing was ticked"),
        pytest.param({"danger": "no"}, {"danger": "no"}, {"danger": "no"}, id="the same was ticked"),
        pytest.param({"danger": "yes"}, {"danger": "no"}, {"danger": ("yes", "no")}, id="another was ticked"),
        pytest.param({"safety": ("hate",)}, {"safety": ("none",)}, {"safety": ("hate", "none")}, id="a list"),
        pytest.param({"link": "x"}, {"danger": "no"}, {"link": "x", "danger": "no"}, id="beside it"),
    ],
)
def test_what_was_ticked_stands_beside_what_was_pressed(
    filled_in: Mapping[str, Value], pressed: dict[str, Value], both: Mapping[str, Value]
) -> None:
    """Two answers to one question both stay, so that the page asks which is meant."""
    assert joined(filled_in, encode(Shortcut(label="Next", values=pressed))) == both


@pytest.mark.parametrize("raw", ["{", "[]", '{"danger": 1}', "null", '"x"', "\udc80"])
def test_a_button_that_is_none_of_ours_is_refused(raw: str) -> None:
    """Whoever sends what no button carries changes nothing, and reads what to do instead."""
    with pytest.raises(InvalidAnswer):
        joined({"danger": "yes"}, raw)
