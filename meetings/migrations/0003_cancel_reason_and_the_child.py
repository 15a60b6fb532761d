from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0002_dates_in_order'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalmeeting',
            name='cancel_reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='historicalmeeting',
            name='child_took_part',
            field=models.TextField(blank=True, verbose_name='how the child took part'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='cancel_reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='meeting',
            name='child_took_part',
            field=models.TextField(blank=True, verbose_name='how the child took part'),
        ),
    ]
