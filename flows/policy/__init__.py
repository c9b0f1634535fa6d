"""The school's policy as a table over closed facts: who is told, how soon, who leads, and why.

Knows no conversation, no case and no message. Begin reading at :mod:`flows.policy.engine`: a door, and behind
it how it works (docs/policy-engine.md). The table itself is ``policy.toml``; its facts are declared
in ``facts``.
"""
