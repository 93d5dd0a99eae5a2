"""The service under load: a synthetic nation in a database, a driver in a process of its own, and
what the server did meanwhile."""
