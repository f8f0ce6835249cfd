"""English sentences of the room `adapters_programs`: programs and containers."""

WORDS: dict[str, str] = {
    "adapters_programs.above_nought": "{option} is above 0, or null for no limit; found {found}. Correct the option.",
    "adapters_programs.at_least_one": "{option} is at least 1, found {found}. Correct the option.",
    "adapters_programs.command_place": (
        "the command does not say where {expected} goes: {found}. Put {expected} among its words."
    ),
    "adapters_programs.dicom_needs_dicom": (
        "results: dicom can be matched to images only if the candidate receives dicom, found {found}. Set "
        "receives to dicom, or results to json."
    ),
    "adapters_programs.dicom_unused": "dicom says how result objects are read, and results is not dicom. Remove one.",
    "adapters_programs.engine_elsewhere": (
        "DOCKER_HOST is {found}, another machine: images would leave this one, and folders could not be mounted. "
        "Use an engine of this machine (unix://…)."
    ),
    "adapters_programs.exit_code": (
        "exit_statuses names exit codes from 1 to 255, found {found}. Correct the option; 0 always means that the"
        " output is to be read."
    ),
    "adapters_programs.exit_code_of_batch": (
        "an exit code cannot speak for several cases: exit_statuses needs batch: 1. Remove one of the two."
    ),
    "adapters_programs.folder_only": (
        "the options {found} are about folders, and this container speaks the wire protocol. Remove them, or set "
        "speaks to folder."
    ),
    "adapters_programs.hosts_need_network": (
        "a container engine cannot limit a container to {found}. Have the site set up a network of the engine "
        "that reaches these hosts alone, and name it as network; or remove hosts."
    ),
    "adapters_programs.image": "{found} is not the name of an image. Give name@sha256:…, sha256:…, or a .sif file.",
    "adapters_programs.image_by_tag": (
        "the image {found} is named by a tag, behind which another image may stand tomorrow. Name it by its "
        "digest (name@sha256:…, or sha256:… as shown by image inspect), or set allow_tag to true, which the "
        "report then says."
    ),
    "adapters_programs.image_digest": (
        "the digest of the image {found} is not sha256: and 64 of the digits 0 to 9 and a to f. Give it in full, as "
        "shown by image inspect."
    ),
    "adapters_programs.mount": (
        "mounts names absolute paths in the container other than /input, /output and /tmp; found {found}. Correct"
        " the option."
    ),
    "adapters_programs.network": (
        "network names a network that the site has made and limited, found {found}. Give its name in the engine; "
        "Apptainer has none."
    ),
    "adapters_programs.network_needs_hosts": (
        "the container gets the network {found} and declares no host. List under hosts what it must reach, so "
        "that the protocol can grant it."
    ),
    "adapters_programs.no_engine": (
        "no container engine was found: looked for {found}; installed are {known}. Install one, or correct engine"
        " or engine_path."
    ),
    "adapters_programs.no_file": "{found} is not there. Put it in its place, or correct the option.",
    "adapters_programs.no_further_options": "this adapter has no options for a class, found {found}. Remove them.",
    "adapters_programs.no_program": (
        "the program {found} is not there. With a slash it is looked for from the candidate's folder, without in "
        "{known}. Correct the first word of command."
    ),
    "adapters_programs.not_executable": "{found} may not be executed. Make it executable (chmod +x).",
    "adapters_programs.sif_needed": (
        "Apptainer takes a .sif file, found {found}. Build it once (apptainer build NAME.sif docker-archive:FILE)"
        " and name the file."
    ),
    "adapters_programs.sif_of_apptainer": (
        "{found} is an image for Apptainer, and engine is {engine}. Set engine to apptainer or auto."
    ),
    "adapters_programs.user": "user is uid:gid in numbers, found {found}. Correct the option.",
}
