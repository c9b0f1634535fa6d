"""What is to be done in a case, each with how it stands; and the record of what has none of its own.

Knows no card and no platform. Begin reading at :mod:`flows.case.checklist.tasks`.
"""
