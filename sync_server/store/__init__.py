"""What the school keeps: the only place of the server that speaks SQL or writes files."""
