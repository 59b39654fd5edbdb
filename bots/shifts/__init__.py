"""Who covers a shop when: bots and people, by the week, the public calendar and the date."""
