"""The commands of the school's computer, by subject; each only asks, calls a use case and says what came of it."""
