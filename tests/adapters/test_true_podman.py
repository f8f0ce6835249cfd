"""A true engine, where there is one: what a container sees and may do, asked from within it."""

import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest

from dmn_bench.adapters.container import Container

from .programs_kit import Run

SECONDS = 120
LOOK = r"""#!/bin/sh
answer() {
    printf '{"status": "answered", "findings": {"square": {"score": 0.5}}, "measurements": {"uid": %s, "caps": %s, ' \
        "$(id -u)" "$(( 0x$(grep CapEff /proc/self/status | cut -f2) ))"
    printf '"no_new": %s, "interfaces": %s, ' \
        "$(grep NoNewPrivs /proc/self/status | cut -f2)" "$(tail -n +3 /proc/net/dev | grep -vc lo:)"
    printf '"writes": %s, "home": %s, "tmp": %s, "input": %s}}' "$1" "$2" "$3" "$4"
}
tries() { if touch "$1" 2>/dev/null; then echo 1; else echo 0; fi; }
home=$(test -e /home && echo 1 || echo 0)
answer "$(tries /file)" "$home" "$(tries /tmp/file)" "$(tries /input/file)" > /output/answer.json
"""
SLOW = "#!/bin/sh\nexec sleep 600\n"
APPLETS = ("sh", "id", "grep", "cut", "tail", "touch", "test", "sleep")


class Podman:
    """Podman with a store of its own, and limits of open files that need no privilege to set."""

    def __init__(self, folder):
        config = folder / "containers.conf"
        limits = 'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]'
        runtime = '[engine]\nruntime = "runc"\n' if shutil.which("runc") else ""
        config.write_text(f"[containers]\n{limits}\n{runtime}")
        self.path = folder / "podman"
        store = f"--root={folder}/store --runroot={folder}/run --storage-driver=vfs"
        true = shutil.which("podman")
        self.path.write_text(f'#!/bin/sh\nexport CONTAINERS_CONF={config}\nexec {true} {store} "$@"\n')
        self.path.chmod(0o755)

    def __call__(self, *words):
        said = subprocess.run([self.path, *words], capture_output=True, timeout=SECONDS, check=False)
        if said.returncode != 0:
            pytest.skip(f"podman does not work here: {said.stderr.decode(errors='replace').strip()[-200:]}")
        return said.stdout.decode().strip()


@pytest.fixture(scope="module")
def podman():
    for name in ("podman", "busybox"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed (Debian: podman, runc, catatonit, busybox-static)")
    folder = Path(tempfile.mkdtemp(prefix="podman-"))  # short: podman takes at most 50 characters
    try:
        engine = Podman(folder)
        engine.image = an_image(engine, folder)
        yield engine
        engine("rm", "--force", "--all")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def an_image(engine, folder):
    """The id of an image with a shell and the two programs, tried once."""
    root = folder / "root"
    for name in ("bin", "tmp", "proc", "dev", "sys", "etc"):
        (root / name).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)  # runc gives the folder in memory the mode of the image's own
    shutil.copy(shutil.which("busybox"), root / "bin" / "busybox")
    for name in APPLETS:
        (root / "bin" / name).symlink_to("busybox")
    for name, text in (("look", LOOK), ("slow", SLOW)):
        (root / name).write_text(text)
        (root / name).chmod(0o755)
    with tarfile.open(folder / "image.tar", "w") as archive:
        archive.add(root, arcname=".")
    image = "sha256:" + engine("import", "--quiet", str(folder / "image.tar")).removeprefix("sha256:")
    engine("run", "--rm", "--init", "--network=none", image, "/bin/sh", "-c", "true")
    return image


def adapter(podman, *command):
    options = {"image": podman.image, "engine": "podman", "engine_path": str(podman.path), "memory_mb": 128}
    return Container(speaks="folder", command=command, temporary_mb=16, **options)


def test_a_container_has_no_network_no_privileges_and_may_write_to_its_output_alone(tmp_path, podman):
    run = Run(tmp_path, adapter(podman, "/bin/sh", "/look"), n=1, settings={"seconds_per_case": 60}).ask()
    assert run.answers["c0"].status == "answered", run.answers["c0"].reason
    found = {name: measured.value for name, measured in run.answers["c0"].measurements.items()}
    assert found.pop("uid") != 0
    assert found == {"caps": 0, "no_new": 1, "interfaces": 0, "writes": 0, "home": 0, "tmp": 1, "input": 0}


def test_a_container_that_hangs_is_gone_after_its_time(tmp_path, podman):
    run = Run(tmp_path, adapter(podman, "/bin/sh", "/slow"), n=1, settings={"seconds_per_case": 5}).ask()
    assert run.answers["c0"].reason == "timed out after 5 s"
    assert json.loads(podman("ps", "--all", "--format=json")) == []
