import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0019_joined_people"),
    ]

    operations = [
        migrations.AlterField(
            model_name="participant",
            name="side",
            field=models.CharField(
                blank=True,
                choices=[("us", "Us"), ("them", "Customer"), ("", "Not known")],
                default="them",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="heard_on",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="Whose row has the sound, where several people share one track",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="others_heard",
                to="meetings.participant",
            ),
        ),
    ]
