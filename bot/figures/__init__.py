"""Figures and the report to governors, as files and in chat. Begin with ``gather``, then ``files``."""
