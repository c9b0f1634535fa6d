"""From the first word to a report: the questions, the answers, what is asked next, and typed words.

May ask the policy what the answers would lead to; knows nothing of a case. Begin reading at
:mod:`flows.questions.table` (the table) and :mod:`flows.intake.conversation` (what an answer does).
"""
