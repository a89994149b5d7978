from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transcription", "0006_one_line_per_caption")]

    operations = [
        migrations.AddConstraint(
            model_name="utterance",
            constraint=models.UniqueConstraint(
                fields=["meeting", "caption_id"],
                condition=~models.Q(caption_id=""),
                name="one_line_per_caption",
            ),
        ),
    ]
