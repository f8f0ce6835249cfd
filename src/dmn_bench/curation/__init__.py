"""Making and judging a reference set: start one, check it, describe it."""
