"""What each attempt of the hostile candidate comes to under each tier: the table of docs/security.md."""

POSSIBLE, BLOCKED = "**possible**", "blocked"
ALWAYS = (POSSIBLE, POSSIBLE, POSSIBLE)
NEVER = (BLOCKED, BLOCKED, BLOCKED)
SEALED = (POSSIBLE, BLOCKED, BLOCKED)
HIDDEN = (POSSIBLE, POSSIBLE, BLOCKED)

ROWS = {  # attempt -> what it is, and whether tiers 0, 1 and 2 block it
    "connect_tcp": ("connect by TCP", SEALED),
    "multipath_tcp": ("connect by multipath TCP", SEALED),
    "fast_open": ("connect by TCP fast open", SEALED),
    "send_udp": ("send by UDP", SEALED),
    "ask_name_server": ("ask a name server", SEALED),
    "listen": ("take connections", SEALED),
    "connect_unix": ("talk to a service of the machine through its socket file", SEALED),
    "connect_abstract": ("talk to a service of the machine through an abstract socket", SEALED),
    "read_truth": ("read the truth", SEALED),
    "read_record": ("read the record of a run", SEALED),
    "read_answers": ("read the answers of others", SEALED),
    "read_home": ("read files of the user's home", SEALED),
    "read_other_candidate": ("read the package of another candidate", SEALED),
    "read_harness": ("read the code of dmn-bench", SEALED),
    "read_other_child": ("read what another process of the same candidate keeps", SEALED),
    "list_set": ("list the files of the set", SEALED),
    "see_that_truth_exists": ("see that a file exists, its size and date, if it knows the path", HIDDEN),
    "overwrite_truth": ("write over the truth", SEALED),
    "truncate_truth": ("cut a file off", SEALED),
    "change_mode_of_truth": ("change the permissions of a file", SEALED),
    "change_date_of_truth": ("change the date of a file", SEALED),
    "delete_truth": ("delete a file", SEALED),
    "write_outside": ("write outside its folder", SEALED),
    "write_in_tmp": ("leave a file in the temporary folder", SEALED),
    "write_in_shared_memory": ("leave something in shared memory", SEALED),
    "shared_segment": ("open shared memory of other programs", SEALED),
    "write_own_package": ("change its own package", SEALED),
    "write_request": ("change the copies of its request", SEALED),
    "through_symbolic_link": ("read the truth through a symbolic link", SEALED),
    "through_hard_link": ("read the truth through a hard link", SEALED),
    "through_rename": ("move a file into its folder", SEALED),
    "through_proc_root": ("read the truth through /proc", SEALED),
    "inherited_descriptors": ("use files that the harness has open", NEVER),
    "own_environment": ("read variables of the user in its own environment", NEVER),
    "parents_environment": ("read variables of the user in other processes", SEALED),
    "parents_memory": ("read the memory of the harness through /proc", SEALED),
    "read_memory_by_call": ("read the memory of the harness by a system call", SEALED),
    "trace": ("trace the harness as a debugger does", SEALED),
    "list_processes": ("see the commands of other processes", SEALED),
    "signal_harness": ("send signals to the harness", SEALED),
    "stop_warden": ("send signals to its warden", SEALED),
    "limits_of_harness": ("change the limits of the harness", SEALED),
    "raise_limits": ("raise its own limits", NEVER),
    "new_namespaces": ("make namespaces of its own", SEALED),
    "new_namespaces_by_clone": ("make namespaces of its own by clone", SEALED),
    "io_uring": ("use io_uring, which filters do not see", SEALED),
    "key_ring": ("reach the keys of the user", SEALED),
    "through_handle": ("as root: read the truth by its number on the disk", SEALED),
    "raw_socket": ("as root: listen to the network card", NEVER),
    "mount": ("as root: mount a file system", NEVER),
    "privileges": ("as root: use the privileges of root, but to read files", NEVER),
    "become_root_by_file": ("gain privileges by a set-uid file", NEVER),
}
ALONE = {  # each in a process of its own
    "fork_bomb": ("start more than 512 processes", NEVER),
    "take_memory": ("take more memory than `memory_mb`, in one process", NEVER),
    "flood": ("fill the memory or disk of the harness by printing", NEVER),
    "huge_file": ("write a file of more than 4 GiB", NEVER),
    "fill_folder": ("fill the disk with files in its folder", NEVER),
    "leave_daemon": ("leave a process behind", NEVER),
    "foreign_call": ("use system calls of another architecture", SEALED),
}
EVERYTHING = {**ROWS, **ALONE}

# what an ordinary user, or root without its privileges, is refused by some machines whatever the tier
REFUSED_BY_SOME = (
    *("through_handle", "parents_memory", "read_memory_by_call", "trace", "new_namespaces", "new_namespaces_by_clone"),
    *("io_uring", "key_ring", "multipath_tcp", "fast_open", "through_hard_link", "shared_segment", "limits_of_harness"),
    *("signal_harness", "stop_warden", "parents_environment"),
)
