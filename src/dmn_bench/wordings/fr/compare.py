"""French sentences of the room `compare`."""

WORDS: dict[str, str] = {
    "compare.margin_missing": "une affirmation de non-infériorité exige sa marge, fixée avant les réponses. Ajoutez margin : la plus grande perte encore acceptable, avec sa raison dans purpose.",
    "compare.margin_unused": "une marge va avec l'affirmation non-inferior, pas avec {claim}. Retirez la marge, ou changez l'affirmation.",
    "compare.against_itself": "{found} est comparé à lui-même. Nommez deux candidats différents.",
    "compare.not_at_endpoint": "{found} n'est pas interrogé pour le critère de jugement {endpoint}, qui a : {known}. Nommez l'un de ceux-ci, ou changez les candidats du critère.",
    "compare.margin_too_wide": "la marge de cette mesure est comprise entre 0 et 1, bornes exclues ; trouvé : {found}. Écrivez 0.05 pour cinq points.",
}
