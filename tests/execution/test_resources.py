import os

from dmn_bench.execution.resources import available_memory_mb, processors


def system(tmp_path, **files):
    for name, content in files.items():
        path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


MEMINFO = "MemTotal:       16000000 kB\nMemAvailable:    2048000 kB\n"


def test_available_is_what_the_kernel_estimates(tmp_path):
    assert available_memory_mb(system(tmp_path, proc__meminfo=MEMINFO)) == 2000.0


def test_a_container_that_ends_earlier_counts(tmp_path):
    root = system(tmp_path, proc__meminfo=MEMINFO)
    group = root / "sys/fs/cgroup"
    group.mkdir(parents=True)
    (group / "memory.max").write_text(f"{512 << 20}\n")
    (group / "memory.current").write_text(f"{112 << 20}\n")
    assert available_memory_mb(root) == 400.0
    (group / "memory.max").write_text("max\n")
    assert available_memory_mb(root) == 2000.0


def test_a_container_of_the_older_kind_counts_too(tmp_path):
    root = system(tmp_path, proc__meminfo=MEMINFO)
    group = root / "sys/fs/cgroup/memory"
    group.mkdir(parents=True)
    (group / "memory.limit_in_bytes").write_text(f"{64 << 20}")
    (group / "memory.usage_in_bytes").write_text(f"{80 << 20}")
    assert available_memory_mb(root) == 0.0


def test_a_system_that_tells_nothing_sets_no_limit(tmp_path):
    assert available_memory_mb(tmp_path) == float("inf")


def test_this_machine_has_memory_and_processors():
    assert available_memory_mb() > 0
    assert 1 <= processors() <= (os.cpu_count() or 1)
