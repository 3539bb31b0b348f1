"""The rules schools are bound to, as pure functions that name their clause."""
