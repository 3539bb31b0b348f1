"""The roster: what children, classes, teachers and villages the school has, how they come in and how they change."""
