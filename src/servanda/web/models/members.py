"""Members of staff, and people of a customer who may look at what concerns that customer."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from servanda.desk.roles import Role


class MemberManager(BaseUserManager["Member"]):
    def create_user(self, email: str, password: str | None = None, **more: object) -> Member:
        member = self.model(email=self.normalize_email(email).lower(), **more)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def get_by_natural_key(self, username: str | None) -> Member:
        return self.get(email=(username or "").lower())


class Member(AbstractBaseUser):
    """Somebody with an account. `tenant`: the customer, of a member with that role. `left_at`:
    since when they have none any more; a year later nothing here says who they were."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=16, choices=[(r.value, r.label) for r in Role])
    tenant = models.CharField(max_length=200, blank=True, default="")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[MemberManager] = MemberManager()

    class Meta:
        app_label = "servanda_web"

    @property
    def by(self) -> str:
        """How evidence names this member: by number. Who it is, is told by this table alone."""
        return f"member {self.pk}"

    def __str__(self) -> str:
        return self.email
