"""The command line of the stand-in for an engine: started many times, and so with hardly any imports."""

import json
import os
import socket
import sys


def client(engine, folder, home):
    """Hand our words and our three channels to the service in ``folder``, and end as the container does."""
    words = sys.argv[1:]
    if engine == "apptainer":
        sys.path.insert(0, home)
        import engine_stand_in

        engine_stand_in.as_apptainer(folder, words)
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(f"{folder}/service.sock")
        except OSError:
            sys.stderr.write(f"Cannot connect to the {engine} service. Is it running?\n")
            sys.exit(125 if words[0] == "run" else 1)
        order = json.dumps({"words": words, "environment": dict(os.environ)}).encode()
        socket.send_fds(line, [order], [0, 1, 2])
        os.close(0)
        os.close(1)
        sys.exit(line.recv(1)[0])
