"""Figures of a term: how many reports of what kind, how they ended, how long it took. Begin with ``count``.

Rows go in, and what comes out may be read by anybody: no case that is kept from somebody is counted
(``count``), and no number is told more closely than in steps of five (``steps``).
"""
