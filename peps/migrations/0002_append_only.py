from django.db import migrations

from pepportal.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("peps", "0001_initial")]
    operations = [append_only("peps_formversion")]
