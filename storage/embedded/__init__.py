"""The store of one machine: TinyDB over sealed rows in one SQLite file; ``store`` is where to begin."""
