"""Backups that make themselves: where they go, how they are wrapped, when, and which ones go again.

Begin reading at :mod:`bot.backups.nightly`. A copy of the store itself is :mod:`storage.embedded.backup`'s.
"""
