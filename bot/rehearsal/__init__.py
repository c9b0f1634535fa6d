"""A rehearsal at work: begun, pressed, ended and taken away (``running``), and the word each September."""
