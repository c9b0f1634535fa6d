"""Finding cases again: the lists with their filters, the search, and the export of one case.

Begin reading at :mod:`bot.turns.finding.lists`.
"""
