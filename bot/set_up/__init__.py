"""Set-up in the browser, for whoever does it alone. Begin with ``steps``: what is asked on which page."""
