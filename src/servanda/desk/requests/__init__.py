"""Requests of people who exercise a right: taken in, counted, verified, decided, answered."""

from servanda.desk.requests.desk import Desk
from servanda.desk.requests.vault import PersonGone
from servanda.desk.requests.view import RequestView

__all__ = ["Desk", "PersonGone", "RequestView"]
