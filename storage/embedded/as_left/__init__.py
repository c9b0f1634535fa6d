"""Whether a file is as it was left: what it adds up to, and how far it was; ``look`` is where to begin."""
