"""Korean is cut into pairs from here on: calls with Korean in them are indexed anew."""

from typing import Any

from django.db import migrations

HANGUL = "[\uac00-\ud7a3]"


def request_index(apps: Any, editor: Any) -> None:
    Turn = apps.get_model("dashboard", "Turn")
    Job = apps.get_model("meetings", "Job")
    korean = Turn.objects.filter(normal__regex=HANGUL).order_by()
    for meeting in korean.values_list("meeting", flat=True).distinct():
        Job.objects.create(meeting_id=meeting, kind="index")


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0003_talk_strip"),
        ("meetings", "0004_entered_at"),
    ]

    operations = [migrations.RunPython(request_index, migrations.RunPython.noop)]
