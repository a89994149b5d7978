from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0020_shared_tracks"),
    ]

    operations = [
        migrations.AddField(
            model_name="meeting",
            name="deleted_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="In the bin since then",
                null=True,
            ),
        ),
    ]
