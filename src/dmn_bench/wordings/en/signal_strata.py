"""English sentences of the room `signal_strata`: what recordings are like, as columns of cases.csv."""

WORDS: dict[str, str] = {
    "signal_strata.help.command": "Enter rate, length, leads, heart rate, rhythm, pacing and signal quality of every recording into cases.csv.",
    "signal_strata.help.again": "Describe recordings anew that were described before.",
    "signal_strata.set_is_locked": "version {found} of the set is locked, and new columns would change it. Raise the version in the card first.",
    "signal_strata.done": "{n} {n:#recording|recordings} described in {path}; {known} {known:#was|were} described before, {other} {other:#case has|cases have} no recording.",
    "signal_strata.not_read": "{n} {n:#recording was|recordings were} not described. Correct what is named above and run the command again: it goes on with those.",
    "signal_strata.card": "To cut results by them, add to reference_set.yaml (cuts may be moved):",
}
