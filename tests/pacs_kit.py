"""A real archive (Orthanc with DICOMweb) on free ports of this machine, and what tests need beside it."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from .patience import PATIENCE

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
SECONDS_TO_START = 120.0
FORWARD = """
function OnStoredInstance(instanceId, tags, metadata)
  if tags['Modality'] ~= 'SR' then SendToModality(instanceId, 'VENDORAI') end
end
"""
"""What makes Orthanc send every image on to a device."""


_HELD: list[socket.socket] = []


def free_port() -> int:
    """A port that nobody else is given as long as this process lives; whoever is told of it may listen there.

    It stays bound here without listening: who connects is refused, and a server that reuses addresses may take it.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    _HELD.append(held)
    return int(held.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Archive:
    """An Orthanc that runs: ``url`` of its DICOMweb service, ``port`` of its DICOM node ORTHANC."""

    url: str
    port: int
    rest: str

    def count(self) -> int:
        return len(self._get("/instances"))

    def clear(self) -> None:
        for study in self._get("/studies"):
            request = urllib.request.Request(f"{self.rest}/studies/{study}", method="DELETE")
            urllib.request.urlopen(request, timeout=PATIENCE).read()

    def knows(self, ae_title: str, port: int) -> None:
        """Enter a node to which C-MOVE may send."""
        body = json.dumps([ae_title, "127.0.0.1", port]).encode()
        request = urllib.request.Request(f"{self.rest}/modalities/{ae_title}", data=body, method="PUT")
        urllib.request.urlopen(request, timeout=PATIENCE).read()

    def _get(self, path: str) -> list[str]:
        with urllib.request.urlopen(self.rest + path, timeout=PATIENCE) as answer:
            return json.load(answer)


@contextlib.contextmanager
def an_archive(folder: Path, *, forwards: bool = False) -> Iterator[Archive]:
    """Start Orthanc, end it by SIGKILL: an orderly end takes seconds and the folder is thrown away."""
    program = shutil.which("Orthanc", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None or not PLUGIN.is_file():
        pytest.skip("Orthanc with its DICOMweb plugin is not installed (Debian: orthanc, orthanc-dicomweb)")
    http, dicom = free_port(), free_port()
    configuration: dict[str, object] = {
        "Name": "test",
        "HttpPort": http,
        "DicomPort": dicom,
        "DicomAet": "ORTHANC",
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowMove": True,
        "DicomAlwaysAllowGet": True,
        "UnknownSopClassAccepted": True,
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "index"),
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    if forwards:
        (folder / "forward.lua").write_text(FORWARD)
        configuration["LuaScripts"] = [str(folder / "forward.lua")]
    (folder / "orthanc.json").write_text(json.dumps(configuration))
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen([program, str(folder / "orthanc.json")], stdout=log, stderr=log, cwd=folder)
    archive = Archive(url=f"http://127.0.0.1:{http}/dicom-web", port=dicom, rest=f"http://127.0.0.1:{http}")
    try:
        _wait_for(archive, process, folder / "orthanc.log")
        yield archive
    finally:
        process.kill()
        process.wait()


def _wait_for(archive: Archive, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{archive.rest}/system", timeout=1).close()
            return
        time.sleep(0.05)
    pytest.fail(f"Orthanc did not start: {log.read_text()[-2000:]}")


class CuttingLine:
    """A TCP line to ``port`` at ``self.port`` that is cut once ``after_bytes`` have gone towards it, or stalls then."""

    def __init__(self, port: int, after_bytes: int, *, stalls: bool = False) -> None:
        self._target, self._after, self._stalls = port, after_bytes, stalls
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []

    def __enter__(self) -> CuttingLine:
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        _end(self._listener)
        self._threads[0].join()
        for line in self._open:
            _end(line)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._open.append(near)
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open.append(far)
                for source, target, most in ((near, far, self._after), (far, near, None)):
                    self._threads.append(threading.Thread(target=self._carry, args=(source, target, most)))
                    self._threads[-1].start()

    def _carry(self, source: socket.socket, target: socket.socket, most: int | None) -> None:
        carried = 0
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                carried += len(data)
                if most is not None and carried > most:
                    if self._stalls:
                        self._ended.wait()
                    break
                target.sendall(data)
        for line in (source, target):  # closed too, else what still comes is swallowed and nobody hears of the cut
            _end(line)


def _end(line: socket.socket) -> None:
    """Close a socket so that whoever waits at it, in whichever thread, is woken."""
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


def keys_of(raised: pytest.ExceptionInfo[Exception]) -> Sequence[str]:
    return [problem.key for problem in raised.value.problems]  # type: ignore[attr-defined]
