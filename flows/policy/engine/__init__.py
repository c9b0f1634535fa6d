"""The decision table as a machine: loaded once, then asked. How it works: docs/policy-engine.md.

Others know the names below and nothing of what is behind them, which a contract holds. Begin reading at
:mod:`flows.policy.engine.policy`.
"""

from flows.policy.engine.columns import Came, weigh_all
from flows.policy.engine.policy import (
    Policy,
    Weighed,
    decide,
    default_policy,
    duties,
    form,
    load,
    weigh,
)
from flows.policy.engine.proof import prove

__all__ = (
    "Came",
    "Policy",
    "Weighed",
    "decide",
    "default_policy",
    "duties",
    "form",
    "load",
    "prove",
    "weigh",
    "weigh_all",
)
