"""Letters and words ready to use: which there are, when each fits a case, and its text filled from the case.

Knows no file of a school, no platform and no document format. Begin reading at :mod:`flows.letters.table`.
"""
