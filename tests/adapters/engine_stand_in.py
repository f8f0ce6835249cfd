"""A stand-in for a container engine: its command line read as strictly as the true one, its images run as processes.

``Engine`` starts a service that outlives every client, as Docker's does: a container goes on when its client is killed.
An image is a command; its mounts are emulated by putting the folders of the host in the place of those inside, in the
words of the command. Apptainer has no service: there the client becomes the program.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

LIKE_DOCKER = {  # flag -> pattern of its value, None for none
    "--rm": None,
    "--interactive": None,
    "--init": None,
    "--pull": "never",
    "--log-driver": "none",
    "--network": r"[a-z0-9-]+",
    "--read-only": None,
    "--tmpfs": r"/tmp:rw,exec,nosuid,nodev,size=\d+m,mode=1777",
    "--shm-size": r"\d+m",
    "--cap-drop": "ALL",
    "--security-opt": "no-new-privileges",
    "--pids-limit": r"\d+",
    "--memory": r"\d+m",
    "--memory-swap": r"\d+m",
    "--cpus": r"[\d.]+",
    "--user": r"\d+:\d+",
    "--stop-timeout": r"\d+",
    "--name": r"dmn-bench-[\w-]+",
    "--label": r"dmn-bench=\S+",
    "--env": r"[A-Z_]+(=.*)?",
    "--volume": r"/[^:,]*:/[^:,]*:(ro|rw),z",
    "--gpus": "all",
}
PODMAN = {"--read-only-tmpfs": "false", "--userns": "keep-id", "--device": "nvidia.com/gpu=all"}
APPTAINER = {
    "--containall": None,
    "--cleanenv": None,
    "--no-home": None,
    "--no-privs": None,
    "--net": None,
    "--network": "none",
    "--writable-tmpfs": None,
    "--memory": r"\d+m",
    "--memory-swap": r"\d+m",
    "--pids-limit": r"\d+",
    "--cpus": r"[\d.]+",
    "--bind": r"/[^:,]*:/[^:,]*:(ro|rw)",
    "--nv": None,
}
FLAGS = {"docker": LIKE_DOCKER, "podman": {**LIKE_DOCKER, **PODMAN}, "apptainer": APPTAINER}
HEALTH = {"docker": "true true true", "podman": "v2 false"}


class RefusedError(Exception):
    """What the true engine would refuse."""


def parsed(engine, words):
    """The flags, the image and the command of ``run``; refuses what the engine does not know."""
    flags, rest = {}, list(words)
    known = FLAGS[engine]
    while rest and rest[0].startswith("--"):
        name, has_value, value = rest.pop(0).partition("=")
        if name not in known:
            raise RefusedError(f"unknown flag: {name}")
        if (known[name] is None) == bool(has_value) or (has_value and not re.fullmatch(known[name], value)):
            raise RefusedError(f"invalid argument {value!r} for {name}")
        flags.setdefault(name, []).append(value)
    if not rest:
        raise RefusedError("requires an image")
    return flags, rest[0], rest[1:]


def process_of(image, flags, command, environment):
    """The program of an image with the folders of the host in the place of those inside."""
    mounts = [value.split(":")[:2] for value in flags.get("--volume", []) + flags.get("--bind", [])]
    words = [*image["program"], *(command or image["command"])]
    inside = dict(environment)
    for value in flags.get("--env", []):
        name, has_value, given = value.partition("=")
        if has_value:
            inside[name] = given
    for source, target in mounts:
        words = [source + word[len(target) :] if word.startswith(target) else word for word in words]
    return words, {**inside, "MOUNTS": json.dumps(mounts)}


# ---------------------------------------------------------------------------------------------------- the service


class Service:
    """Runs containers for clients; one thread for each."""

    def __init__(self, folder, engine, health):
        self.folder, self.engine, self.health = Path(folder), engine, health
        self.containers = {}
        self.turn = threading.Lock()

    def serve(self):
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(self.folder / "service.sock"))
        listening.listen(50)
        os.write(1, b"ready\n")
        while True:
            client, _ = listening.accept()
            threading.Thread(target=self.attend, args=(client,), daemon=True).start()

    def attend(self, client):
        with client:
            data, descriptors, _, _ = socket.recv_fds(client, 1 << 20, 3)
            order = json.loads(data)
            try:
                code = self.obey(order["words"], order["environment"], descriptors)
            except RefusedError as error:
                os.write(descriptors[2], f"{self.engine}: {error}\n".encode())
                code = 125 if order["words"][0] == "run" else 1
            for descriptor in descriptors:
                os.close(descriptor)
            with contextlib.suppress(OSError):
                client.send(bytes([code]))

    def obey(self, words, environment, descriptors):
        with (self.folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(words) + "\n")
        if words[0] == "run":
            return self.run(words[1:], environment, descriptors)
        if words[0] == "info":
            os.write(descriptors[1], (self.health + "\n").encode())
        elif words[:2] == ["image", "inspect"]:
            self.image(words[-1])
        elif words[:2] == ["rm", "--force"]:
            self.remove(words[2])
        elif words[:2] == ["ps", "--all"]:
            listed = [f"{name} {label.partition('=')[2]}\n" for name, (_, label) in self.containers.items()]
            os.write(descriptors[1], "".join(listed).encode())
        else:
            raise RefusedError(f"unknown command {words}")
        return 0

    def image(self, name):
        path = self.folder / "images" / f"{name.rpartition('sha256:')[2]}.json"
        if not path.is_file():
            raise RefusedError(f"No such image: {name}")
        return json.loads(path.read_text())

    def run(self, words, environment, descriptors):
        flags, name, command = parsed(self.engine, words)
        given = process_of(self.image(name), flags, command, environment)
        (own,), (label,) = flags["--name"], flags["--label"]
        with self.turn:
            if own in self.containers:
                raise RefusedError(f"Conflict. The container name {own} is already in use")
            stdin = descriptors[0] if "--interactive" in flags else subprocess.DEVNULL
            process = subprocess.Popen(
                given[0],
                env=given[1],
                stdin=stdin,
                stdout=descriptors[1],
                stderr=descriptors[2],
                start_new_session=True,
            )
            self.containers[own] = (process, label)
        code = process.wait()
        while descriptors:
            os.close(descriptors.pop())  # so that its channels have ended when it is no longer listed
        with self.turn:
            self.containers.pop(own, None)
        return 128 - code if code < 0 else code

    def remove(self, name):
        if name not in self.containers:
            raise RefusedError(f"No such container: {name}")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.containers[name][0].pid, signal.SIGKILL)
        while name in self.containers:
            time.sleep(0.005)


def as_apptainer(folder, words):
    with (Path(folder) / "log.jsonl").open("a") as log:
        log.write(json.dumps(words) + "\n")
    if words[0] not in ("run", "exec"):
        sys.exit(0 if words == ["version"] else 255)
    try:
        flags, image, command = parsed("apptainer", words[1:])
        environment = {"PATH": os.environ["PATH"]}
        prefix = "APPTAINERENV_"
        environment |= {k.removeprefix(prefix): v for k, v in os.environ.items() if k.startswith(prefix)}
        words, environment = process_of(json.loads(Path(image).read_text()), flags, command, environment)
    except RefusedError as error:
        sys.stderr.write(f"FATAL: {error}\n")
        sys.exit(255)
    os.execve(words[0], words, environment)


# ----------------------------------------------------------------------------------------------------- for the tests


class Engine:
    """An engine in a folder of its own: ``path`` of its command, images, what it was told, and its service."""

    def __init__(self, engine="docker"):
        self.engine = engine
        self.folder = Path(tempfile.mkdtemp(prefix="engine-"))  # short: the name of a socket is at most 108 bytes
        (self.folder / "images").mkdir()
        self.path = self.folder / engine
        call = f"client({engine!r}, {str(self.folder)!r}, {str(Path(__file__).parent)!r})"
        code = Path(__file__).with_name("engine_client.py").read_text(encoding="utf-8")
        self.path.write_text(f"#!{sys.executable} -ISB\n{code}\n\n{call}\n")
        self.path.chmod(0o755)
        self.service = None

    def start(self, health=""):
        """Start the service; ``health``: what it says of its limits."""
        words = [sys.executable, "-B", __file__, str(self.folder), self.engine, health or HEALTH[self.engine]]
        self.service = subprocess.Popen(words, stdout=subprocess.PIPE)
        if self.service.stdout.readline() != b"ready\n":
            raise RuntimeError("the service did not start")
        return self

    def image(self, *program, command=()):
        """A new image; its name by digest, or for Apptainer its file."""
        content = json.dumps({"program": [str(word) for word in program], "command": list(command)})
        digest = f"{len(list((self.folder / 'images').iterdir())):064x}"
        (self.folder / "images" / f"{digest}.json").write_text(content)
        if self.engine == "apptainer":
            (self.folder / "image.sif").write_text(content)
            return str(self.folder / "image.sif")
        return f"vendor/square@sha256:{digest}"

    def told(self, word):
        """Every command line that began with a word."""
        lines = [json.loads(line) for line in (self.folder / "log.jsonl").read_text().splitlines()]
        return [words for words in lines if words[0] == word]

    def running(self):
        """The names of containers that run."""
        said = subprocess.run([self.path, "ps", "--all"], capture_output=True, check=True)
        return [line.split()[0] for line in said.stdout.decode().splitlines()]

    def close(self):
        if self.service is not None:
            for name in self.running():
                subprocess.run([self.path, "rm", "--force", name], check=False, capture_output=True)
            self.service.kill()
            self.service.wait()
            self.service.stdout.close()
        subprocess.run(["rm", "-rf", str(self.folder)], check=True)


if __name__ == "__main__":
    Service(*sys.argv[1:]).serve()
