"""From the sheets an author fills in to what the form compiler takes, and its complaints in plain words."""
