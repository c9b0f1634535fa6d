"""What is kept about one person, for whoever asks: found, looked through with others masked, and made.

Access has been asked before a case gets here. Begin reading at :mod:`flows.subject.request`.
"""
