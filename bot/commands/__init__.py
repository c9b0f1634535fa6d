"""What the command line does, one file a command, ``decide`` the plainest; :mod:`bot.__main__` lists them."""
