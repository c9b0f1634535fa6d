"""The reporting bot in Microsoft Teams. Microsoft's kit is imported in ``listen`` and ``send`` only."""
