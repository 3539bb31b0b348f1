"""The server's storage: the only SQL on the server."""
