"""What can be set from outside: the list is in ``settings``; only ``load`` reads the environment."""
