"""The core: decides everything, and does no I/O.

Nothing in here opens a file at run time, reads a clock, rolls a die, logs, or knows that Slack,
Teams or a browser exist. Time, ids and the school are arguments; what comes out is a value.
"""
