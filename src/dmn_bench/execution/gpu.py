"""Whether this machine has a graphics processor that a program could be given: by its devices, nothing is started."""

from __future__ import annotations

from pathlib import Path

from ..hookspecs import ChildProgram

DEVICES = Path("/dev")
THAT_RECKON = ("nvidia[0-9]*", "kfd", "dri/renderD*", "dxg")  # NVIDIA, AMD, any with a render node, in Windows' Linux
OF_A_DRIVER = ("nvidia*", "kfd", "dri", "dxg")  # what a program needs of them


def gpu_devices(devices: Path = DEVICES) -> tuple[str, ...]:
    """Names of the devices that reckon, () where there is none.

    That one is there says neither that its driver works nor that a candidate's libraries are made for it.
    """
    found = (path for pattern in THAT_RECKON for path in devices.glob(pattern))
    return tuple(sorted(str(path.relative_to(devices)) for path in found))


def device_files(program: ChildProgram, devices: Path = DEVICES) -> tuple[Path, ...]:
    """The device files of graphics processors that a program gets: all of them if it needs one, else none."""
    if not program.gpu:
        return ()
    return tuple(path for pattern in OF_A_DRIVER for path in sorted(devices.glob(pattern)))


def lacks_gpu(program: ChildProgram, devices: Path = DEVICES) -> bool:
    """Whether a program that is started on this machine needs a graphics processor that is not there."""
    return program.gpu and program.where != "elsewhere" and not gpu_devices(devices)
