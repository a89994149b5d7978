from django.apps import AppConfig, apps
from django.contrib.admin.apps import SimpleAdminConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        apps.get_app_config("auth").verbose_name = "Accounts"  # in the admin's paths


class AdminConfig(SimpleAdminConfig):
    """Its pages are found by config.urls: only the process of pages loads what they
    need."""

    default = False
    default_site = "config.admin_site.Site"
