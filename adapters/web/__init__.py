"""The try-out workspace in a browser: the same contracts as the chat platforms, on this computer only."""
