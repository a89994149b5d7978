from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0009_pictures"),
    ]

    operations = [
        migrations.AddField(
            model_name="track",
            name="handed_in",
            field=models.BooleanField(
                default=False, help_text="Afterwards, by the browser that had kept it"
            ),
        ),
    ]
