"""Knowledge base: records and pure functions, without sockets and terminals."""
