"""Django for one workspace: settings from its files, keys from its master key."""

from __future__ import annotations

import ipaddress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from servanda.kernel.errors import ServandaError
from servanda.kernel.seal import derive
from servanda.runtime import hub
from servanda.runtime.websettings import WebSettings
from servanda.runtime.workspace import Workspace

if TYPE_CHECKING:
    from servanda.state.keyring import StateKeyring

_USE = "web sessions"


def configure(folder: Path) -> None:
    """Set up Django with all faces for this workspace, connect its state, and bring the tables
    up to date. CheckFailed or UsageError where the workspace is not sound."""
    from django.conf import settings

    workspace = Workspace.open(folder)
    configure_django(workspace.settings.web, workspace.master)
    workspace.use_state(every=True)
    import_module("servanda.runtime.editing").noticed(workspace)  # Django had to stand first
    hub.begin(workspace)
    assert settings.configured


def configure_django(web: WebSettings, master: bytes | StateKeyring) -> None:
    """Once for a process; later calls change what depends on the workspace."""
    import django
    from django.conf import settings

    from servanda.web import settings as ours
    from servanda.web.kit import logs

    values = {name: getattr(ours, name) for name in dir(ours) if name.isupper()}
    values |= of_workspace(web, master)
    if settings.configured:
        if "servanda.web" not in settings.INSTALLED_APPS:
            raise ServandaError("the web faces must be set up before the state is used")
        for name, value in of_workspace(web, master).items():
            setattr(settings, name, value)
    else:
        settings.configure(**values)
        django.setup()
        logs.mask()
    if settings.SOCIALACCOUNT_PROVIDERS:
        import_module("servanda.web.accounts.oidc").offer()


def of_workspace(web: WebSettings, master: bytes | StateKeyring) -> dict[str, object]:
    """The settings that differ between workspaces."""
    secrets = _secrets(master)
    host = urlsplit(web.address).hostname or "localhost"
    found: dict[str, object] = {
        "SECRET_KEY": secrets[0],
        "SECRET_KEY_FALLBACKS": secrets[1:],  # while a rotation of the master key is under way
        "ALLOWED_HOSTS": sorted({host} | _local(host) | _watched(web.host)),
        "SERVANDA_ADDRESS": web.address,
        "CSRF_TRUSTED_ORIGINS": [web.address] if web.url else [],
        "SESSION_COOKIE_SECURE": web.secure,
        "CSRF_COOKIE_SECURE": web.secure,
        "SECURE_HSTS_SECONDS": 31_536_000 if web.secure else 0,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": False,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if web.secure else None,
        "MFA_TOTP_ISSUER": "Servanda",
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not web.secure,
        "SERVANDA_PROXIES": web.proxies or _proxies(web),
        "SERVANDA_IDLE_SECONDS": web.idle_minutes * 60,
        "SERVANDA_TASK_SECONDS": web.task_minutes * 60,
        "SOCIALACCOUNT_PROVIDERS": _oidc(web),
    }
    prefix = "__Host-" if web.secure else ""
    found["SESSION_COOKIE_NAME"] = f"{prefix}servanda"
    found["CSRF_COOKIE_NAME"] = f"{prefix}csrf"
    return found


def _proxies(web: WebSettings) -> tuple[str, ...]:
    """With https:// and a listener on this machine alone, whoever connects is the proxy in front.
    Unless it may say who calls, all callers count as one, and one stranger locks out everybody."""
    return ("127.0.0.1", "::1") if web.secure and _local(web.host) else ()


def _watched(host: str) -> set[str]:
    """Whoever watches the server on its own machine names it by that address."""
    return {f"[{host}]" if ":" in host else host} if _local(host) else set()


def _secrets(master: bytes | StateKeyring) -> list[str]:
    """What sessions are signed with: derived anew when a process starts after a rotation."""
    keys = [derive(master, _USE)] if isinstance(master, bytes) else master.derived(_USE)
    return [key.hex() for key in keys]


def _local(host: str) -> set[str]:
    """On one's own machine, every name of it will do."""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    return {"localhost", "127.0.0.1", "[::1]"} if local else set()


def _oidc(web: WebSettings) -> dict[str, object]:
    if not (web.oidc_server and web.oidc_client):
        return {}
    app = {
        "provider_id": "company",
        "name": web.oidc_name or "your company's sign-in",
        "client_id": web.oidc_client,
        "secret": web.oidc_secret,
        "settings": {"server_url": web.oidc_server},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
