"""The actions of a case, a class each; a new one is a class in here.

Begin reading at :mod:`flows.case.actions.table`, which lists them.
"""
