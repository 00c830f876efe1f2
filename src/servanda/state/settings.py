"""Django's settings: our own application and nothing else. The database comes with `setup`."""

from typing import Any

INSTALLED_APPS = ["servanda.state", "servanda.state.enquiries"]
DATABASES: dict[str, Any] = {}
DATABASE_ROUTERS = ["servanda.state.router.Router"]
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None  # logging belongs to the program, not to this library
