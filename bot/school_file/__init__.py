"""A school's file: read, with every mistake named by its line. Begin at :mod:`bot.school_file.load`."""
