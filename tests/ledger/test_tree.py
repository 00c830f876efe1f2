"""The tree against the published data of Certificate Transparency, and all small proofs."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.ledger.verify.proof import consistent, included
from servanda.ledger.verify.tree import EMPTY_ROOT, Frontier, leaf_hash, leaf_hashes, node_hash

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def unhex(*texts: str) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


FIRST_OF_EIGHT = unhex(
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
SIX_TO_EIGHT = unhex(
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)


def grown(leaves: list[bytes]) -> Frontier:
    frontier = Frontier()
    frontier.extend(leaf_hashes(leaves))
    return frontier


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    assert grown(LEAVES[:size]).root().hex() == ROOTS[size]
    assert by_definition(LEAVES[:size]).hex() == ROOTS[size]


def test_published_inclusion_proof() -> None:
    root = bytes.fromhex(ROOTS[8])
    assert included(LEAVES[0], 0, 8, FIRST_OF_EIGHT, root)
    assert not included(LEAVES[1], 0, 8, FIRST_OF_EIGHT, root)
    assert not included(LEAVES[0], 1, 8, FIRST_OF_EIGHT, root)
    assert not included(LEAVES[0], 0, 8, FIRST_OF_EIGHT[:-1], root)
    assert not included(LEAVES[0], 0, 8, [*FIRST_OF_EIGHT, root], root)
    assert not included(LEAVES[0], 8, 8, FIRST_OF_EIGHT, root)
    assert not included(LEAVES[0], -1, 8, FIRST_OF_EIGHT, root)


def test_published_consistency_proofs() -> None:
    roots = [bytes.fromhex(root) for root in ROOTS]
    assert consistent(1, roots[1], 8, roots[8], FIRST_OF_EIGHT)
    assert consistent(6, roots[6], 8, roots[8], SIX_TO_EIGHT)
    assert consistent(0, EMPTY_ROOT, 8, roots[8], [])
    assert consistent(8, roots[8], 8, roots[8], [])
    assert not consistent(6, roots[5], 8, roots[8], SIX_TO_EIGHT)
    assert not consistent(6, roots[6], 8, roots[7], SIX_TO_EIGHT)
    assert not consistent(5, roots[6], 8, roots[8], SIX_TO_EIGHT)
    assert not consistent(6, roots[6], 8, roots[8], SIX_TO_EIGHT[:-1])
    assert not consistent(6, roots[6], 8, roots[8], [*SIX_TO_EIGHT, roots[1]])
    assert not consistent(6, roots[6], 8, roots[8], [])
    assert not consistent(8, roots[8], 6, roots[6], SIX_TO_EIGHT)
    assert not consistent(0, roots[1], 8, roots[8], [])
    assert not consistent(8, roots[8], 8, roots[7], [])


def test_a_leaf_can_not_pass_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@given(st.lists(st.integers(0, 70), max_size=12))
def test_growing_in_any_steps_gives_the_tree_of_the_definition(steps: list[int]) -> None:
    leaves = [b"%d" % number for number in range(sum(steps))]
    frontier = Frontier()
    made: dict[tuple[int, int], bytes] = {}

    def keep(level: int, first: int, hashes: list[bytes]) -> None:
        for place, hashed in enumerate(hashes, first):
            assert (level, place) not in made
            made[level, place] = hashed

    cuts = [0]
    for step in steps:
        cuts.append(cuts[-1] + step)
    for low, high in pairwise(cuts):
        frontier.extend(leaf_hashes(leaves[low:high]), keep)
        assert frontier.root() == by_definition(leaves[:high])
        again = Frontier.unpack(frontier.size, frontier.pack())
        assert again.root() == frontier.root()
    for (level, index), hashed in made.items():
        assert hashed == by_definition(leaves[index << level : (index + 1) << level])
    assert sum(level == 0 for level, _ in made) == len(leaves)


def test_peaks_that_do_not_fit_are_refused() -> None:
    for size, packed in ((3, bytes(32)), (0, bytes(32)), (-1, b""), (1, bytes(31))):
        with pytest.raises(ValueError, match="do not fit"):
            Frontier.unpack(size, packed)
