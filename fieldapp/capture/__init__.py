"""Photos, ink and places: how the outside world becomes evidence."""
