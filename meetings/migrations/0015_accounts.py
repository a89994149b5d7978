import unicodedata
from typing import Any

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def key_of(name: str) -> str:
    folded = " ".join(name.split()).casefold()
    return unicodedata.normalize("NFC", folded)[:600]


def make_accounts(apps: Any, schema_editor: Any) -> None:
    """One account for each name that calls have, whatever its case; the way that the
    oldest call writes it."""
    Account = apps.get_model("meetings", "Account")
    Meeting = apps.get_model("meetings", "Meeting")
    named = Meeting.objects.exclude(account_name="").order_by("pk")
    accounts: dict[str, int] = {}
    for name in named.values_list("account_name", flat=True):
        key = key_of(name)
        if key and key not in accounts:
            accounts[key] = Account.objects.create(name=name, key=key).pk
    for name in set(named.values_list("account_name", flat=True)):
        calls = Meeting.objects.filter(account_name=name)
        calls.update(account_id=accounts.get(key_of(name)))


def write_names(apps: Any, schema_editor: Any) -> None:
    Meeting = apps.get_model("meetings", "Meeting")
    for account in apps.get_model("meetings", "Account").objects.all():
        calls = Meeting.objects.filter(account_id=account.pk)
        calls.update(account_name=account.name)


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0014_ways_out"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "key",
                    models.CharField(editable=False, max_length=600, unique=True),
                ),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        help_text="Where the deal stands, in your words",
                        max_length=60,
                    ),
                ),
                (
                    "deal",
                    models.CharField(
                        blank=True, help_text="What the deal is called", max_length=200
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        help_text="Three letters, like EUR",
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{3}$", "Three letters, like EUR."
                            )
                        ],
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "customer", "ordering": ["key"]},
        ),
        migrations.CreateModel(
            name="AccountDomain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "domain",
                    models.CharField(
                        max_length=253,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(?=.{4,253}$)"
                                "([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+"
                                "[a-z][a-z0-9-]{1,62}$",
                                "A domain, like acme.com.",
                            )
                        ],
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="domains",
                        to="meetings.account",
                    ),
                ),
            ],
            options={"verbose_name": "e-mail domain", "ordering": ["domain"]},
        ),
        migrations.RenameField("meeting", "account", "account_name"),
        migrations.AddField(
            model_name="meeting",
            name="account",
            field=models.ForeignKey(
                blank=True,
                help_text="The customer",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="meetings",
                to="meetings.account",
            ),
        ),
        migrations.RunPython(make_accounts, write_names),
        migrations.RemoveField("meeting", "account_name"),
    ]
