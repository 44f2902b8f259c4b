"""The platform of a target's parts: as the settings say, else as the host tells."""

from pathlib import Path

import pytest

from diagnostics.targets.platform import KnownPlatform, platform_of
from diagnostics.targets.settings import Contract, Platform, Service, TargetSettings, Webhook
from diagnostics.targets.target import Target, endpoint
from diagnostics.targets.target_file import from_settings


@pytest.mark.parametrize(
    ("url", "platform"),
    [
        ("postgresql://app@127.0.0.1:5432/tx", "this machine"),
        ("postgresql:///tx", "this machine"),
        ("postgresql://app@pay.c9akciq32.eu-central-1.rds.amazonaws.com:5432/tx", "rds"),
        ("postgresql://app@pay.c9akciq32.rds.cn-north-1.amazonaws.com.cn/tx", "rds"),
        ("postgresql://app@/tx?host=/cloudsql/project:region:pay", "cloudsql"),
        ("postgresql://app@%2Fcloudsql%2Fproject%3Aregion%3Apay/tx", "cloudsql"),
        ("postgresql://app@pay-db.payments.svc.cluster.local/tx", "kubernetes"),
        ("postgresql://app@pay-db.payments.svc/tx", "kubernetes"),
        ("postgresql://app@db.internal/tx", "unknown"),
        ("postgresql://app@127.0.0.1,db.internal/tx", "unknown"),
        ("https://api.clearpay.example", "unknown"),
    ],
)
def test_the_host_tells_the_platform_of_the_database(url: str, platform: KnownPlatform) -> None:
    assert platform_of(Target("t", (endpoint(url),)), "database") == platform


def test_the_other_parts_are_told_by_their_own_hosts() -> None:
    settings = TargetSettings(
        api="https://api.payments.svc/v1",
        contract=Contract(proxy="http://localhost:3128"),
        service=Service(health="http://127.0.0.1:8000/healthz"),
        webhook=Webhook(url="https://shop.example/hooks"),
    )
    target = from_settings("t", settings, Path())

    assert platform_of(target, "api") == "kubernetes"
    assert platform_of(target, "proxy") == "this machine"
    assert platform_of(target, "application") == "this machine"
    assert platform_of(target, "database") == "unknown"


def test_the_settings_have_the_last_word() -> None:
    settings = TargetSettings(database="postgresql://127.0.0.1/tx", platform=Platform(database="docker"))

    assert platform_of(from_settings("t", settings, Path()), "database") == "docker"


def test_a_socket_of_the_cloud_sql_proxy_is_production() -> None:
    assert Target("t", (endpoint("postgresql://a@/tx?host=/cloudsql/p:r:i"),)).production
