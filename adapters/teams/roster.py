"""Who is in a team: read page by page, relied on for less than a minute, guests told apart. Pure."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from flows.ports import Membership


class Member(Struct, frozen=True, kw_only=True):
    """Somebody in a team. ``tenant`` is their own; ``role`` as Teams calls it."""

    account: str
    name: str = ""
    tenant: str = ""
    role: str = ""
    principal: str = ""
    email: str = ""

    def ends(self) -> frozenset[str]:
        """Return what stands behind the @ of their e-mail address and of the name they sign in with."""
        found = (name.rpartition("@")[2].lower() for name in (self.email, self.principal) if "@" in name)
        return frozenset(found)

    def guest(self, home: str) -> bool:
        """Return whether Teams, or their own tenant, says that they are no full member.

        A guest's user principal name holds ``#EXT#``:
        https://learn.microsoft.com/entra/external-id/user-properties
        """
        foreign = bool(self.tenant and home and self.tenant.lower() != home.lower())
        return foreign or self.role.lower() in ("guest", "anonymous") or "#ext#" in self.principal.lower()


def membership(members: tuple[Member, ...], home: str) -> Membership:
    """Return who can read a team's channel. Somebody of another organisation makes it unfit.

    Teams does not tell a bot whether a team is private; ``docs/teams.md`` has a person look.
    """
    accounts = frozenset(member.account for member in members if member.account)
    outside = any(m.tenant and home and m.tenant.lower() != home.lower() for m in members)
    if not accounts:
        return Membership(accounts=accounts, fit=False, trouble="no-members")
    guests = frozenset(m.account for m in members if m.account and m.guest(home))
    trouble = "shared-outside" if outside else ""
    return Membership(accounts=accounts, fit=not outside, trouble=trouble, guests=guests)


def staff(members: tuple[Member, ...], home: str) -> dict[str, str]:
    """Return the accounts, with names, of a team's full members."""
    return {m.account: m.name for m in members if m.account and not m.guest(home)}


def member(one: Any) -> Member:
    """Return somebody as the connector describes them."""
    return Member(
        account=(one.aad_object_id or "").lower(),
        name=one.name or "",
        tenant=one.tenant_id or "",
        role=one.user_role or "",
        principal=one.user_principal_name or "",
        email=one.email or "",
    )
