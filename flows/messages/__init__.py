"""What each audience reads, as neutral cards: made from the case as it is when it is sent.

Decides nothing and keeps nothing. Begin reading at :mod:`flows.messages.templates`.
"""
