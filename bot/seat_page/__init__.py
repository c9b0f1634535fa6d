"""The links of e-mails, and what stands behind them: begin with ``seat_links``."""
