"""The product's settings as the tests need them: a demonstration on somebody's own machine."""

import os

os.environ.update({"DEBUG": "1", "DEMONSTRATION": "1", "EMAIL_HOST": ""})

from pepportal.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
