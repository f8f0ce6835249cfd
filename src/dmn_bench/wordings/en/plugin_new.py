"""English sentences of the package that `plugin new` writes: comments of its files, and its README."""

WORDS: dict[str, str] = {
    "plugin_new.code_top": "A product to start from: it measures how rough an image or how steep a signal is. Put yours here.",
    "plugin_new.code_class": "Made once, in a sealed process; then asked case by case.",
    "plugin_new.code_load": "Load the model here, once. The options are those of candidate.yaml.",
    "plugin_new.code_answer": "The answer to one request; the form of both is in docs/candidates.md.",
    "plugin_new.code_request": "The input folder holds one request, the output folder is to hold one answer.",
    "plugin_new.code_replace": "Replace from here: everything above says what is refused, and why.",
    "plugin_new.code_refused": "An input that the product is not made for: say so, with a reason; never guess.",
    "plugin_new.code_server": "One address, one question, one answer.",
    "plugin_new.code_test": "The checks that the buyer makes, one by one: python -m pytest",
    "plugin_new.must_run": "Something must be running while it is checked: README.md says exactly what, and how it is begun.",
    "plugin_new.source": "instructions for use, page …",
    "plugin_new.candidate_top": "How dmn-bench asks this product. It is read as text; nothing of yours is imported to read it.",
    "plugin_new.candidate_python": (
        "A class in plain Python, imported in a sealed process only. python: path of another interpreter, from this "
        "folder. receives: array (decoded), dicom or wfdb (de-identified files)."
    ),
    "plugin_new.candidate_command": (
        "A program started for each case: {{input}} and {{output}} are its folders, {{candidate}} is this one."
    ),
    "plugin_new.candidate_wire": "A program started once that speaks the wire protocol: docs/wire-protocol.md.",
    "plugin_new.candidate_onnx": "An ONNX file, with what it expects and what its output means.",
    "plugin_new.candidate_http": "A server that is already running: start it with python server.py.",
    "plugin_new.candidate_container": (
        "An image that is on this machine: docker build -t NAME . makes it (or podman). allow_tag is for your own trials: "
        "deliver it by its digest, which docker images --digests shows, and without allow_tag "
        "(docs/command-and-container.md)."
    ),
    "plugin_new.candidate_dicom_node": (
        "A DICOM node that is already running: where it is, what it is called, and where it sends its results. It must know "
        "our_ae_title at this machine and listen_port. finding: of a result that names none."
    ),
    "plugin_new.candidate_dicomweb": (
        "A DICOMweb service that is already running: it takes the study by STOW-RS, and its results are asked for by QIDO-RS. "
        "modalities: of the results. finding: of a result that names none."
    ),
    "plugin_new.candidate_predictions": "A table of results: one row for each case and finding.",
    "plugin_new.candidate_points": (
        "From which score on a case is positive, and from which on doubtful (doubt_from): as the instructions for use say."
    ),
    "plugin_new.candidate_findings": "Your word for a finding: the hospital's word, where they differ.",
    "plugin_new.candidate_device": "What you declare of the product: the next file.",
    "plugin_new.device_top": (
        "What the vendor declares of the product. Reports print every field: null is printed as “not declared”. A text "
        "may be written plainly, or as {{value: …, source: …}} with the page that says so."
    ),
    "plugin_new.device_identity": "Which product this is, in the words of its label.",
    "plugin_new.device_intended_use": "The intended purpose, word for word from the instructions for use, with its page.",
    "plugin_new.device_claims": (
        "The performance you publish: a list of {{metric, finding, value, low, high, confidence, population, source}}, "
        "shares from 0 to 1."
    ),
    "plugin_new.device_training_data": "Five questions on training data. Write “none” where that is the answer.",
    "plugin_new.device_needs": "What the product needs to run. The hospital grants it, or the run does not begin.",
    "plugin_new.device_outputs": (
        "Every finding that it answers, in your words, with the lowest and highest score there can be."
    ),
    "plugin_new.field.identity.manufacturer": "legal manufacturer",
    "plugin_new.field.identity.authorised_representative": "authorised representative in the Union, where there is one",
    "plugin_new.field.identity.trade_name": "trade name",
    "plugin_new.field.identity.version": "version, as the label has it",
    "plugin_new.field.identity.build": "build or commit of this very delivery",
    "plugin_new.field.identity.basic_udi_di": "Basic UDI-DI",
    "plugin_new.field.identity.udi_di": "UDI-DI",
    "plugin_new.field.identity.udi_pi": "UDI-PI",
    "plugin_new.field.identity.ce_class": "class of the device",
    "plugin_new.field.identity.legal_basis": "regulation or directive under which it is marked",
    "plugin_new.field.identity.certificate": "number of the certificate",
    "plugin_new.field.identity.certificate_expires": "until when it is valid",
    "plugin_new.field.identity.notified_body": "notified body, with its number",
    "plugin_new.field.identity.eudamed_id": "identifier in EUDAMED",
    "plugin_new.field.intended_use.purpose": "intended purpose, verbatim",
    "plugin_new.field.intended_use.ifu_page": "page of the instructions for use",
    "plugin_new.field.intended_use.contra_indications": "what it must not be used for: ages, views, devices, conditions",
    "plugin_new.field.intended_use.operating_point": "operating point, and who may change it",
    "plugin_new.field.training_data.data_sets": "1: every data set used to train or tune it, public ones included",
    "plugin_new.field.training_data.data_from_this_hospital": "2: any data of this hospital or its group",
    "plugin_new.field.training_data.access_to_this_reference_set": "3: any earlier access to this reference set",
    "plugin_new.field.training_data.overlap_of_patients_or_period": "4: the same patients, or the same period",
    "plugin_new.field.training_data.pretrained_components": "5: pre-trained parts, and what they were trained on",
    "plugin_new.field.needs.gpu": "true if it needs a graphics processor",
    "plugin_new.field.needs.hosts": (
        'every address it must reach: [{{address: "host:port", purpose: "licence server", images: false}}]; images: '
        "whether images are sent there"
    ),
    "plugin_new.field.needs.inputs": "what it can be given: modality, views, sizes, sampling rate",
    "plugin_new.field.needs.memory_mb": "memory of one process at most, in MiB; “dmn-bench plugin check” prints what it took",
    "plugin_new.field.needs.seconds_per_case": "seconds for a case at most, on the slowest machine you support",
    "plugin_new.field.needs.seconds_to_load": "seconds to load at most",
    "plugin_new.field.needs.descriptive_tags": "descriptive tags that answers depend on: view, laterality, modality …; [] for none",
    "plugin_new.host_purpose": "the product itself, on this machine",
    "plugin_new.readme": """\
# {name}

A candidate package of dmn-bench that works as it is: put your product in the place of the example, step by step, and check
after each step.

| file | says |
|---|---|
| `candidate.yaml` | how the product is asked |
| `device.yaml` | what you declare: product, intended use, claims, training data, needs |
| `{product}` | the product; the example only measures something simple |
| `cases/` | a few cases that you ship, and in `cases/expected.json` what they are answered with |
| `refuses/` | cases that the product must refuse |
| `tests/` | the same checks in your own pytest |

1. `dmn-bench plugin check .` runs the checks that the buyer makes, and says how to mend what fails.
2. Replace `{product}`, then the cases (no patient data: draw them, or use a phantom) and `cases/expected.json`.
3. Fill `device.yaml`. What stays `null` is printed as “not declared” in every report.
4. Deliver the folder with the `plugin-check.json` that the check has written: it is bound to every file, so that the buyer can
   see with `dmn-bench plugin check . --against plugin-check.json` that what was checked is what was delivered.

""",
    "plugin_new.readme_python": "`product.py` holds a class `Candidate`. It imports nothing of dmn-bench and may run under another Python.",
    "plugin_new.readme_command": "`product.py` is started for each case with two folders. Any other program may stand in its place.",
    "plugin_new.readme_wire": (
        "`product.py` is started once and speaks the wire protocol on its standard input and output. Any other language may "
        "stand in its place."
    ),
    "plugin_new.readme_onnx": "`model.onnx` is run by ONNX Runtime; `candidate.yaml` says how its input is prepared and what its output means.",
    "plugin_new.readme_http": "`server.py` must be running while it is checked: `python server.py`.",
    "plugin_new.readme_container": (
        "The image must be on this machine while it is checked, and the service of the engine must run: "
        "`docker build -t {name}:latest .` (or `podman build`). `product.py` in it speaks the wire protocol; any other "
        "language may stand in its place."
    ),
    "plugin_new.readme_dicom_node": (
        "a DICOM node at `{address}` with the AE title `DEVICE` that answers C-ECHO, takes radiographs (DX) by C-STORE, and "
        "sends one report (SR) about each study to the AE title `DMNBENCH` at port 11113 of this machine"
    ),
    "plugin_new.readme_dicomweb": (
        "a DICOMweb service at `http://{address}/dicom-web` that takes radiographs (DX) by STOW-RS and has one report (SR) "
        "about each study, found by QIDO-RS"
    ),
    "plugin_new.readme_elsewhere": """\
# {name}

A candidate package of dmn-bench for a device that is elsewhere: nothing of the device is in this folder. It says where the
device is and how it is asked; the check begins once the device runs.

| file | says |
|---|---|
| `candidate.yaml` | where the device is, and how it is asked |
| `device.yaml` | what you declare: product, intended use, claims, training data, needs |
| `cases/` | made-up radiographs that are sent to the device |
| `tests/` | the same checks in your own pytest |

1. Start the device, or correct `candidate.yaml` and `needs.hosts` of `device.yaml`. As they are written they expect {device}.
2. `dmn-bench plugin check .` runs the checks that the buyer makes, and says how to mend what fails. While nobody answers at
   that address the check `loads` fails and says so.
3. Replace the cases by ones that your device is made for (no patient data: draw them, or use a phantom), state in
   `cases/expected.json` what they are answered with, and put cases that it must refuse into `refuses/`.
4. Fill `device.yaml`. What stays `null` is printed as “not declared” in every report.
5. Deliver the folder with the `plugin-check.json` that the check has written.
""",
    "plugin_new.readme_predictions": "`results.csv` holds results that were computed elsewhere; nothing of the product runs here.",
}
