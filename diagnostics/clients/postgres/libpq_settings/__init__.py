"""Settings of a connection as libpq reads them: URL, environment, service and password files."""
