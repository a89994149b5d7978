"""The admin: what there is in it, in which order and under which names."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest

SECTIONS = (
    ("Calls", ("Meeting", "Account", "Participant", "GuestLink")),
    ("In and out", ("Source", "Outlet", "Job")),
    ("Accounts", ("User", "Team")),
    ("Captions", ("Language", "Phrase", "Configuration")),
    ("Review", ("FigureAim",)),
    ("What was said", ("Utterance", "ChatMessage", "Removal", "Track")),
    ("Logs", ("ConsentChoice", "Erasure")),
)


class Site(AdminSite):
    site_header = "Earshot admin"
    site_title = "Earshot"
    index_title = "Admin"

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        """Sections by what people look for, not by where the code lies."""
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        there = {m["object_name"]: m for app in apps for m in app["models"]}
        sections = [
            (title, [there[name] for name in names if name in there])
            for title, names in SECTIONS
        ]
        return [
            {
                "name": title,
                "app_label": title.lower().replace(" ", "-"),
                "app_url": models[0]["admin_url"],
                "has_module_perms": True,
                "models": models,
            }
            for title, models in sections
            if models
        ]
