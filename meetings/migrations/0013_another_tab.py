from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0012_waiting_room"),
    ]

    operations = [
        migrations.AlterField(
            model_name="source",
            name="kind",
            field=models.CharField(
                choices=[
                    ("whip", "WHIP"),
                    ("hls", "HLS"),
                    ("srt", "SRT"),
                    ("tab", "Another tab"),
                ],
                max_length=4,
            ),
        ),
        migrations.AlterField(
            model_name="consentchoice",
            name="way",
            field=models.CharField(
                choices=[
                    ("page", "On the page before the room"),
                    ("room", "In the room"),
                    ("imported", "Imported: stated by the one who imported"),
                    ("source", "Stated by the one who added the source"),
                    (
                        "tab",
                        "Told in their own call, as the one who recorded its tab stated",
                    ),
                ],
                max_length=10,
            ),
        ),
    ]
