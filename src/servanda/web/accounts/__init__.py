"""Sign-in, second factors, invitations, members of staff. Built on django-allauth."""
