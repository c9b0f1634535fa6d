"""The bot: connects the core to its store, its platforms and the command line."""
