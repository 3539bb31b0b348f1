"""The phone's storage: the only place on the phone with SQL and files."""
