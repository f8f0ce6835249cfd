"""Run in the child before the vendor's interpreter: ties it to its supervisor, sets its limits, becomes it.

Standard library only; started as ``python -I -S sealed_start.py JSON`` so that nothing has to run between fork and
exec of a process that has threads.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
PR_SET_NO_NEW_PRIVS = 38


def main() -> None:
    """Apply the limits of the JSON in the first argument and execute its command; never returns."""
    order = json.loads(sys.argv[1])
    tie_to_supervisor(order["supervisor"])
    for name, limit in order["limits"].items():
        lower(getattr(resource, name), limit)
    command = order["command"]
    os.execv(command[0], command)


def tie_to_supervisor(supervisor: int) -> None:
    """Die with the supervising process, even when it is killed, and never gain privileges by a set-uid file."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != supervisor:  # it died before the tie was made
        sys.exit(1)


def lower(what: int, limit: int) -> None:
    """Lower a resource limit, soft and hard; a hard limit that is already lower stays."""
    hard = resource.getrlimit(what)[1]
    value = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(what, (value, value))


if __name__ == "__main__":
    main()
