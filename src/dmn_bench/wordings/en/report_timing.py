"""English sentences of the room ``report_timing``: time and resources of the device."""

WORDS: dict[str, str] = {
    "report_timing.title": "Time and resources",
    "report_timing.intro": (
        "Measured on the machine of this run: another machine gives other figures. They are no part of the results, no "
        "acceptance rule looks at them, and a second run will not repeat them."
    ),
    "report_timing.shared": "{workers} processes worked at the same time and shared it: one alone may be faster.",
    "report_timing.on_cluster": (
        "The requests were answered by the machines of a cluster. Nothing of them is recorded, and times of unlike "
        "machines are mixed here."
    ),
    "report_timing.from_files": (
        "No time was measured: the answers come from files. What a case costs can only be told of a device that is asked."
    ),
    "report_timing.not_timed": (
        "{count} {n:#answer has|answers have} no time ({counts}) and {n:#is|are} in none of these figures."
    ),
    "report_timing.cut_off": (
        "A request that the time limit cut off had used all of it: a device that fails so looks faster than it is. Read "
        "the figures with these counts and with the failed attempts below."
    ),
    "report_timing.interval": "{level} CI of the median",
    "report_timing.warm_up_only": (
        "Only first requests after loading were timed, so there is no figure for the cases that follow them."
    ),
    "report_timing.kept": (
        "{count} {n:#answer was|answers were} there before this run, with {n:#its time|their times}: perhaps of another "
        "day or another machine."
    ),
    "report_timing.table": "Time and memory of the device",
    "report_timing.quantity": "Quantity",
    "report_timing.load_seconds": "Loading the model",
    "report_timing.warm_up_seconds": "First request after loading (warm-up)",
    "report_timing.seconds_per_case": "Time per case, warm-up apart",
    "report_timing.cpu_seconds_per_case": "Processor time per case, warm-up apart",
    "report_timing.peak_memory_mb": "Peak memory of the process",
    "report_timing.n": "n",
    "report_timing.smallest": "Least",
    "report_timing.median": "Median",
    "report_timing.p95": "95th percentile",
    "report_timing.largest": "Most",
    "report_timing.total": "Total",
    "report_timing.n_warm_up": "Warm-up",
    "report_timing.n_not_timed": "Without a time",
    "report_timing.cpu_median": "Processor time, median",
    "report_timing.memory_largest": "Peak memory",
    "report_timing.megabytes": "MiB",
    "report_timing.image_size": "Size of the images",
    "report_timing.recording_length": "Length of the recording",
    "report_timing.table_image_size": (
        "Time per case by pixels of all images of the case; counts only below {minimum} timed requests"
    ),
    "report_timing.table_recording_length": (
        "Time per case by length of the recording; counts only below {minimum} timed requests"
    ),
    "report_timing.figure_image_size": "Time per case by size of the images",
    "report_timing.figure_recording_length": "Time per case by length of the recording",
    "report_timing.figure_description": (
        "Logarithmic axis. The line runs from the shortest to the longest time, the box holds the middle half, the bar is "
        "the median and the diamond the 95th percentile."
    ),
    "report_timing.all": "All cases",
    "report_timing.class.below_1_megapixel": "below 1 megapixel",
    "report_timing.class.1_to_4_megapixels": "1 to below 4 megapixels",
    "report_timing.class.4_to_16_megapixels": "4 to below 16 megapixels",
    "report_timing.class.16_to_64_megapixels": "16 to below 64 megapixels",
    "report_timing.class.64_megapixels_or_more": "64 megapixels or more",
    "report_timing.class.up_to_15_s": "up to 15 s",
    "report_timing.class.up_to_1_min": "above 15 s, up to 1 min",
    "report_timing.class.up_to_10_min": "above 1 min, up to 10 min",
    "report_timing.class.up_to_1_h": "above 10 min, up to 1 h",
    "report_timing.class.up_to_24_h": "above 1 h, up to 24 h",
    "report_timing.class.above_24_h": "above 24 h",
    "report_timing.how": (
        "A time is that of one request within the process of the candidate, as measured there, without the reading of "
        "files; where the device is elsewhere, that of our own client, with the way to the device and back. Percentiles are interpolated linearly between ordered values; the 95th needs 20 of them. The {level} interval of a "
        "median is exact for any distribution, if requests are independent. Memory is the highest that the process had "
        "held since its start, warm-up included."
    ),
    "report_timing.processor": "Processor",
    "report_timing.workers": "Processes at work together",
    "report_timing.threads": "Threads allowed to each",
    "report_timing.batch": "Cases put together at most; each has an equal share of the time of its batch",
    "report_timing.asked": "Cases taken up in this run",
    "report_timing.wall": "Duration of the asking, starting and loading included",
    "report_timing.rate": "Cases put to the device per hour in this run",
    "report_timing.failed_attempts": "Failed attempts, over all runs that asked",
    "report_timing.no_failed_attempt": "none",
    "report_timing.kind.timed_out": "time limit reached",
    "report_timing.kind.raised": "raised an error",
    "report_timing.kind.ended": "process ended",
    "report_timing.kind.broke_protocol": "broke the wire protocol",
    "report_timing.kind.silent": "no sign of life",
    "report_timing.kind.in_batch": "not answered in a batch, asked again alone",
    "report_timing.kind.worker_lost": "machine of the cluster lost",
    "report_timing.kind.sent_again": "request not taken by the device's server and sent again",
    "report_timing.kind.late_and_unlike": "the device sent a further result of a case that had its answer, and it says otherwise or could not be read; the first stands: set complete_when so that all of it is awaited",
    "report_timing.kind.late_result": "the device sent a further result of a case that was over, which changes nothing",
    "report_timing.kind.set_aside": "the device sent a result that is about no case asked by this process, while another case waited",
    "report_timing.kind.invalid_answer": "answer not valid",
}
