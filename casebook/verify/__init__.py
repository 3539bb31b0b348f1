"""Checks a case bundle offline: `python -m casebook.verify BUNDLE`, with the standard library and `cryptography` alone.

`bundle` is the file's format, `examining` the whole check; `seals`, `log` and `times` are its parts.
"""
