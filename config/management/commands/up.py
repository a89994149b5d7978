import signal
import sys
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from redis import Redis
from redis.exceptions import ConnectionError

from config.accounts import first_admin, sign_in_path
from config.health import readiness
from config.http import addresses
from config.processes import (
    children,
    data_lock,
    first_start,
    front,
    ports,
    running,
    shared_valkey,
    valkey,
)
from config.processes.running import Running
from config.processes.stopping import Stop
from config.processes.supervisor import Service, Supervisor
from meetings import jobs

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
EVERY = 0.2  # seconds between two looks at the processes
VALKEY_PATIENCE = 10.0  # seconds for the private Valkey to answer
HTTP = 80  # Caddy answers the authority there, and sends people to HTTPS
READY_PATIENCE = 20.0  # seconds until the address is shown while a part still loads
# Name, seconds to leave, and how much it gives way: a call never feels a page, though
# sixteen of its threads are at work. Stopped
# from the last to the first: people are told by the calls while the front still stands.
PROCESSES = (("worker", 3.0, 15), ("pages", 3.0, 10), ("calls", 10.0, 0))


class Command(BaseCommand):
    help = "Run everything: the front, pages, calls, the worker, and Valkey."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--die-with-parent",
            action="store_true",
            help="End when the process that started this one is killed (make run)",
        )

    def handle(self, *args: Any, die_with_parent: bool, **options: Any) -> None:
        if die_with_parent:
            children.die_with_parent(signal.SIGTERM)
        self.stopping = Stop()
        try:
            lock = data_lock.take(settings.DATA_DIR)
            self._require_free()
        except (data_lock.AlreadyRunning, ports.PortTaken) as error:
            sys.exit(f"earshot: {error}")
        self.supervisor = Supervisor(inherited=[lock])
        try:
            self._run()
        finally:
            self.supervisor.stop()
            with suppress(DatabaseError):  # never started, or the database is away
                jobs.release()
            self.stdout.write("Stopped.")

    def _require_free(self) -> None:
        env = settings.ENV
        if not env.site:
            ports.require_free(env.host, env.port)
        elif env.front != "none":
            host, port = readiness.entrance(env)
            for number in (port,) if ":" in env.site else (port, HTTP):
                ports.require_free("0.0.0.0", number)

    def _run(self) -> None:
        began = time.monotonic()
        self._start_valkey()
        first_start.prepare()
        admin = first_admin()
        self._start_front()
        for name, patience, niceness in PROCESSES:
            command = [*MANAGE, name]
            service = Service(name, command, patience, niceness)
            if name == "calls":  # people wait for it
                service.stand_by = [*command, "--stand-by"]
            self.supervisor.start(service)
        self._note_address()
        if admin:
            first_start.import_demo_call(admin)
        self._wait_until_ready(began)
        self._greet(time.monotonic() - began)
        while not self.stopping.wait(EVERY):
            self.supervisor.watch()

    def _start_front(self) -> None:
        env = settings.ENV
        if env.front == "none":
            return
        file = front.write_caddyfile(env, addresses.pages(env), addresses.calls(env))
        self.supervisor.start(Service("front", front.command(file), patience=4.0))

    def _start_valkey(self) -> None:
        if settings.ENV.redis_url:
            try:
                return shared_valkey.claim()
            except shared_valkey.AnotherSite as error:
                sys.exit(f"earshot: {error}")
        command = valkey.command(settings.REDIS_SOCKET, settings.DATA_DIR)
        self.supervisor.start(Service("valkey", command, patience=5.0))
        deadline = time.monotonic() + VALKEY_PATIENCE
        with Redis(unix_socket_path=str(settings.REDIS_SOCKET)) as client:
            while not self.stopping.wait(0.02):
                try:
                    client.ping()
                    return
                except ConnectionError:
                    if time.monotonic() > deadline:
                        log = settings.DATA_DIR / "valkey.log"
                        sys.exit(f"earshot: Valkey does not start; see {log}")

    def _note_address(self) -> None:
        env = settings.ENV
        running.note(
            settings.DATA_DIR, Running(settings.PUBLIC_URL, env.host, env.port)
        )

    def _wait_until_ready(self, began: float) -> None:
        while not self.stopping.wait(EVERY):
            self.supervisor.watch()
            waiting = readiness.missing(settings.ENV)
            if not waiting:
                return
            late = time.monotonic() - began > READY_PATIENCE
            if late and "pages" not in waiting:
                self.stdout.write(f"Not ready yet: {', '.join(waiting)}.")
                return

    def _greet(self, seconds: float) -> None:
        if self.stopping.is_set():
            return
        said = (
            f"Earshot runs at {settings.PUBLIC_URL} ({seconds:.1f} s). Ctrl-C stops it."
        )
        if admin := first_admin():
            link = settings.PUBLIC_URL + sign_in_path(admin)
            said += f"\nSign in as the administrator, once:\n\n{link}\n"
        self.stdout.write(said)  # at once: other processes write their lines, too
        self.stdout.flush()
