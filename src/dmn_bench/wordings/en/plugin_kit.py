"""English sentences of the vendor's kit: `plugin check`."""

WORDS: dict[str, str] = {
    "plugin_kit.help.check": (
        "Check a candidate package as its buyer will: every check with what was found and how to mend it."
    ),
    "plugin_kit.help.new": "Start a working candidate package: adapter, declarations, cases, tests.",
    "plugin_kit.help.folder": "Folder of the candidate package, with its candidate.yaml.",
    "plugin_kit.help.cases": "A locked reference set to ask about, instead of the cases that the package ships.",
    "plugin_kit.help.out": "Where the results are written; by default plugin-check.json in the package.",
    "plugin_kit.help.against": (
        "A plugin-check.json: say which files differ from those that were checked, and ask nothing."
    ),
    "plugin_kit.help.seconds": "Seconds after which a case counts as hung.",
    "plugin_kit.help.isolation": "The weakest protection under which vendor code is started: at-least-0 to at-least-3.",
    "plugin_kit.help.new_folder": "Folder to make; it must not exist, or be empty.",
    "plugin_kit.help.adapter": "How the product is asked: {names}. Asked for when left out.",
    "plugin_kit.help.task": "What it answers: {names}.",
    "plugin_kit.help.finding": "The finding it looks for, as reports will print it.",
    "plugin_kit.ask.adapter": "How is the product asked: {names}",
    "plugin_kit.ask.task": "What does it answer: {names}",
    "plugin_kit.ask.finding": "Which finding does it look for",
    "plugin_kit.column.check": "Check",
    "plugin_kit.column.says": "What is checked",
    "plugin_kit.column.outcome": "Outcome",
    "plugin_kit.column.figures": "Figures",
    "plugin_kit.outcome.passed": "passed",
    "plugin_kit.outcome.failed": "FAILED",
    "plugin_kit.outcome.not_applicable": "not applicable",
    "plugin_kit.title": "{candidate}: {adapter}",
    "plugin_kit.checking": "checking: {check}",
    "plugin_kit.mend": "To mend it: {text}",
    "plugin_kit.and_more": "… and {n} more.",
    "plugin_kit.isolation": "Protections in force: {found}.",
    "plugin_kit.isolation_none": "no vendor code was started",
    "plugin_kit.all_passed": "{passed} {passed:#check|checks} passed, {absent} not applicable, none failed.",
    "plugin_kit.some_failed": "{failed} {failed:#check|checks} failed, {passed} passed, {absent} not applicable.",
    "plugin_kit.written": "Results: {path}. Deliver this file with the package.",
    "plugin_kit.written_failed": "Results: {path}. Mend what failed and check again before you deliver the package.",
    "plugin_kit.line": "{check}: {text}",
    "plugin_kit.made": (
        "A package that works is in {folder}. Try it: dmn-bench plugin check {folder}. Then put your product in its "
        "place, step by step; its README.md says where."
    ),
    "plugin_kit.check_file_form": (
        "this is no plugin-check.json that can be read: {found}. Ask for the one that “dmn-bench plugin check” wrote."
    ),
    "plugin_kit.check_file_changed": (
        "this file was changed after “dmn-bench plugin check” wrote it: its hash is not that of its content. Ask for "
        "the original."
    ),
    "plugin_kit.unknown_tier": "there is no protection “{found}”; there is: {known}.",
    "plugin_kit.same": "The {n} files of this package are those that were checked.",
    "plugin_kit.checked_then": (
        "Checked with the suite {suite} of dmn-bench {version}: {passed} passed, {failed} failed, {absent} not "
        "applicable."
    ),
    "plugin_kit.difference.added": "{file}: was added after the check.",
    "plugin_kit.difference.changed": "{file}: is not the file that was checked.",
    "plugin_kit.difference.removed": "{file}: was there when it was checked, and is gone.",
    "plugin_kit.n_differences": (
        "{n} {n:#file differs|files differ} from what was checked. Ask the vendor for the package that was checked, or "
        "check this one."
    ),
    "plugin_kit.new_folder_not_empty": "the folder is not empty, and nothing is overwritten. Name another one.",
    "plugin_kit.new_adapter": "there is no template for the adapter “{found}”; there is one for: {known}.",
    "plugin_kit.new_task": "the adapter {adapter} has no template for “{found}”; there is one for: {known}.",
    "plugin_kit.new_finding": (
        "the finding “{found}” cannot be used: letters, digits, “_”, “-” and “.”, at most 64, are allowed."
    ),
    "plugin_kit.case_without_files": (
        "cases without files cannot be put to a device: {found}. Give a set whose cases have files."
    ),
    "plugin_kit.expected_form": (
        "expected.json has not the form of {format}: an object with format, cases (case → part of an answer) and, where "
        "numbers may differ, a tolerance of 0 or more. Correct it."
    ),
    # ------------------------------------------------------------------------------- what each check looks at
    "plugin_kit.check.manifest": "candidate.yaml and device.yaml are valid, and the adapter takes the options",
    "plugin_kit.check.declarations": "the vendor declares the product, its use and its needs",
    "plugin_kit.check.loads": "the program loads, in the time that it declares",
    "plugin_kit.check.answers": "every case is answered",
    "plugin_kit.check.valid_answers": "every answer has the form of the contract",
    "plugin_kit.check.expected_answers": "shipped cases are answered as expected.json states",
    "plugin_kit.check.refusals": "what it says it refuses it refuses",
    "plugin_kit.check.declared_names": "findings have the names that are declared",
    "plugin_kit.check.declared_scores": "scores lie on the scale that is declared, else between 0 and 1",
    "plugin_kit.check.same_answer_twice": "the same case asked twice has the same answer",
    "plugin_kit.check.same_answer_fresh": "a process that has just begun gives the same answers",
    "plugin_kit.check.any_order": "another order gives the same answers",
    "plugin_kit.check.any_batch": "one request at a time gives the same answers as several at once",
    "plugin_kit.check.names_unread": "other identifiers and file names give the same answers",
    "plugin_kit.check.tags_unread": "the answers do not hang on descriptive tags, or the package says that they do",
    "plugin_kit.check.hostile_input": "strange input neither kills nor hangs it",
    "plugin_kit.check.unpoisoned": "after strange input a good case has the same answer as before",
    "plugin_kit.check.memory": "it stays within the memory that it declares",
    "plugin_kit.check.time": "it stays within the time that it declares for a case",
    "plugin_kit.check.network": "it needs no address that it does not declare",
    # --------------------------------------------------------------------------------------- how to mend it
    "plugin_kit.mend.manifest": "correct the lines that are named; “dmn-bench schema candidate” prints the exact form.",
    "plugin_kit.mend.declarations": (
        "name a device.yaml in candidate.yaml (device: device.yaml) and fill it; “dmn-bench plugin new” writes one with "
        "every field."
    ),
    "plugin_kit.mend.loads": (
        "the message above is the program's own. It is started without network, in an empty folder, with a clean "
        "environment: ship every file it needs inside the package, and declare needs.seconds_to_load."
    ),
    "plugin_kit.mend.answers": (
        "a case that the product does not support belongs into refuses/; a shipped case that is meant to have another "
        "status says so in expected.json. Reproduce a failure by the reason that is given."
    ),
    "plugin_kit.mend.valid_answers": (
        "return what docs/candidates.md calls an answer: the field, what was expected and what was found are named. NaN "
        "and infinity are no scores."
    ),
    "plugin_kit.mend.expected_answers": (
        "either the product has changed and expected.json is to be renewed, or this machine computes otherwise: then "
        "raise its tolerance, and say so."
    ),
    "plugin_kit.mend.refusals": (
        "return status rejected_input (this kind of input is not supported) or abstained (this one is not good enough) "
        "with a reason, or take the case out of refuses/."
    ),
    "plugin_kit.mend.declared_names": (
        "list the name under outputs in device.yaml, or translate it under findings in candidate.yaml."
    ),
    "plugin_kit.mend.declared_scores": "state the scale under outputs in device.yaml: {{finding: …, scores: [lowest, highest]}}.",
    "plugin_kit.mend.same_answer_twice": (
        "fix every seed, use deterministic kernels, and keep nothing from one request to the next: no running mean, no "
        "cache by position, no layers in training mode."
    ),
    "plugin_kit.mend.same_answer_fresh": (
        "fix every seed when the model is loaded; use neither the time nor the process number nor files of earlier runs."
    ),
    "plugin_kit.mend.any_order": "an answer may depend on its own request alone: keep nothing from the requests before it.",
    "plugin_kit.mend.any_batch": (
        "normalise each request by itself; batch statistics and padding to the longest of a batch change answers."
    ),
    "plugin_kit.mend.names_unread": (
        "compute from pixels and samples; names and UIDs are random in every run, and what is learnt from them is not "
        "performance."
    ),
    "plugin_kit.mend.tags_unread": (
        "if the product is meant to read them, name them in device.yaml under needs.descriptive_tags; if not, find where "
        "they come in."
    ),
    "plugin_kit.mend.hostile_input": (
        "check size, type and range before computing, and return rejected_input with a reason; an uncaught exception "
        "costs one case, a dead or hanging process costs more."
    ),
    "plugin_kit.mend.unpoisoned": "clear or rebuild whatever a request that was refused has left behind.",
    "plugin_kit.mend.memory": "release what a request has allocated, or declare the memory that is really needed in needs.memory_mb.",
    "plugin_kit.mend.time": "declare the time that the slowest case takes on the slowest machine you support.",
    "plugin_kit.mend.network": (
        "list the address in device.yaml under needs.hosts with its purpose, and whether images are sent there; the "
        "hospital must grant it."
    ),
    # ----------------------------------------------------------------------------------------- what was found
    "plugin_kit.found.nothing_declared": "there is no device.yaml, or it says nothing.",
    "plugin_kit.found.host_undeclared": "the program must reach {found}, which device.yaml does not declare.",
    "plugin_kit.found.slow_to_load": "loading took {found} s, {declared} s are declared.",
    "plugin_kit.found.unanswered": "{status}: {reason}",
    "plugin_kit.found.few_answered": (
        "{answered} of the {n} cases of the set {answered:#is|are} answered, {refused} {refused:#is|are} refused ({case}: {status}: {reason}). A product "
        "that refuses most of a set cannot be judged on it: correct what the package declares (signals, receives), or take "
        "a set of the recordings or images that it is made for."
    ),
    "plugin_kit.found.expected_unknown": "expected.json states an answer, but there is no such case.",
    "plugin_kit.found.not_expected": "{path}: {stated} is stated, {found} was found",
    "plugin_kit.found.not_refused": "it was to be refused, and was: {status} ({reason})",
    "plugin_kit.found.undeclared_name": "the finding “{found}” is not declared; declared are: {known}.",
    "plugin_kit.found.score_off_scale": "{finding} has the score {found}, which is not within {low} to {high}.",
    "plugin_kit.found.differs": "the answers differ: {found}",
    "plugin_kit.found.differs_for": "the answers differ: {found} ({reason})",
    "plugin_kit.found.hostile_ended": "the process died: {reason}",
    "plugin_kit.found.hostile_hung": "no answer: {reason}",
    "plugin_kit.found.hostile_protocol": "{reason}",
    "plugin_kit.found.hostile_invalid": "the answer has not the form of the contract: {reason}",
    "plugin_kit.found.memory": "a process held {found} MiB, {declared} MiB are declared.",
    "plugin_kit.found.slow": "{n} {n:#case|cases} took longer than the {declared} s declared; the longest answer took {found} s.",
    "plugin_kit.note.not_declared": "{n} {n:#field|fields} of device.yaml not declared: {found}.",
    "plugin_kit.note.network_open": "nothing kept the program from the network here, so that this check proves nothing.",
    "plugin_kit.note.host_images_yes": "needs {address} ({purpose}): declared; images left the machine: yes.",
    "plugin_kit.note.host_images_no": "needs {address} ({purpose}): declared; images left the machine: no.",
    "plugin_kit.note.host_images_unknown": "needs {address} ({purpose}): declared; images left the machine: not declared.",
    "plugin_kit.note.tags_declared": "answers change without descriptive tags, as declared: {found}.",
    "plugin_kit.note.hostile_raised": "answered by an error, which costs the case in a run: {reason}",
    "plugin_kit.without.package": "the package cannot be read; the first check says why.",
    "plugin_kit.without.program": "the adapter {adapter} reads result files: there is no program to ask.",
    "plugin_kit.without.load": "the program does not load.",
    "plugin_kit.without.cases": "the package ships no cases (folder cases); give some, or a reference set by --cases.",
    "plugin_kit.without.readable_cases": "the shipped cases cannot be read.",
    "plugin_kit.without.readable_results": "the result files cannot be read.",
    "plugin_kit.without.refuses": "the package ships no cases that it refuses (folder refuses).",
    "plugin_kit.without.expected": "the package states no answers (cases/expected.json).",
    "plugin_kit.without.answer": "no case was answered.",
    "plugin_kit.without.several_cases": "one case has no order; ship two or more.",
    "plugin_kit.without.batches": "the program takes one request at a time.",
    "plugin_kit.without.names": "the package declares no findings (outputs in device.yaml); it named: {found}.",
    "plugin_kit.without.scores": "no answer held a score.",
    "plugin_kit.without.measured_memory": "no memory was measured: what answers does not run in a process of ours.",
    "plugin_kit.without.measured_time": "no time was measured: the first case after loading is left out; ship two or more.",
    "plugin_kit.without.memory_mb": "the package declares no memory (needs.memory_mb).",
    "plugin_kit.without.seconds_per_case": "the package declares no time for a case (needs.seconds_per_case).",
    # ------------------------------------------------------------------------------------------- in a report
    "plugin_kit.report.pre_test": "Checked before delivery (plugin-check.json)",
    "plugin_kit.report.absent": "no such file in the package",
    "plugin_kit.report.unreadable": "the file cannot be read, or was changed after it was written",
    "plugin_kit.report.matches": (
        "yes, and its files are those that were checked: {passed} passed, {failed} failed, {not_applicable} not "
        "applicable (suite {suite} of dmn-bench {dmn_bench})"
    ),
    "plugin_kit.report.differs": (
        "another package was checked: {n_differences} {n_differences:#file differs|files differ} from what was checked "
        "then ({passed} passed, {failed} failed, {not_applicable} not applicable; suite {suite} of dmn-bench {dmn_bench})"
    ),
    "plugin_kit.report.images_sent": "; images are sent there",
    "plugin_kit.report.images_not_sent": "; no images are sent there",
    "plugin_kit.report.images_unknown": "; whether images are sent there: not declared",
    "plugin_kit.report.memory_mb": "Memory of a process at most, MiB",
    "plugin_kit.report.seconds_per_case": "Seconds for a case at most",
    "plugin_kit.report.seconds_to_load": "Seconds to load at most",
    "plugin_kit.report.descriptive_tags": "Descriptive tags that answers depend on",
    # ------------------------------------------------------------------------------------------------ figures
    "plugin_kit.figure.n_fields": "{n:#field|fields}",
    "plugin_kit.figure.n_not_declared": "not declared",
    "plugin_kit.figure.n_cases": "{n:#case|cases}",
    "plugin_kit.figure.n_unanswered": "unanswered",
    "plugin_kit.figure.n_refused": "refused",
    "plugin_kit.figure.n_answers": "{n:#answer|answers}",
    "plugin_kit.figure.n_invalid": "invalid",
    "plugin_kit.figure.n_stated": "stated",
    "plugin_kit.figure.n_not_refused": "not refused",
    "plugin_kit.figure.n_names": "{n:#name|names}",
    "plugin_kit.figure.n_scores": "{n:#score|scores}",
    "plugin_kit.figure.n_off_scale": "off the scale",
    "plugin_kit.figure.n_compared": "compared",
    "plugin_kit.figure.n_different": "different",
    "plugin_kit.figure.n_kinds": "{n:#kind|kinds}",
    "plugin_kit.figure.n_raised": "{n:#error|errors}",
    "plugin_kit.figure.n_hosts": "{n:#address|addresses}",
    "plugin_kit.figure.seconds_to_load": "s to load",
    "plugin_kit.figure.seconds_per_case": "s at most",
    "plugin_kit.figure.peak_memory_mb": "MiB at most",
}
