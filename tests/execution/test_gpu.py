"""Who gets the devices of graphics processors: made-up device folders stand in for machines that have some."""

import pytest

from dmn_bench.errors import MachineError
from dmn_bench.execution.gpu import device_files, gpu_devices, lacks_gpu
from dmn_bench.execution.isolation_files import files_for
from dmn_bench.execution.launcher import ExecutionSettings, start_child
from dmn_bench.hookspecs import ChildProgram

NVIDIA = ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm")
AMD = ("kfd", "dri/card0", "dri/renderD128")


def program(**fields):
    return ChildProgram(entry="a:B", import_paths=(), options={}, **fields)


def machine_with(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (NVIDIA, ("nvidia0", "nvidia1")),
        (AMD, ("dri/renderD128", "kfd")),
        (("dxg",), ("dxg",)),
        (("nvidiactl", "dri/card0", "null"), ()),  # a driver without a processor, a screen
        ((), ()),
    ],
)
def test_a_graphics_processor_is_known_by_its_devices(tmp_path, names, expected):
    assert gpu_devices(machine_with(tmp_path, *names)) == expected


def test_devices_are_open_to_a_program_that_needs_them_and_to_no_other(tmp_path):
    devices = machine_with(tmp_path, *NVIDIA, *AMD, "null")
    opened = {path.name for path in device_files(program(gpu=True), devices)}
    assert opened == {*NVIDIA, "kfd", "dri"}
    assert device_files(program(), devices) == ()
    closed = {path.name for path in files_for(program(), tmp_path).devices}
    assert closed == {"null", "zero", "full", "random", "urandom"}


def test_a_program_lacks_what_it_needs_where_it_runs(tmp_path):
    has = machine_with(tmp_path / "has", "nvidia0")
    has_not = machine_with(tmp_path / "has_not", "null")
    for where in ("here", "container"):
        assert lacks_gpu(program(gpu=True, where=where), has_not)
        assert not lacks_gpu(program(gpu=True, where=where), has)
        assert not lacks_gpu(program(where=where), has_not)
    assert not lacks_gpu(program(gpu=True, where="elsewhere"), has_not)  # of that machine nothing is known


@pytest.mark.skipif(bool(gpu_devices()), reason="this machine has a graphics processor")
def test_a_child_that_needs_one_is_not_started_without(tmp_path):
    with pytest.raises(MachineError) as caught:
        start_child(program(gpu=True), tmp_path, ExecutionSettings())
    assert [problem.key for problem in caught.value.problems] == ["gpu_needs.none_here"]
