from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.accounts import sign_in_path
from config.processes import running


class Command(BaseCommand):
    help = "Print an address that signs an account in, once, within 24 hours."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="E-mail address of the account")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        users = get_user_model().objects
        user = users.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"No active account has the address {email}.")
        server = running.server(settings.DATA_DIR)
        site = server.public_url if server else settings.PUBLIC_URL
        self.stdout.write(site + sign_in_path(user))
