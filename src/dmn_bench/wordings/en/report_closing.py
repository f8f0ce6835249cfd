"""English sentences of the report's end: limits, what it does not say, evidence, provenance."""

WORDS: dict[str, str] = {}
