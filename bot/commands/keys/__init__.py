"""What is typed of the sealing key; ``typed`` is where to begin."""
