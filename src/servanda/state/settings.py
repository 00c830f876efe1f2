"""Django's settings: our own application and nothing else. The database comes with `setup`."""

from pathlib import Path
from typing import Any

INSTALLED_APPS = ["servanda.state", "servanda.state.enquiries"]
DATABASES: dict[str, Any] = {}
DATABASE_ROUTERS = ["servanda.state.router.Router"]
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None  # logging belongs to the program, not to this library
USE_I18N = True  # mails to people are in their language, whoever sends them
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [str(Path(__file__).parents[1] / "web" / "locale")]
