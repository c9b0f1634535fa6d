"""What each audience reads, as neutral cards: made from the case as it is when it is sent.

Decides nothing and stores nothing. Begin reading at :mod:`flows.messages.templates`.
"""
