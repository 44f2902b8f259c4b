"""What is known: records and pure functions. Nothing here opens a socket or a terminal."""
