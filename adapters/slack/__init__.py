"""Slack: what comes in is parsed, what goes out is rendered; nothing here decides anything."""
