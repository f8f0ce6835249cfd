"""English sentences of the room `catalogue`."""

WORDS: dict[str, str] = {
    "catalogue.unknown_part": "there is no {kind:@} named “{found}”; known are: {known}. Correct the name.",
    "catalogue.unknown_part_nearest": (
        "there is no {kind:@} named “{found}”; did you mean “{nearest}”? Known are: {known}."
    ),
    "catalogue.unknown_option": (
        "the {kind:@} “{name}” ({provider}) has no option “{option}”; its options are: {known}. Correct or delete it."
    ),
    "catalogue.unknown_option_nearest": (
        "the {kind:@} “{name}” ({provider}) has no option “{option}”; did you mean “{nearest}”? Its options are: {known}."
    ),
    "catalogue.missing_option": (
        "the {kind:@} “{name}” ({provider}) needs the option “{option}”. Add it, with this value: {expected:@}."
    ),
    "catalogue.option_type": (
        "the option “{option}” of the {kind:@} “{name}” ({provider}) must be {expected:@}; it is {found}. Correct it."
    ),
    "catalogue.option_value": (
        "the options of the {kind:@} “{name}” ({provider}) are refused at “{option}”: {reason}. Correct the value."
    ),
    "catalogue.unresolved_type": (
        "the types of the options of the {kind:@} “{name}” ({provider}) cannot be resolved: {found}. The author of the "
        "extension must import them at run time, not for type checking alone."
    ),
    "catalogue.import_failed": (
        "“{module}” of the extension {provider} cannot be imported: {reason}. Repair or remove the extension."
    ),
    "catalogue.imported_elsewhere": (
        "“{module}” of the extension {provider} was to be imported from this folder, but another module of that name "
        "comes first: {found}. Rename the module, or uninstall the other one."
    ),
    "catalogue.pyproject_unreadable": "the file cannot be read: {found}. Correct it.",
    "catalogue.no_extension": (
        "no extension was found here: neither this folder nor one right below it has a pyproject.toml with an entry "
        "point of the group “{group}”. Correct the folder, or add the entry point."
    ),
    "catalogue.both_doors": (
        "this package is a candidate ({file}) and an extension at once, so that the code under test would run beside "
        "the truth. Split it into two packages."
    ),
    "catalogue.unknown_hook": (
        "the extension {provider} implements the hook “{found}”, which does not exist; hooks are: {known}. Correct "
        "the name."
    ),
    "catalogue.unknown_hook_nearest": (
        "the extension {provider} implements the hook “{found}”, which does not exist; did you mean “{nearest}”? "
        "Hooks are: {known}."
    ),
    "catalogue.unmarked_hook": (
        "the function “{hook}” of the extension {provider} looks like a hook but is not marked as one. Put @hookimpl "
        "before it, or rename it."
    ),
    "catalogue.no_hooks": "the extension {provider} implements no hook. Implement at least one of: {known}.",
    "catalogue.hook_failed": (
        "the hook “{hook}” of the extension {provider} failed: {reason}. Repair or remove the extension."
    ),
    "catalogue.hook_refused": (
        "the hooks of the extension {provider} do not have the expected form: {reason}. A hook takes nothing and "
        "returns a list."
    ),
    "catalogue.hook_not_a_list": (
        "the hook “{hook}” of the extension {provider} must return a list; it returns {found}. Correct it."
    ),
    "catalogue.part_not_a_class": (
        "the extension {provider} registers {found} as a {kind:@}; a class was expected. Return the class itself."
    ),
    "catalogue.part_without_name": (
        "the {kind:@} “{found}” of the extension {provider} has no name, or one that is not of the form “a-z 0-9 _ . -”. "
        "Give the class an attribute “name”."
    ),
    "catalogue.part_without_doc": (
        "the {kind:@} “{found}” of the extension {provider} has no docstring. Say in one sentence what it is."
    ),
    "catalogue.part_incomplete": (
        "the {kind:@} “{found}” of the extension {provider} lacks: {missing}. Add what the hook's page asks for."
    ),
    "catalogue.doubled_part": (
        "two providers register a {kind:@} named “{name}”: {first} and {second}. Remove one, or rename its part."
    ),
    "catalogue.doubled_candidate": (
        "two candidate packages have the id “{name}”: {first} and {second}. Change the id of one of them."
    ),
    "catalogue.no_manifest": (
        "no candidate package was found here: there is no file {file}. Correct the folder, or write the manifest."
    ),
    "catalogue.no_device_file": (
        "the manifest names “{file}” as the description of the device, but there is no such file in its folder. "
        "Correct the name, or add the file."
    ),
    "catalogue.kind.adapter": "adapter",
    "catalogue.kind.task": "task",
    "catalogue.kind.metric": "metric",
    "catalogue.kind.reader": "file reader",
    "catalogue.kind.report_section": "report section",
    "catalogue.form.text": "text",
    "catalogue.form.whole_number": "a whole number",
    "catalogue.form.number": "a number",
    "catalogue.form.yes_or_no": "true or false",
    "catalogue.form.nothing": "null (left open)",
    "catalogue.form.path": "a path",
    "catalogue.form.any": "anything",
    "catalogue.form.or": "or",
    "catalogue.form.list": "a list of {items}",
    "catalogue.form.mapping": "a mapping ({items})",
    "catalogue.form.fields": "a mapping with {items}",
}
