"""Signals that come together, into whatever the process is doing."""

import os
import signal
import subprocess
import sys

PROGRAM = """
import os, signal, sys, threading
from config.processes.stopping import Stop

stop = Stop()
sent = threading.Thread(target=lambda: [
    os.kill(os.getpid(), (signal.SIGTERM, signal.SIGINT)[n % 2]) for n in range(400)
])
sent.start()
while not stop.wait(0.0001):
    pass
sent.join()
assert stop.is_set() and stop.wait()
print("over")
"""


WAITING = """
from config.processes.stopping import Stop

stop = Stop()
print(stop.wait(0.01), flush=True)
stop.wait()
"""


def test_hundreds_of_signals_end_it_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout) == (0, "over\n"), done.stderr


def test_it_waits_until_it_is_asked() -> None:
    command = [sys.executable, "-c", WAITING]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "False\n"
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(10) == 0
