from typing import Any

from django.core.management.base import BaseCommand
from django_rq.utils import reset_db_connections

from config.processes import workers


class Command(BaseCommand):
    help = "Run jobs that need no model: files, mixes, mail. One process per core."
    requires_system_checks = []  # people wait for it to be back

    def handle(self, *args: Any, **options: Any) -> None:
        worker = workers.worker(workers.JobProcess, ["default"])
        reset_db_connections()  # no connection may be open when it forks
        worker.work(logging_level="WARNING")
