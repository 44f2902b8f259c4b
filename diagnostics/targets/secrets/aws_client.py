"""Clients of AWS services with the credentials of a reference, and one line for each of their errors.

boto3 is an extra and takes 150 ms to import: it is imported only here, inside functions.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from diagnostics.errors import CannotTell
from diagnostics.targets.secrets.aws_responses import BadAnswer, bound_responses
from diagnostics.targets.settings import SecretRef
from kb.parsers.plain_file import expanded

CONNECT_S = 2
READ_S = 3
ATTEMPTS = 2
SERVICES = {"secretsmanager": "Secrets Manager", "rds": "RDS"}
"""Names of services in messages, by botocore's."""

PARSER_ERRORS = (LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError)
"""Errors of botocore's parser for an answer that is not what its model says, beside ResponseParserError."""

T = TypeVar("T")


def with_client(
    service: str,
    ref: SecretRef,
    name: str,
    folder: Path,
    *,
    use: Callable[[Any], T],
    error_text: Callable[[Mapping[str, str], SecretRef], str],
) -> T:
    """Return what `use` returns for a new client of the service.

    `name` begins the messages, `error_text` continues one for an error that the service returned. Raises
    CannotTell for every error of botocore.
    """
    try:
        from botocore import exceptions  # noqa: PLC0415  see the module's first lines
    except ModuleNotFoundError:
        raise CannotTell(f"{name} needs boto3: pip install 'clearpay-doctor[aws]'") from None
    try:
        return use(bound_responses(_client(service, ref, folder)))
    except BadAnswer as error:
        raise CannotTell(f"{name}: {SERVICES[service]} {error}") from None
    except exceptions.ClientError as error:
        raise CannotTell(f"{name} {error_text(error.response.get('Error', {}), ref)}") from None
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError):
        raise CannotTell(f"{name}: no AWS credentials were found") from None
    except exceptions.NoRegionError:
        raise CannotTell(f"{name}: no region is set; add `region` to the reference") from None
    except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
        raise CannotTell(f"{name}: {SERVICES[service]} is not reachable ({type(error).__name__})") from None
    except UnicodeDecodeError as error:
        raise CannotTell(f"{name}: the answer of {SERVICES[service]} is not text: {error.reason}") from None
    except (exceptions.BotoCoreError, ValueError) as error:
        raise CannotTell(f"{name}: {error}") from None
    except PARSER_ERRORS as error:
        reason = f"the answer of {SERVICES[service]} cannot be read ({type(error).__name__})"
        raise CannotTell(f"{name}: {reason}") from None


def _client(service: str, ref: SecretRef, folder: Path) -> Any:
    import botocore.session  # noqa: PLC0415  see the module's first lines
    from botocore.config import Config  # noqa: PLC0415

    # A new session each time: credentials may have been renewed since the last one.
    session = botocore.session.Session()
    if ref.credentials_file:
        session.set_config_variable("credentials_file", str(folder / expanded(ref.credentials_file)))
    if ref.profile or ref.credentials_file:
        # An explicit profile takes precedence over keys in the environment.
        session.set_config_variable("profile", ref.profile or "default")
    session.register_component("data_loader", _models(session.get_config_variable("data_path") or ""))
    config = Config(
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        # A configured endpoint is reached directly, not through the proxy of the environment.
        proxies={} if ref.endpoint else None,
    )
    return session.create_client(
        service,
        region_name=ref.region or None,
        endpoint_url=ref.endpoint or None,
        config=config,
    )


@cache
def _models(data_path: str) -> Any:
    """Return botocore's loader of service models; it is slow to fill and the same for every session."""
    from botocore.loaders import create_loader  # noqa: PLC0415  see the module's first lines

    return create_loader(data_path)
