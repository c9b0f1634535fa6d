"""An export that proves itself: files in a ZIP with a manifest that is signed, and whether one is unchanged.

Knows no case and no store. Begin reading at :mod:`bot.exports.archive`.
"""
