"""Makes the database with one operator; guests need no account."""

import os

import django
from django.core.management import call_command


def main() -> None:
    """Create what is missing; running it twice changes nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    django.setup()
    from django.apps import apps
    from django.contrib.auth import get_user_model

    call_command("migrate", interactive=False, verbosity=0)
    users = get_user_model().objects
    if users.exists():
        return
    operator = users.create_user("kefu", password=os.environ["CONSOLE_PASSWORD"], is_staff=True)
    apps.get_model("supchat", "Operator").objects.create(user=operator)


if __name__ == "__main__":
    main()
