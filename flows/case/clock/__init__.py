"""Which timers a case has, when each rings, and what it does: the policy's dates as things that speak.

Begin reading at :mod:`flows.case.clock.table`, which lists the timers there are.
"""
