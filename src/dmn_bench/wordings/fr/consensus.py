"""Phrases françaises de la pièce `consensus` : une seule référence à partir des lectures de plusieurs relecteurs."""

WORDS: dict[str, str] = {
    "consensus.missing_extra": "la règle STAPLE demande {package}, qui n’est pas installé. Installez l’extra : pip install 'dmn-bench[{extra}]', ou choisissez une règle qui compte les lecteurs.",
    "consensus.at_least": "at_least va avec la règle at_least, et avec aucune autre ; la règle est ici {found}. Écrivez {{rule: at_least, at_least: 3}} pour trois relecteurs ou plus, ou retirez le nombre.",
    "consensus.truth_set_aside": "la règle reference_standard.consensus calcule la référence de {finding} à partir des lectures individuelles : ce que truth.csv en dit est mis de côté. Écrivez rule: adjudicated pour l’utiliser, ou retirez-le de truth.csv.",
}
