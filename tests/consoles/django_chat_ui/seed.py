"""Makes the database: one operator, and buyers of whom several share a name, as real ones do."""

import os

import django
from django.core.management import call_command

BUYERS = 40
NAMES = ("小鱼", "糖糖", "阿花", "月亮不睡觉", "Lily 李", "t**8", "小鱼", "山里人家")


def main() -> None:
    """Create what is missing; running it twice changes nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    django.setup()
    from django.contrib.auth import get_user_model

    call_command("migrate", interactive=False, verbosity=0)
    users = get_user_model().objects
    if users.exists():
        return
    users.create_user("kefu", password=os.environ["CONSOLE_PASSWORD"], first_name="客服", is_staff=True)
    for number in range(BUYERS):
        name = NAMES[number % len(NAMES)]
        users.create_user(f"buyer{number}", password=os.environ["CONSOLE_PASSWORD"], first_name=name)


if __name__ == "__main__":
    main()
