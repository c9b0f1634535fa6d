"""What things cost: one command prints every measurement of one run."""
