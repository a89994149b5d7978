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

from config import (
    children,
    data_lock,
    first_start,
    ports,
    readiness,
    valkey,
)
from config.accounts import first_admin, sign_in_path
from config.stopping import Stop
from config.supervisor import Service, Supervisor
from meetings import jobs

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
EVERY = 0.2  # seconds between two looks at the processes
REDIS_PATIENCE = 10.0  # seconds for the private Redis to answer
READY_PATIENCE = 20.0  # seconds until the address is shown while a part still loads


class Command(BaseCommand):
    help = "Run everything: redis (unless REDIS_URL is set), the worker, the web."
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
            ports.require_free(settings.ENV.host, settings.ENV.port)
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

    def _run(self) -> None:
        began = time.monotonic()
        self._start_redis()
        first_start.prepare()
        admin = first_admin()
        for name, patience in (("worker", 3.0), ("serve", 10.0)):
            self.supervisor.start(Service(name, [*MANAGE, name], patience))
        if admin:
            first_start.import_demo_call(admin)
        self._wait_until_ready(began)
        self._greet(time.monotonic() - began)
        while not self.stopping.wait(EVERY):
            self.supervisor.watch()

    def _start_redis(self) -> None:
        if settings.ENV.redis_url:
            return
        command = valkey.command(settings.REDIS_SOCKET, settings.DATA_DIR)
        self.supervisor.start(Service("valkey", command, patience=5.0))
        deadline = time.monotonic() + REDIS_PATIENCE
        with Redis(unix_socket_path=str(settings.REDIS_SOCKET)) as client:
            while not self.stopping.wait(0.02):
                try:
                    client.ping()
                    return
                except ConnectionError:
                    if time.monotonic() > deadline:
                        log = settings.DATA_DIR / "valkey.log"
                        sys.exit(f"earshot: Valkey does not start; see {log}")

    def _wait_until_ready(self, began: float) -> None:
        while not self.stopping.wait(EVERY):
            self.supervisor.watch()
            waiting = readiness.missing(settings.ENV.host, settings.ENV.port)
            if not waiting:
                return
            late = time.monotonic() - began > READY_PATIENCE
            if late and "web" not in waiting:
                self.stdout.write(f"Not ready yet: {', '.join(waiting)}.")
                return

    def _greet(self, seconds: float) -> None:
        if self.stopping.is_set():
            return
        self.stdout.write(
            f"Earshot runs at {settings.PUBLIC_URL} ({seconds:.1f} s). Ctrl-C stops it."
        )
        admin = first_admin()
        if admin:
            link = settings.PUBLIC_URL + sign_in_path(admin)
            self.stdout.write(f"Sign in as the administrator, once: {link}")
        self.stdout.flush()
