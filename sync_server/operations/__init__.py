"""What keeps a school's computer in order: backup, restore, checks, figures for whoever watches it."""
