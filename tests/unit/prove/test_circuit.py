"""Formulas keep their meaning, however they are simplified."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from rootsteward.policy.prove.circuit import FALSE, TRUE, Circuit

ATOMS = 4
Tree = int | tuple[str, list["Tree"]]

TREES: st.SearchStrategy[Tree] = st.recursive(
    st.integers(min_value=0, max_value=ATOMS - 1),
    lambda inner: st.tuples(st.sampled_from(["and", "or", "not"]), st.lists(inner, max_size=3)),
    max_leaves=12,
)


def built(circuit: Circuit, tree: Tree) -> int:
    if isinstance(tree, int):
        return circuit.atom(tree)
    kind, parts = tree
    nodes = [built(circuit, part) for part in parts]
    if kind == "not":
        return circuit.negation(circuit.conjunction(nodes))
    return circuit.conjunction(nodes) if kind == "and" else circuit.disjunction(nodes)


def meaning(tree: Tree, values: tuple[bool, ...]) -> bool:
    if isinstance(tree, int):
        return values[tree]
    kind, parts = tree
    if kind == "not":
        return not all(meaning(part, values) for part in parts)
    found = (meaning(part, values) for part in parts)
    return all(found) if kind == "and" else any(found)


def answer(circuit: Circuit, node: int, values: tuple[bool, ...]) -> bool:
    bits = sum(1 << number for number, value in enumerate(values) if value)
    settled = circuit.restrict(node, (1 << ATOMS) - 1, bits, {})
    assert settled in {TRUE, FALSE}
    return settled == TRUE


@given(TREES)
def test_a_formula_means_what_it_was_built_from(tree: Tree) -> None:
    circuit = Circuit()
    node = built(circuit, tree)
    for values in product([False, True], repeat=ATOMS):
        assert answer(circuit, node, values) == meaning(tree, values)


@given(TREES, TREES)
def test_absorbing_keeps_the_meaning(one: Tree, other: Tree) -> None:
    circuit = Circuit()
    first, second = built(circuit, one), circuit.negation(built(circuit, other))
    for node in (first, second, circuit.conjunction([first, second])):
        absorbed = circuit.absorbed(node)
        for values in product([False, True], repeat=ATOMS):
            assert answer(circuit, absorbed, values) == answer(circuit, node, values)


def test_what_two_conjunctions_share_is_absorbed() -> None:
    circuit = Circuit()
    a, b, c = (circuit.atom(number) for number in range(3))
    before, after = circuit.conjunction([a, b]), circuit.conjunction([a, b, c])
    differs = circuit.conjunction([before, circuit.negation(after)])
    assert circuit.absorbed(differs) == circuit.conjunction([a, b, circuit.negation(c)])
