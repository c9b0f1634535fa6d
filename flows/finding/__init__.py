"""Finding cases again: the lists with their filters, and the search. Rows only; no case is opened.

``access.known_rows`` has been asked before rows get here: what somebody must not know of is compared with
nothing, counted nowhere, and costs no time that tells. Begin reading at :mod:`flows.finding.query`.
"""
