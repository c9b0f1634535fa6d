"""Figures and the report to governors from the command line. Begin with ``typed``."""
