"""Who acts: a person or a program of theirs, and what they may do."""

from enum import StrEnum

from models.base import Value


class Role(StrEnum):
    """What an account may do. Each role may do all that the one before it may."""

    VIEWER = "viewer"
    """Reads everything, changes nothing."""
    REVIEWER = "reviewer"
    """Decides: accepts, corrects, rejects, adds, supplies facts."""
    ADMIN = "admin"
    """Administers: accounts, policies, other people's sessions and assignments."""

    def allows(self, needed: "Role") -> bool:
        """Whether someone with this role may do what ``needed`` may."""
        return _RANK[self] >= _RANK[needed]


_RANK = {role: rank for rank, role in enumerate(Role)}


class Scope(StrEnum):
    """What an API token may do at most; its owner's role bounds it as well."""

    READ = "read"
    DECIDE = "decide"
    ADMIN = "admin"

    @property
    def role(self) -> Role:
        """The role whose work the scope covers."""
        return {Scope.READ: Role.VIEWER, Scope.DECIDE: Role.REVIEWER, Scope.ADMIN: Role.ADMIN}[self]


class Actor(Value):
    """Who does something, as the audit trail names them. ``id`` is the account's; ``local`` without accounts."""

    id: str
    name: str
    role: Role

    def may(self, needed: Role) -> bool:
        """Whether they may do what ``needed`` may."""
        return self.role.allows(needed)


LOCAL_ID = "local"
"""Id of the one person of an installation without accounts, and of what the program does by itself there."""


def local_actor(name: str) -> Actor:
    """The one person of an installation without accounts, by the name the operating system knows them by."""
    return Actor(id=LOCAL_ID, name=name, role=Role.ADMIN)
