import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0018_jobs_of_the_site"),
    ]

    operations = [
        migrations.AddField(
            model_name="participant",
            name="joined_to",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="The same person, whose row has all that is kept of both",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="joined",
                to="meetings.participant",
            ),
        ),
    ]
