from django.db import migrations

from pepportal.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("qa", "0001_initial")]
    operations = [append_only("qa_signature"), append_only("qa_review")]
