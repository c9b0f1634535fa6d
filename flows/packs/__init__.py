"""Packs for bodies outside: what each needs of a case and no more, as plain sections. Nothing is drawn here.

Begin reading at :mod:`flows.packs.contents`.
"""
