"""Who is at the desk: the login where one is set up, and what each role may do."""

import getpass
from ipaddress import ip_address
from typing import Final

import streamlit as st

from depotlib.errors import DepotError
from depotlib.settings import Settings
from depotlib.ui.wording import plain
from depotlib.workflows.know_person import ROLES_NAME, Person, Role, person_of

LOGGED_IN: Final = "is_logged_in"
"""Streamlit says it, true or false, only where a login is set up."""


def person_here(settings: Settings) -> Person | None:
    """Return who has logged in; None where no login is set up, or nobody has yet.

    Raises
    ------
    SettingsError
        If the file of roles cannot be read.
    """
    return person_of(settings, st.user.to_dict()) if st.user.get(LOGGED_IN) else None


def may_see(settings: Settings) -> bool:
    """Return whether a depot is any business of whoever is here.

    Without a login every one is, at this machine; nobody elsewhere is told so much as a name.
    """
    if LOGGED_IN not in st.user:
        return not is_elsewhere(st.context.ip_address)
    try:
        person = person_here(settings)
    except DepotError:
        return False
    return person is not None and person.role is not None


def enter(settings: Settings, *, role: Role) -> Person | None:
    """Return who may see a page; anybody else is told what is missing, and the page ends.

    Without a login everybody at this machine may: None then.

    Raises
    ------
    SettingsError
        If the file of roles cannot be read.
    """
    if LOGGED_IN not in st.user:
        _stay_on_this_machine()
        return None
    person = person_here(settings)
    if person is None:
        st.info("Log in to see this depot.")
        if st.button("Log in", type="primary", key="log_in"):
            st.login()
        st.stop()
    with st.sidebar:
        st.markdown(f"**{plain(person.name)}**, {person.role or 'no role yet'}")
        if st.button("Log out", key="log_out"):
            st.logout()
    if person.role is None:
        st.warning(
            f"You are logged in as {plain(person.known_as)}, but nobody has given you a role. "
            f"Whoever runs this depot can: in `{ROLES_NAME}`, or with your login's provider."
        )
        st.stop()
    if not person.may(role):
        st.warning(_needs(person, role))
        st.stop()
    return person


def may(person: Person | None, role: Role) -> bool:
    """Return whether somebody may do what a role may; else say which role it needs.

    Without a login everybody at this machine plans, and the gateway asks for a token.
    """
    if person is None or person.may(role):
        return True
    st.caption(_needs(person, role))
    return False


def name_of(person: Person | None) -> str:
    """Return by what name the journal knows somebody; without a login, this machine's account."""
    return person.known_as if person is not None else getpass.getuser()


def _needs(person: Person, role: Role) -> str:
    return f"This needs the role {role}; {plain(person.known_as)} is a {person.role}."


def _stay_on_this_machine() -> None:
    """End the page for whoever looks at it from elsewhere where nobody can log in."""
    if is_elsewhere(st.context.ip_address):
        st.error(
            "Without a login this workbench is for its own machine only. Set one up "
            "(docs/login.md), and put a proxy with TLS in front."
        )
        st.stop()


def is_elsewhere(seen_from: object) -> bool:
    """Return whether a page is looked at from another machine; Streamlit names no address for ours."""
    if not isinstance(seen_from, str) or not seen_from:
        return False
    try:
        return not ip_address(seen_from).is_loopback
    except ValueError:
        return True
