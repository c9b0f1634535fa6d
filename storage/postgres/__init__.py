"""The store of many processes: the same sealed rows in PostgreSQL; ``store`` is where to begin."""
