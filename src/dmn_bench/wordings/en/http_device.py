"""English sentences of the adapter `http`."""

WORDS: dict[str, str] = {
    "http_device.batch_without_axis": (
        "batch is above 1 and batch_axis is false: cases sent together need an axis. Set batch to 1."
    ),
    "http_device.box_pointers": (
        "response.marks.box: expected {expected} pointers for form {form}, found {found}. Correct the option."
    ),
    "http_device.certificates_unused": (
        "{option} is for https, and the url begins with http. Correct the url, or leave the option out."
    ),
    "http_device.echo_not_sent": (
        "response.echo compares the id of the request, which is not sent. Put $request_id into request.body, or "
        "{{request_id}} into request.path."
    ),
    "http_device.fields_not_mapping": (
        "with multipart, request.body is a mapping of field names to texts. Correct the option."
    ),
    "http_device.header_malformed": (
        "request.headers: a name or a value holds characters that no header may have. Correct it."
    ),
    "http_device.header_ours": (
        "request.headers may not set {found}: the program writes it itself. For a token, name the environment "
        "variable that holds it under token_variable."
    ),
    "http_device.key_alone": "client_key goes with client_certificate, which is missing. Give both, or neither.",
    "http_device.limit": "{option} is a number from {low} to {high}, found {found}. Correct the option.",
    "http_device.metadata_sha256": (
        "metadata_sha256 is 64 characters 0-9 and a-f. Copy it from the message of a run with a wrong one, or leave "
        "it out."
    ),
    "http_device.missing_extra": (
        "asking a server needs {package}, which is not installed. Install the extra: pip install 'dmn-bench[{extra}]'."
    ),
    "http_device.needed": "{option} is needed for form {form}. Add it.",
    "http_device.no_file": "{option}: there is no file {found}. Put it in its place, or correct the option.",
    "http_device.no_further_options": "a server takes no further options, found {found}. Remove them.",
    "http_device.nothing_sent": (
        "nothing of the case is sent: request.body has no placeholder such as $image.base64_png or $signals, and "
        "there is no multipart. Add one."
    ),
    "http_device.one_input": (
        "a server of form open-inference declares either input (an image) or signals (a recording). Give exactly one."
    ),
    "http_device.option_of_other_form": "{option} has no meaning for form {form}. Remove it, or correct the form.",
    "http_device.path": (
        "{option}: expected a path that begins with / and holds no braces but {expected}, found {found}. Correct the "
        "option."
    ),
    "http_device.placeholder_unknown": (
        "request.body holds {found}, which stands for nothing; known are {known}. A text that begins with $ is "
        "written $$."
    ),
    "http_device.placeholder_unknown_nearest": (
        "request.body holds {found}, which stands for nothing. Was {nearest} meant? Known are {known}. A text that "
        "begins with $ is written $$."
    ),
    "http_device.pointer": (
        "{option}: expected a JSON pointer such as /result/0/score, found {found}. Correct the option."
    ),
    "http_device.score_unit": (
        "response.score_unit is missing: say whether scores are a fraction (0 to 1), percent (0 to 100) or any "
        "number. It is checked, never guessed."
    ),
    "http_device.token_header": (
        "token_header is the name of a header, letters, digits and -. Correct the option; a token never stands there."
    ),
    "http_device.token_variable": (
        "token_variable is the name of an environment variable, letters, digits and _. The token itself never stands "
        "in a file: put it into that variable."
    ),
    "http_device.two_forms_of_input": (
        "the request needs decoded values and copies of files, or DICOM and WFDB files, and a case is given in one "
        "form. Choose DICOM copies, WFDB copies, or decoded images and signals."
    ),
    "http_device.unencrypted": (
        "the url is http and {host} is another machine: images of patients would cross the network where anyone on "
        "the way can read and change them. Use https. If the line is protected otherwise and your data protection "
        "officer agrees, add allow_unencrypted: true."
    ),
    "http_device.url": (
        "url: expected http:// or https://, a host, perhaps a port and a path, without user, password, ? and #; "
        "found {found}. Correct the option; a token goes into the environment (token_variable)."
    ),
}
