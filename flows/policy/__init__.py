"""The school's policy as a table over closed facts: who is told, how soon, who leads, and why.

Knows no conversation, no case and no message. Begin reading at :mod:`flows.policy.engine`: a door, and behind
it how it works (docs/policy-engine.md). The table is that of the duties
(``duties.toml``) joined with a school's own file (``own``, ``forms``); its facts are declared in ``facts``.
"""
