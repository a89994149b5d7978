import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.health import doctor


class Command(BaseCommand):
    help = "Say what this machine has for Earshot and what is missing."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = doctor.examine()
        for name, finding in findings.items():
            self.stdout.write(f"{finding.state:<4}  {name:<11}  {finding}")
        if any(finding.state == "fail" for finding in findings.values()):
            sys.exit(1)
