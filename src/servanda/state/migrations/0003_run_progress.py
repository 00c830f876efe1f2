from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("servanda", "0002_first_rows"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="window",
            name="window_fence",
        ),
        migrations.RemoveField(
            model_name="run",
            name="fence",
        ),
        migrations.RemoveField(
            model_name="steprun",
            name="held",
        ),
        migrations.AddField(
            model_name="run",
            name="active_by",
            field=models.CharField(default="", max_length=100),
        ),
        migrations.AddField(
            model_name="run",
            name="active_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="lease_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="owner",
            field=models.CharField(default="", max_length=100),
        ),
        migrations.AddField(
            model_name="steprun",
            name="action",
            field=models.CharField(default="", max_length=16),
        ),
        migrations.AddField(
            model_name="steprun",
            name="collection",
            field=models.CharField(default="", max_length=200),
        ),
        migrations.AddField(
            model_name="steprun",
            name="left",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="steprun",
            name="phase",
            field=models.SmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="steprun",
            name="planned",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="window",
            name="part",
            field=models.CharField(default="", max_length=200),
        ),
        migrations.AlterField(
            model_name="run",
            name="state",
            field=models.CharField(
                choices=[
                    ("running", "Running"),
                    ("incomplete", "Incomplete"),
                    ("interrupted", "Interrupted"),
                    ("done", "Done"),
                    ("broken", "Broken"),
                    ("stale", "Stale"),
                ],
                default="running",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="window",
            name="owner",
            field=models.CharField(default="", max_length=100),
        ),
    ]
