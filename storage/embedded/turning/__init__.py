"""Another key outside: wrapped anew while everybody works; ``rotation`` is where to begin."""
