"""Placeholders that fixes may have: the meaning of each, and its example."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Placeholder(NamedTuple):
    """Meaning of a name in angle brackets, and its value where neither target nor platform gives one."""

    meaning: str
    example: str


_COMMAND_MEANINGS: Final[Mapping[str, str]] = {
    "start_database": "the command that starts the database server",
    "restart_database": "the command that restarts the database server",
    "restart_application": "the command that restarts or redeploys the application",
    "renew_certificate": "the command that renews and installs the API's certificate",
    "reissue_certificate": "the command that issues the API's certificate with a new key and installs it",
}
_WITH_EXAMPLES: Final[Mapping[str, Placeholder]] = {
    "host": Placeholder("the database server's host name or address", "db.example.com"),
    "port": Placeholder("the database server's port", "5432"),
    "server_host": Placeholder("the host of the server behind the pooler", "db.example.com"),
    "server_port": Placeholder("the port of the server behind the pooler", "5432"),
    "database": Placeholder("the database's name", "payments"),
    "role": Placeholder("the role that the application logs in with", "app_user"),
    "pooler_admin": Placeholder(
        "the URL of the pooler's admin console, for a role of admin_users",
        "postgresql://pgbouncer@db.example.com:6432/pgbouncer",
    ),
    "application_name": Placeholder(
        "the application_name of the sessions of the application's pool", "payments"
    ),
    "secret_name": Placeholder("the name of the secret that the rotation writes", "payments/database"),
    "region": Placeholder("the AWS region of that secret", "eu-central-1"),
    "password_file": Placeholder(
        "the file that the application reads its password from", "/run/secrets/database_password"
    ),
    "api_url": Placeholder("the URL of the API that the application calls", "https://api.example.com/v1"),
    "health_url": Placeholder(
        "the URL of the API that answers 200 without credentials", "https://api.example.com/v1/healthz"
    ),
    "account_url": Placeholder(
        "the URL of the API that describes the caller", "https://api.example.com/v1/me"
    ),
    "api_key_header": Placeholder("the header of the API key, up to the key", "X-Api-Key:"),
    "token_header": Placeholder("the header of the token, up to the token", "Authorization: Bearer"),
    "api_host": Placeholder("the API's host name or address", "api.example.com"),
    "api_port": Placeholder("the API's port", "443"),
    "ca_file": Placeholder("the CA bundle that the application trusts", "/etc/ssl/certs/ca-certificates.crt"),
    "crl_file": Placeholder(
        "the file of the revocation lists that the application checks", "/etc/ssl/clearpay-crl.pem"
    ),
    "api_key_file": Placeholder(
        "the file that the application reads its API key from", "/run/secrets/api_key"
    ),
    "token_file": Placeholder("the file that the application reads its token from", "/run/secrets/api_token"),
    "credentials_file": Placeholder(
        "the configuration file with the API's credentials", "config/credentials.py"
    ),
    "network_file": Placeholder("the configuration file with timeouts and retries", "config/network.py"),
    "currency_file": Placeholder("the configuration file with currencies and amounts", "config/currency.py"),
    "webhook_file": Placeholder("the configuration file of webhooks", "config/webhooks.py"),
    "logging_file": Placeholder("the configuration file of logging", "config/logging.py"),
    "webhook_url": Placeholder(
        "the URL of the receiver of webhooks", "https://payments.example.com/webhooks"
    ),
    "service_url": Placeholder("the URL of the service's health check", "http://127.0.0.1:8000/healthz"),
    "service_pid": Placeholder(
        "the process id of the service: gunicorn's first process, not one of its workers", "4242"
    ),
    "env_file": Placeholder(
        "the file of the environment variables that the application starts with", "/etc/payments.env"
    ),
    "namespace": Placeholder("the Kubernetes namespace", "payments"),
    "database_container": Placeholder("the container of the database server", "clearpay-db"),
    "database_workload": Placeholder("the StatefulSet of the database server", "clearpay-db"),
    "database_service": Placeholder("the Kubernetes Service in front of the database server", "clearpay-db"),
    "rds_instance": Placeholder("the identifier of the RDS instance", "clearpay-db"),
    "cloudsql_instance": Placeholder("the name of the Cloud SQL instance", "clearpay-db"),
    "application_service": Placeholder(
        "the systemd unit, the container or the Deployment of the application", "payments"
    ),
    "certificate_name": Placeholder("the name of cert-manager's Certificate", "api-tls"),
    "pooler_container": Placeholder("the container or the Deployment of the pooler", "pgbouncer"),
    "proxy_container": Placeholder("the container of the proxy that ends TLS", "nginx"),
    "pid": Placeholder("the process id that the step before shows", "0"),
}
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "target": "the name of the examined target",
    "evidence": "the evidence of the run; only in a message",
    **{name: placeholder.meaning for name, placeholder in _WITH_EXAMPLES.items()},
    **_COMMAND_MEANINGS,
}
"""Meaning of each name that a fix may have in angle brackets."""
EXAMPLES: Final[Mapping[str, str]] = {name: item.example for name, item in _WITH_EXAMPLES.items()}
"""Value of each placeholder where neither the target nor its platform gives one. No process has the pid 0, so
that a command with it does nothing until the pid is written there."""
