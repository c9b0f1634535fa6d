"""What is due: messages go out, timers come back in. Begin reading at :mod:`bot.outbox.worker`."""
