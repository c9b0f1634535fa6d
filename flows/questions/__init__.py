"""What is asked, said once: each question with its choices, its page, and what the policy hears of it.

The conversation, the policy and what leaders correct are all read off it. It knows no answer, no policy row
and no case. Begin reading at :mod:`flows.questions.table`.
"""
