"""What a message says by e-mail. Begin reading at :mod:`flows.messages.mail.mailed`."""
