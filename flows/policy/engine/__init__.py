"""The decision table as a machine: loaded once, then asked. How it works: docs/policy-engine.md.

Others know the four names below and nothing of what is behind them, which a contract holds. Begin reading at
:mod:`flows.policy.engine.policy`.
"""

from flows.policy.engine.policy import Policy, decide, default_policy, load

__all__ = ("Policy", "decide", "default_policy", "load")
