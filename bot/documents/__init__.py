"""Files made of what a person approved: Word for letters.

Knows no case and no store. Begin reading at :mod:`bot.documents.word`.
"""
