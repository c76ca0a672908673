from hashlib import sha256

from helpers.second import path, tree_hash
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.ledger.merkle import (
    EMPTY,
    Node,
    consistency_proof,
    consistent,
    included,
    inclusion_proof,
    leaf_hash,
    root,
    root_of,
)

# Certificate Transparency's own: the leaves, and the roots of the first 0 to 8 of them.
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
ROOT_OF_7 = "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"

trees = st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


def entries(size: int) -> list[bytes]:
    return [str(number).encode() for number in range(size)]


def node_of(leaves: list[bytes]) -> Node:
    hashes = list(map(leaf_hash, leaves))
    return lambda height, index: root_of(hashes[index << height : (index + 1) << height])


def test_the_roots_are_those_of_the_vectors_of_certificate_transparency() -> None:
    assert sha256().digest() == EMPTY
    assert root_of(list(map(leaf_hash, LEAVES))).hex() == ROOT_OF_7


@given(trees)
def test_root_and_proof_are_those_of_the_second_reading(tree: tuple[int, int]) -> None:
    size, index = tree
    leaves = entries(size)
    assert root(size, node_of(leaves)) == root_of(list(map(leaf_hash, leaves))) == tree_hash(leaves)
    assert inclusion_proof(index, size, node_of(leaves)) == path(index, leaves)


@given(trees, st.data())
def test_a_proof_shows_its_own_entry_and_nothing_else(tree: tuple[int, int], data: st.DataObject) -> None:
    size, index = tree
    leaves = entries(size)
    proof, head = inclusion_proof(index, size, node_of(leaves)), tree_hash(leaves)
    assert included(leaf_hash(leaves[index]), index, size, proof, head)
    assert not included(leaf_hash(b"another"), index, size, proof, head)
    assert not included(leaf_hash(leaves[index]), size, size, proof, head)
    assert not included(leaf_hash(leaves[index]), index, size, [*proof, head], head)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not included(leaf_hash(leaves[index]), index, size, [*proof[:place], *proof[place + 1 :]], head)


@given(st.integers(0, 70), st.integers(0, 70))
def test_a_tree_is_proven_to_be_the_beginning_of_one_that_grew(one: int, other: int) -> None:
    old, size = sorted((one, other))
    leaves = entries(size)
    proof, before, head = consistency_proof(old, size, node_of(leaves)), tree_hash(leaves[:old]), tree_hash(leaves)
    assert consistent(old, size, proof, before, head)
    if 0 < old < size:
        assert not consistent(old, size, proof, sha256(b"another").digest(), head)
        assert not consistent(old, size, proof, before, sha256(b"another").digest())
        assert not consistent(old, size, proof[:-1], before, head)
