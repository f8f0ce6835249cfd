"""A candidate that means harm: each question names an attempt, and it knows every address that it could want.

An attempt returns what it got hold of, or raises; ``answer`` says which. Nothing here does damage that the tests do
not look for, and what could grow is bounded.
"""
# ruff: noqa

import ctypes
import os
import resource
import signal
import socket
import struct
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
X86 = os.uname().machine == "x86_64"


def call(x86, arm, *arguments):
    """A system call by its number; raises OSError."""
    found = LIBC.syscall(ctypes.c_long(x86 if X86 else arm), *arguments)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found


class Hostile:
    def __init__(self, options):
        self.to = options

    def answer(self, request):
        attempt = getattr(self, request["request_id"].partition("-")[0])
        self.request = request
        try:
            return {"got": str(attempt())[:500]}
        except BaseException as error:
            return {"refused": "%s: %s" % (type(error).__name__, error)}

    # -- network

    def connect_tcp(self):
        return self.said(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", self.to["tcp"]))

    def send_udp(self):
        return self.said(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", self.to["udp"]))

    def ask_name_server(self):
        query = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"\x06secret\x07example\x00" + struct.pack(">2H", 1, 1)
        return self.said(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", self.to["udp"]), query)

    def listen(self):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.to["free_port"]))
            listener.listen()
            listener.settimeout(self.to["patience"])
            with listener.accept()[0] as caller:
                return caller.recv(10)

    def raw_socket(self):
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
        return "raw"

    def multipath_tcp(self):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as line:
            line.settimeout(self.to["patience"])
            line.connect(("127.0.0.1", self.to["tcp"]))
            return line.recv(10) or 1 / 0

    def fast_open(self):
        with socket.socket() as line:
            line.sendto(b"hello", 0x20000000, ("127.0.0.1", self.to["tcp"]))
            return line.recv(10) or 1 / 0

    def connect_unix(self):
        return self.said(socket.AF_UNIX, socket.SOCK_STREAM, self.to["unix"])

    def connect_abstract(self):
        return self.said(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.to["abstract"])

    def said(self, family, kind, address, word=b"hello"):
        with socket.socket(family, kind) as line:
            line.settimeout(self.to["patience"])
            line.connect(address)
            line.send(word)
            return line.recv(100) or 1 / 0

    # -- files

    def read(self, name):
        with open(self.to[name]) as stream:
            return stream.read() or 1 / 0

    def read_truth(self):
        return self.read("truth")

    def read_record(self):
        return self.read("record")

    def read_answers(self):
        return self.read("answers")

    def read_home(self):
        return self.read("home")

    def read_other_candidate(self):
        return self.read("other_candidate")

    def read_harness(self):
        return self.read("harness_code")

    def read_other_child(self):
        return self.read("other_child")

    def list_set(self):
        return os.listdir(os.path.dirname(self.to["truth"]))

    def see_that_truth_exists(self):
        return os.stat(self.to["truth"]).st_size

    def overwrite_truth(self):
        with open(self.to["truth"], "r+") as stream:
            stream.write("x")
        return "written"

    def truncate_truth(self):
        os.truncate(self.to["spare"], 1)
        return os.stat(self.to["spare"]).st_size == 1 or 1 / 0

    def change_mode_of_truth(self):
        os.chmod(self.to["spare"], 0o600)
        return os.stat(self.to["spare"]).st_mode & 0o777 == 0o600 or 1 / 0

    def change_date_of_truth(self):
        os.utime(self.to["spare"], (1, 1))
        return os.stat(self.to["spare"]).st_mtime == 1 or 1 / 0

    def delete_truth(self):
        os.unlink(self.to["doomed"])
        return "deleted"

    def write_outside(self):
        with open(os.path.join(self.to["outside"], "written"), "w") as stream:
            stream.write("x")
        return "written"

    def write_in_tmp(self):
        with open("/tmp/" + self.to["mark"], "w") as stream:
            stream.write("x")
        return "written"

    def write_in_shared_memory(self):
        with open("/dev/shm/" + self.to["mark"], "w") as stream:
            stream.write("x")
        return "written"

    def shared_segment(self):
        LIBC.shmget.restype = ctypes.c_int
        found = LIBC.shmget(self.to["segment"], 4096, 0)
        return found if found >= 0 else 1 / 0

    def write_own_package(self):
        with open(os.path.join(os.path.dirname(__file__), "written"), "w") as stream:
            stream.write("x")
        return "written"

    def write_request(self):
        with open(self.request["files"][0], "ab") as stream:
            stream.write(b"x")
        return "written"

    def through_symbolic_link(self):
        os.symlink(self.to["truth"], "link")
        with open("link") as stream:
            return stream.read() or 1 / 0

    def through_hard_link(self):
        os.link(self.to["truth"], "hard")
        with open("hard") as stream:
            return stream.read() or 1 / 0

    def through_rename(self):
        os.rename(self.to["movable"], "moved")
        with open("moved") as stream:
            return stream.read() or 1 / 0

    def through_proc_root(self):
        with open("/proc/self/root" + self.to["truth"]) as stream:
            return stream.read() or 1 / 0

    def through_handle(self):
        handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + b"\0" * 128)
        mount = ctypes.c_int()
        call(303, 264, -100, self.to["truth"].encode(), handle, ctypes.byref(mount), 0)
        place = os.open("/", os.O_RDONLY)
        descriptor = call(304, 265, place, handle, os.O_RDONLY)
        return os.read(descriptor, 100)

    def inherited_descriptors(self):
        mine = os.getcwd()
        for name in os.listdir("/proc/self/fd"):
            try:
                leads_to = os.readlink("/proc/self/fd/" + name)
            except OSError:
                continue
            if leads_to.startswith("/") and not leads_to.startswith((mine, "/proc/", "/dev/null")):
                return leads_to
        1 / 0

    # -- other processes

    def own_environment(self):
        return os.environ[self.to["variable"]]

    def parents_environment(self):
        for process in (os.getppid(), self.to["harness"]):
            with open("/proc/%d/environ" % process, "rb") as stream:
                if self.to["variable"].encode() in stream.read():
                    return "found"
        1 / 0

    def parents_memory(self):
        with open("/proc/%d/maps" % self.to["harness"]) as stream:
            start = int(stream.readline().split("-")[0], 16)
        with open("/proc/%d/mem" % self.to["harness"], "rb") as stream:
            stream.seek(start)
            return len(stream.read(16))

    def read_memory_by_call(self):
        mine = ctypes.create_string_buffer(8)
        local = struct.pack("PN", ctypes.addressof(mine), 8)
        remote = struct.pack("PN", self.to["address"], 8)
        return call(310, 270, self.to["harness"], local, 1, remote, 1, 0)

    def trace(self):
        call(101, 117, 0x4206, self.to["harness"], 0, 0)  # PTRACE_SEIZE
        call(101, 117, 17, self.to["harness"], 0, 0)
        return "traced"

    def list_processes(self):
        with open("/proc/%d/cmdline" % self.to["harness"], "rb") as stream:
            return (str(self.to["harness"]) in os.listdir("/proc") and stream.read()) or 1 / 0

    def signal_harness(self):
        os.kill(self.to["harness"], signal.SIGWINCH)
        return "sent"

    def stop_warden(self):
        os.kill(os.getppid(), signal.SIGCONT)
        return "sent"

    def limits_of_harness(self):
        return resource.prlimit(self.to["harness"], resource.RLIMIT_CORE) or 1 / 0

    # -- limits and privileges

    def raise_limits(self):
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard + 1, hard + 1))
        return "raised"

    def new_namespaces(self):
        child = os.fork()
        if child == 0:
            os._exit(0 if LIBC.unshare(0x10000000 | 0x00020000) == 0 else 1)
        return os.waitpid(child, 0)[1] == 0 or 1 / 0

    def new_namespaces_by_clone(self):
        child = call(56, 220, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return "made"

    def mount(self):
        os.mkdir("place")
        if LIBC.mount(b"none", b"place", b"tmpfs", 0, None) != 0:
            raise OSError(ctypes.get_errno(), "mount")
        return "mounted"

    def io_uring(self):
        return call(425, 425, 4, ctypes.create_string_buffer(120))

    def key_ring(self):
        return call(250, 219, 0, -3, 1)  # KEYCTL_GET_KEYRING_ID of the session

    def privileges(self):
        with open("/proc/self/status") as stream:
            held = {line.split(":")[0]: line.split()[1] for line in stream if line.startswith("Cap")}
        return held if int(held["CapPrm"], 16) & ~4 else 1 / 0

    def become_root_by_file(self):
        with open("/proc/self/status") as stream:
            return "NoNewPrivs:\t0" in stream.read() or 1 / 0

    # -- what takes all there is; each in a process of its own

    def fork_bomb(self):
        children, most = [], self.to["most"]
        try:
            while len(children) < most:
                child = os.fork()
                if child == 0:
                    time.sleep(600)
                    os._exit(0)
                children.append(child)
            return len(children)
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)

    def take_memory(self):
        return len(bytearray(3 << 30))

    def flood(self):
        for _ in range(200):
            os.write(2, b"x" * (1 << 20))
            sys.stdout.write("y" * 1000 + "\n")
        return "flooded"

    def huge_file(self):
        with open("huge", "wb") as stream:
            stream.truncate(5 << 30)
        return "made"

    def fill_folder(self):
        for number in range(1000):
            with open("file%d" % number, "wb") as stream:
                stream.write(b"x" * (1 << 20))
            time.sleep(0.02)
        return "filled"

    def leave_daemon(self):
        named, until_named = os.pipe()
        if os.fork():
            os.close(until_named)
            os.wait()
            os.read(named, 1)  # the end, once the daemon has closed everything
            os.close(named)
        else:
            os.setsid()
            if os.fork():
                os._exit(0)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            ctypes.CDLL(None).prctl(15, self.to["name"].encode(), 0, 0, 0)
            os.chdir("/")
            os.closerange(0, 4096)
            while True:
                time.sleep(600)
        return "left"

    def foreign_call(self):
        import mmap

        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid of i386); int 0x80; ret
        address = ctypes.addressof(ctypes.c_char.from_buffer(code))
        found = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
        return found if found > 0 else 1 / 0
