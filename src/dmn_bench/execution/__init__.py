"""How requests reach a candidate: supervised children, retries, time limits, and the ledger of answers."""
