"""One turn: somebody typed or pressed something. Begin at :mod:`bot.turns.service`, the only door."""
