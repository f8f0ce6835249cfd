"""The shelf of metrics: judgements as additive columns, and the value of their weighted totals. Pure."""
