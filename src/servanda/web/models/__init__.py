"""Tables of the web faces. What the product itself knows lies in `servanda.state`."""

from servanda.web.models.members import Member

__all__ = ["Member"]
