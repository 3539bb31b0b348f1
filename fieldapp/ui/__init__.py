"""Screens and widgets: the only place with Flet besides platform."""
