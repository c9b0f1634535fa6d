"""Words that people type: whom and what they mean, what is asked back of them, what came too late.

Begin reading at :mod:`flows.intake.typed`, which reads one turn of typing.
"""
