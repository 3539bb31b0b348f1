"""From the sheets an author fills in to what the form compiler understands, and its complaints in plain words."""
