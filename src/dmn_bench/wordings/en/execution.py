"""English sentences of the room `execution`."""

WORDS: dict[str, str] = {
    "execution.processor_time_not_limited": "the processor time of the device cannot be limited on this system. Take processor_seconds_per_case out of the protocol, or run elsewhere.",
    "execution.no_signal_strength": "no lead has enough normal beats to measure the strength of the signal by, so that no noise can be added. Take the recording out of the noise stress test.",
    "execution.device_not_reached": "the device elsewhere cannot be asked: {found}. No case was held against it. See that it runs and can be reached from here, then go on with --resume.",
    "execution.candidate_does_not_load": (
        "the candidate's model could not be loaded: it {found}. No case was held against it. Last lines: {details}. "
        "Correct the candidate package, or ask its vendor."
    ),
    "execution.cluster_address": (
        "the address of the scheduler is tls://HOST:PORT, or tcp://127.0.0.1:PORT for one on this computer; found "
        "{found}. Correct it: the scheduler prints its address when it starts."
    ),
    "execution.cluster_extra_missing": (
        "a cluster needs Dask, which is not installed. Install the extra here and on every worker: pip install "
        "'{extra}'."
    ),
    "execution.cluster_lost": (
        "the scheduler of the cluster is lost ({found}); the answers so far are kept. Start it again with its "
        "workers, then run the same command with --resume."
    ),
    "execution.cluster_name_outside": (
        "this file lies outside the folder of the candidate, or its name could not be kept on another computer, so it"
        " cannot be sent to a worker. Move or rename it, or use a shared folder instead of --send-files."
    ),
    "execution.cluster_no_workers": (
        "no worker has been connected to the scheduler for {seconds} {seconds:#second|seconds}; the answers so far "
        "are kept. Start workers, look into their logs if they do not stay, then run the same command with --resume."
    ),
    "execution.cluster_not_encrypted": (
        "{found} would send patients' data over a network without encryption. Give the scheduler and the workers "
        "certificates and use {tls}; docs/cluster.md shows how."
    ),
    "execution.cluster_other_candidate": (
        "this worker has other files of the candidate in {folder} ({n:#file|files} found: {n}). Give it the same "
        "folder at the same path, or use --send-files."
    ),
    "execution.cluster_other_data": (
        "this worker has something else for {file} in {folder}: {found}. Give it the same reference set at the same "
        "path, or use --send-files."
    ),
    "execution.cluster_other_software": (
        "this worker has other software than this computer: {found} (here in brackets). Install the same versions, so"
        " that every case is read and answered in the same way."
    ),
    "execution.cluster_reply": (
        "a worker sent something that is not a reply: {found}. Check that the workers have the same version of "
        "dmn-bench and that nobody else uses this scheduler."
    ),
    "execution.cluster_tls": (
        "the encrypted connection cannot be made: {found}. Name the certificates in Dask's configuration "
        "(distributed.comm.tls); docs/cluster.md shows how."
    ),
    "execution.cluster_unreachable": (
        "no scheduler answers here: {found}. Check the address, the certificates and that the scheduler runs."
    ),
    "execution.cluster_worker_failed": (
        "a worker could not do its part: {found}. Check that dmn-bench is installed there, in the same version; the "
        "answers so far are kept."
    ),
    "execution.cluster_workers_die": (
        "the workers die before they ask anything ({times} {times:#time|times} in a row); the answers so far are "
        "kept. Look into their logs: memory or time limits of the cluster are the usual cause. Then run the same "
        "command with --resume."
    ),
    "execution.interrupted": ("stopped after {answered} of {all} {all:#case|cases}; the answers so far are kept."),
    "execution.ledger_busy": (
        "another run is writing to this file of answers. Wait until it has ended and run the same command again, or "
        "choose another folder for the answers with --answers."
    ),
    "execution.ledger_damaged": (
        "the file of answers is damaged: {found}. Run the same command again with --resume: the file is kept aside, "
        "every answer in it that is sound is kept, and only the others are asked again."
    ),
    "execution.ledger_not_written": (
        "the file of answers cannot be read or written: {found}. Free some space, check the rights on the folder, or "
        "choose another one."
    ),
    "execution.ledger_of_other_questions": (
        "this file holds answers to other questions: expected {expected}, found {found}. Choose another "
        "folder for the answers, or run the protocol that they belong to."
    ),
    "execution.ledger_of_other_format": (
        "this file of answers has the format {found}, and this version of dmn-bench writes {expected}. Use the version "
        "that wrote it, or choose another folder for the answers."
    ),
    "execution.ledger_of_unknown_questions": (
        "this file should hold answers, but nothing in it says to which questions, and neither does its name. It was "
        "left as it is. Move it away, or choose another folder for the answers."
    ),
    "execution.ledger_repaired": (
        "the file of answers was damaged ({found}). {n} {n:#answer was|answers were} sound and {n:#is|are} kept; what "
        "is missing is asked again. The damaged file was kept as {damaged}."
    ),
    "execution.merge_contradiction": (
        "{n} {n:#case was|cases were} answered differently in two parts, so that nothing was written: {found}. Find out "
        "which part asked the right device, and merge without the other."
    ),
    "execution.merge_no_ledger": (
        "no file of answers is there. Give the folder of a part (it holds run.json and answers/), or a file of answers."
    ),
    "execution.merge_part_damaged": (
        "this part is damaged: {found}. Nothing was written. Run that part again with --resume, which repairs it, then "
        "merge."
    ),
    "execution.note_unreadable": (
        "the note of the run cannot be read: {found}, expected {expected}. Run the same command again with --resume, "
        "which writes it anew."
    ),
    "execution.isolation_too_weak": (
        "the protocol asks for isolation of at least tier {asked}, and this machine can run the candidate under tier "
        "{found}. Run dmn-bench doctor here to see what is missing, or run on another machine."
    ),
    "execution.linux_only": (
        "running a candidate's program needs the isolation of Linux, and this system is {found}. Test it from its "
        "output files (adapter predictions), or run on Linux."
    ),
}
