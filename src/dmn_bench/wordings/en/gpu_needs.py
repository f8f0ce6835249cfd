"""English sentences of the room `gpu_needs`: graphics processors that candidates need."""

WORDS: dict[str, str] = {
    "gpu_needs.not_declared": (
        "device.yaml says that no graphics processor is needed (needs.gpu: false), and the options of the adapter "
        "{adapter} ask for one (gpu: true). Correct the one that is wrong."
    ),
    "gpu_needs.not_handed_over": (
        "device.yaml says that a graphics processor is needed (needs.gpu: true), and as it is declared the candidate "
        "gets none from the adapter {adapter}. Remove gpu: false from its options, use an adapter that hands one over "
        "(python, command or container), or correct needs.gpu."
    ),
    "gpu_needs.none_here": (
        "the candidate {candidate} needs a graphics processor, and this machine has none (expected /dev/nvidia0, "
        "/dev/kfd or /dev/dri/renderD128). Run on a machine that has one; dmn-bench doctor shows it. If the candidate "
        "works without, its package says so with needs.gpu: false."
    ),
}
