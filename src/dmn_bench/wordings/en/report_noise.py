"""English sentences of the room `report_noise`: the noise stress test."""

WORDS: dict[str, str] = {
    "report_noise.title": "Noise stress test",
    "report_noise.intro": (
        "Recordings drawn from those of the run were put to the device again with generated noise added to every lead: "
        "{clean}\u202fs without noise, then {noise}\u202fs with it and {pause}\u202fs without it by turns. The "
        "signal-to-noise ratio is that of the WFDB program nst, which EC57 names. The figures are of the whole test "
        "period, pauses included. The noise is generated, not recorded: they compare devices and ratios, and do not "
        "foretell what a device does in the noise of a ward."
    ),
    "report_noise.not_done": (
        "Not done: output files are judged, and what wrote them cannot be asked about recordings with noise."
    ),
    "report_noise.without_value": "Measures without a value in this test",
    "report_noise.recordings": "{count} {n:#recording|recordings} (patients: {patients}). No acceptance rule looks at this section.",
    "report_noise.figure_title": "{metric} against noise",
    "report_noise.figure_description": (
        "One line for each kind of noise, with intervals by patient; the dashed line is the value without noise."
    ),
    "report_noise.ratio": "signal-to-noise ratio (dB)",
    "report_noise.kind": "Noise",
    "report_noise.clean": "none",
    "report_noise.kind.baseline_wander": "baseline wander",
    "report_noise.kind.muscle": "muscle",
    "report_noise.kind.electrode_motion": "electrode motion",
    "report_noise.kind.mains": "mains, 50\u202fHz",
}
