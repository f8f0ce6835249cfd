"""What is made once for all processes of one run of the tests: the first that needs it makes it, others wait."""

import os
import shutil


def made_once(tmp_path_factory, name, make):
    """The folder ``name`` that ``make(folder)`` has filled, whichever process did; nobody may change what is in it."""
    import fcntl

    base = tmp_path_factory.getbasetemp()
    top = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # a worker has a folder of its own below that
    folder, done = top / name, top / f"{name}.done"
    with (top / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
