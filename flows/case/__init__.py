"""The case a report opens: its lifecycle, what can be done to it, and who may.

Knows no wording of a message and no platform. Begin reading at :mod:`flows.case.actions`, then
:mod:`flows.case.lifecycle`.
"""
