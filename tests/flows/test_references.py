"""What a case is called, as people write it down and say it."""

from __future__ import annotations

import pytest

from flows.references import begins, looked_for
from tests.flows.matter import SCHOOL


@pytest.mark.parametrize(
    "written", ["HPS-2026-7H4M", "hps 2026 7h4m", "hps20267h4m", "HPS–2026–7H4M", "hps2o267h4m"]
)
def test_a_reference_is_known_however_it_is_written(written: str) -> None:
    """Capitals, spaces, dashes, and o for 0 make no difference; of another school it never is one."""
    assert looked_for(written) == looked_for("HPS-2026-7H4M")
    assert begins(written, SCHOOL)
    assert not begins(written.lower().replace("hps", "hps2"), SCHOOL)
