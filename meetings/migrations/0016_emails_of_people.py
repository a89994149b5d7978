from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0015_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="participant",
            name="email",
            field=models.EmailField(
                blank=True,
                help_text="Its domain tells which customer the call is of",
                max_length=254,
            ),
        ),
    ]
