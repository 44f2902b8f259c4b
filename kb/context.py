"""Words that say which system a text speaks of: ours by layer, or another whose errors read alike."""

from collections.abc import Mapping
from typing import Final

OWN_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "database": (
        *("postgres", "postgresql", "psql", "libpq", "psycopg", "psycopg2", "asyncpg", "pgbouncer", "pg_hba"),
        *("psqlexception", "npgsql", "pgx", "pg_isready", "pg", "5432", "6432"),
    ),
}
"""Words that only the system of a layer has; they outweigh the name of another system beside them."""

LAYER_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "database": (
        *OWN_WORDS["database"],
        *("database", "databases", "db", "rds", "sqlalchemy", "sqlstate", "sql", "deadlock", "deadlocks"),
        *(
            "deadlocked",
            "deadlocking",
            "transaction",
            "transactions",
            "isolation",
            "serializable",
            "hikaripool",
        ),
        *("rows", "query", "queries", "clearpay"),
    ),
    "api": (
        "api",
        "token",
        "key",
        "http",
        "https",
        "request",
        "requests",
        "endpoint",
        "scope",
        "oauth",
        "clearpay",
    ),
    "tls": (
        "tls",
        "ssl",
        "certificate",
        "certificates",
        "cert",
        "certs",
        "ca",
        "https",
        "handshake",
        "clearpay",
    ),
    "config": (
        "config",
        "configuration",
        "setting",
        "settings",
        "logging",
        "webhook",
        "currency",
        "clearpay",
    ),
    "service": ("service", "worker", "workers", "loop", "asyncio", "cpu", "async", "latency", "clearpay"),
}
"""A sentence is about a layer only if it has one of its words."""

OTHER_SQL: Final = (
    *("mysql", "mariadb", "ora-", "oracle", "sqlserver", "sql server", "sqlite", "sqlite3", "innodb"),
    *("_modulelock", "access denied for user", "try restarting transaction", "sql error: 12", "cassandra"),
    *("deadlock victim", "lock resources", "mssql", "pyodbc", "(hy000)", "(28000)", "(42000)", "(40001)"),
)
"""Other databases: near one of these, SQLSTATEs and short templates are not PostgreSQL's."""

OTHER_SYSTEMS: Final = (
    *OTHER_SQL,
    *("redis", "kafka", "rabbitmq", "amqp", "mongo", "mongodb", "pymongo", "memcached", "elasticsearch"),
    *("opensearch", "zookeeper", "publickey", "openssh", "ssh", "sshd", "paramiko", "sftp", "ftp", "smtp"),
    *("smtplib", "imap", "ldap", "kerberos", "npm", "yarn", "pip", "docker daemon", "docker.sock", "kubelet"),
    *("etcd", "consul", "nginx", "haproxy", "apache", "tomcat", "celery", "kombu", "grpc", "urllib3"),
    *("requests.exceptions", "httpx", "aiohttp", "httpsconnectionpool", "httpconnectionpool", "curl", "wget"),
    *("github", "git@", "nullpointerexception", "minio", "influxdb", "prometheus", "grafana", "jenkins"),
    *("selenium", "wifi", "printer", "rsync", "samba", "websocket", "mqtt", "nats", "pulsar", "terraform"),
    *("ansible", "clickhouse", "neo4j", "couchbase", "dynamodb", "wordpress", "outlook", "sharepoint"),
)
"""Other systems: near one of these, a bare `Connection refused` is not ours."""

CONSEQUENCES: Final = (
    *("sqlstate 25P02", "exception psycopg2.InterfaceError", "current transaction is aborted"),
    *("connection already closed", "cursor already closed", "connection is closed"),
    "canceling statement due to user request",  # a person or a client wanted it: the server has no trouble
)
"""Signs and texts that follow from an earlier error or from a wish; they prove nothing by themselves."""
