"""Serves ministack for one test, on a port of its own, and ends with the test.

The test holds this process's stdin. When that closes, because the test is done with it or because the test
itself died, the functions that the emulator started and the emulator end at once, and its folder goes. The
port is bound here and handed over as a socket, so that no two tests can choose the same one; it is the one
line that is printed. Listens on loopback only.
"""

import asyncio
import os
import shutil
import signal
import socket
import threading


def end_with_the_test():
    while os.read(0, 4096):
        pass
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def main():
    # A process group of its own: the functions join it, nobody else is in it, and so it can be ended as one.
    os.setpgid(0, 0)
    threading.Thread(target=end_with_the_test, daemon=True).start()

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    os.environ["BIND_HOST"] = "127.0.0.1"
    os.environ["GATEWAY_PORT"] = str(port)
    # What ministack passes on to every function as its own AWS_ENDPOINT_URL.
    os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port}"

    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    from ministack.app import app

    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 600
    print(port, flush=True)
    asyncio.run(serve(app, config))


main()
