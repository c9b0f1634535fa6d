"""The platforms: each folder speaks one, with the same file names; none knows of another."""
