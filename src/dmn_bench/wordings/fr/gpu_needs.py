"""French sentences of the room `gpu_needs`: graphics processors that candidates need."""

WORDS: dict[str, str] = {
    "gpu_needs.not_declared": (
        "device.yaml dit qu’aucun processeur graphique n’est nécessaire (needs.gpu : false), et les options de "
        "l’adaptateur {adapter} en demandent un (gpu : true). Corrigez celui des deux qui est faux."
    ),
    "gpu_needs.not_handed_over": (
        "device.yaml dit qu’un processeur graphique est nécessaire (needs.gpu : true), et tel qu’il est déclaré le "
        "candidat n’en reçoit aucun de l’adaptateur {adapter}. Retirez gpu : false de ses options, utilisez un "
        "adaptateur qui en donne un (python, command ou container), ou corrigez needs.gpu."
    ),
    "gpu_needs.none_here": (
        "le candidat {candidate} a besoin d’un processeur graphique, et cette machine n’en a pas (attendu /dev/nvidia0, "
        "/dev/kfd ou /dev/dri/renderD128). Exécutez sur une machine qui en a un ; dmn-bench doctor le montre. Si le "
        "candidat s’en passe, son paquet le dit par needs.gpu : false."
    ),
}
