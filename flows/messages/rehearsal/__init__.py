"""A rehearsal as people read it. It knows no case; begin with ``asked``, what everybody is sent of it."""
