"""What ``manage.py`` says where a command cannot do its work: a line, no traceback."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import (
    Error,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
)
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import ConnectionError, TimeoutError

NO_TABLES = (
    "the database has no tables for this version. Start Earshot once (make run), or: "
    "python manage.py migrate"
)
INTERRUPTED = 130  # exit status of what Ctrl-C ended, as shells have it


def main(arguments: list[str]) -> None:
    """Run a command. What the command needs and does not find ends the process with a
    sentence; a fault of ours keeps its traceback, and ``--traceback`` gives any."""
    try:
        execute_from_command_line(arguments)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # manage.py transcript CODE | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        reason = "" if "--traceback" in arguments else _reason(error)
        if not reason:
            raise
        sys.exit(f"earshot: {reason}")


def _reason(error: Exception) -> str:
    """A sentence for people; empty for what they can do nothing about."""
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if isinstance(error, OperationalError | InterfaceError | ProgrammingError):
        return _of_database(error)
    if isinstance(error, ConnectionError | TimeoutError):
        return f"Redis does not answer, make run starts one: {_line(error)}"
    return ""


def _of_database(error: Exception) -> str:
    try:
        connection.close()  # it may be what failed
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as away:
        return f"the database does not answer: {_line(away)}"
    if waiting:
        return NO_TABLES
    broken = isinstance(error, ProgrammingError)
    return "" if broken else f"the database could not do it: {_line(error)}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
