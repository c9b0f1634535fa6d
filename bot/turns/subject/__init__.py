"""What is kept about somebody who asks: found in the cases one leads, looked through page by page, made.

Begin reading at :mod:`bot.turns.subject.asked`.
"""
