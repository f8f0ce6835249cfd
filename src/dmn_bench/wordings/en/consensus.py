"""English sentences of the room `consensus`: making one reference of the readings of several."""

WORDS: dict[str, str] = {
    "consensus.missing_extra": "the STAPLE rule needs {package}, which is not installed. Install the extra: pip install 'dmn-bench[{extra}]', or choose a rule that counts readers.",
    "consensus.at_least": "at_least goes with the rule at_least, and with no other; the rule here is {found}. Write {{rule: at_least, at_least: 3}} for three readers or more, or leave the number away.",
    "consensus.truth_set_aside": "the rule reference_standard.consensus computes the reference of {finding} from single readings, so that what truth.csv states of it is set aside. Write rule: adjudicated to use it, or take it out of truth.csv.",
}
