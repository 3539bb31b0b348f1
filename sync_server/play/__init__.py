"""Plays a written story of a school year against a fresh school and says what follows, with every reason."""
