"""How it goes, for whoever looks after it: whether it is ready, and how much waits. Nothing personal.

Begin reading at :mod:`bot.monitoring.health`; :mod:`bot.monitoring.metrics` is what ``/metrics`` answers.
"""
