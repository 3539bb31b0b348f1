"""HTTP: sync for phones, console for people."""
