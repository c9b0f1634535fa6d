"""What is to be said about a case, to whom, and what became of it.

Plans and reads sends; it knows no platform, no words and none of the steps of a case. Begin with ``sends``.
"""
