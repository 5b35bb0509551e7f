"""Limits from outside in the ledger: spans in which nodes give less, obeyed like any hard limit."""

from collections.abc import Iterable
from dataclasses import replace

from depotlib.gateway.safety import LimitNode, Site, site_of
from depotlib.model.brief import Brief
from depotlib.model.grid_limit import CHARGING_NODE, GridLimit


def site_under(brief: Brief, limits: Iterable[GridLimit]) -> Site:
    """Return the limits and connectors of a brief with what is limited from outside.

    A limit on everything that charges is a node of its own: no base load lies on it. A limit that
    the safe limits pass leaves no room at all: nobody is raised, and everybody wants as little as
    can be told.

    Parameters
    ----------
    brief : Brief
    limits : iterable of GridLimit
        Those of other nodes than the depot has now are passed over: the brief has changed since.
    """
    site = site_of(brief)
    spans = [(one.node_id, span) for one in limits if (span := one.derating()) is not None]
    if not spans:
        return site
    if any(node_id == CHARGING_NODE for node_id, _ in spans):
        site = _with_charging(site, limit_kw=brief.depot.grid.service_kw)
    nodes = tuple(
        replace(node, cuts=(*node.cuts, *(span for name, span in spans if name == node.node_id)))
        for node in site.nodes
    )
    return Site(nodes=nodes, outlets=site.outlets, operating=site.operating)


def _with_charging(site: Site, *, limit_kw: float) -> Site:
    node = LimitNode(CHARGING_NODE, limit_kw)
    outlets = tuple(
        replace(outlet, node_ids=(*outlet.node_ids, CHARGING_NODE)) for outlet in site.outlets
    )
    return Site(nodes=(*site.nodes, node), outlets=outlets, operating=site.operating)
