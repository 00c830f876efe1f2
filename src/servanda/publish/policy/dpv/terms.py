"""Terms of the W3C Data Privacy Vocabulary, values with their type, and terms of our own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from servanda.policy.vocabulary import Kind, terms

Node: TypeAlias = dict[str, Any]

OWN = "urn:servanda:term:"
CONTEXT: Node = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "srv": OWN,
}


def named(kind: Kind, ids: Iterable[str]) -> list[Node]:
    """A term of the vocabulary by its IRI; one that is ours by our own, under the nearest."""
    found: list[Node] = []
    for id_ in ids:
        term = terms(kind)[id_]
        if term.match == "exact":
            found.append({"@id": term.iri, "skos:prefLabel": term.label})
        else:
            own: Node = {"@id": f"{OWN}{kind}-{id_}", "skos:prefLabel": term.label}
            found.append({**own, "skos:broader": {"@id": term.iri}} if term.iri else own)
    return found


def texts(said: Iterable[str], kind: str) -> list[Node]:
    return [{"@type": kind, "dct:description": each} for each in said]


def label(kind: Kind, id_: str) -> str:
    found = terms(kind).get(id_)
    return found.label if found else id_


def place(code: str) -> Node:
    return {"@id": f"loc:{code}"}


def day(iso: str) -> Node:
    return {"@type": "xsd:date", "@value": iso}


def lasting(iso: str) -> Node:
    return {"@type": "xsd:duration", "@value": iso}


def told(node: Node) -> Node:
    """Without what says nothing."""
    return {key: value for key, value in node.items() if value not in ([], "", None)}
