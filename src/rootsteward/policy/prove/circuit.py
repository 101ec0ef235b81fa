"""Boolean formulas over numbered atoms, shared and simplified as they are built.

A node is an integer. `TRUE` and `FALSE` are nodes; every other is an atom, a negation, or a
conjunction. A disjunction is written as a negated conjunction, so that equal formulas are mostly
equal numbers and a question about one is answered once.
"""

from collections.abc import Iterable

FALSE = 0
TRUE = 1


class Circuit:
    """All nodes of one question. INVARIANT: a node's parts have smaller numbers than it has."""

    def __init__(self) -> None:
        self._keys: dict[object, int] = {}
        self._parts: list[tuple[int, ...]] = [(), ()]
        self._atoms: list[int] = [-1, -1]
        self.support: list[int] = [0, 0]

    def _node(self, key: object, parts: tuple[int, ...], atom: int, support: int) -> int:
        found = self._keys.get(key)
        if found is None:
            found = len(self._parts)
            self._keys[key] = found
            self._parts.append(parts)
            self._atoms.append(atom)
            self.support.append(support)
        return found

    def atom(self, number: int) -> int:
        """The formula that is one atom."""
        return self._node(("atom", number), (), number, 1 << number)

    def negation(self, node: int) -> int:
        """Not."""
        if node <= TRUE:
            return TRUE - node
        parts = self._parts[node]
        if len(parts) == 1:
            return parts[0]
        return self._node(("not", node), (node,), -1, self.support[node])

    def conjunction(self, nodes: Iterable[int]) -> int:
        """And; `TRUE` of nothing."""
        parts: set[int] = set()
        for node in nodes:
            if node == FALSE:
                return FALSE
            if len(self._parts[node]) > 1:
                parts.update(self._parts[node])
            elif node != TRUE:
                parts.add(node)
        if len(parts) <= 1:
            return parts.pop() if parts else TRUE
        if any(len(self._parts[p]) == 1 and self._parts[p][0] in parts for p in parts):
            return FALSE
        ordered = tuple(sorted(parts))
        support = 0
        for part in ordered:
            support |= self.support[part]
        return self._node(ordered, ordered, -1, support)

    def disjunction(self, nodes: Iterable[int]) -> int:
        """Or; `FALSE` of nothing."""
        return self.negation(self.conjunction(self.negation(n) for n in nodes))

    def absorbed(self, node: int) -> int:
        """The same formula, where a part of a conjunction is known in its other parts.

        Of "allowed before, and not after" this leaves what differs: the rest is true already.
        """
        parts = self._parts[node]
        if len(parts) <= 1:
            return node
        known = frozenset(parts)
        return self.conjunction(self._less(part, known) for part in parts)

    def _less(self, part: int, known: frozenset[int]) -> int:
        """A negated conjunction without the parts that are known to be true."""
        if len(self._parts[part]) != 1:
            return part
        inner = self._parts[self._parts[part][0]]
        rest = [p for p in inner if p not in known]
        return part if len(rest) == len(inner) else self.negation(self.conjunction(rest))

    def restrict(self, node: int, known: int, values: int, memo: dict[int, int]) -> int:
        """The formula once some atoms are known.

        Args:
            node: the formula.
            known: the atoms that are known, one bit each.
            values: the known atoms that are true.
            memo: answers for this `known` and `values`; pass the same one again.
        """
        if not self.support[node] & known:
            return node
        found = memo.get(node)
        if found is not None:
            return found
        atom = self._atoms[node]
        parts = self._parts[node]
        if atom >= 0:
            found = values >> atom & 1
        elif len(parts) == 1:
            found = self.negation(self.restrict(parts[0], known, values, memo))
        else:
            found = self._restrict_all(parts, known, values, memo)
        memo[node] = found
        return found

    def _restrict_all(
        self, parts: tuple[int, ...], known: int, values: int, memo: dict[int, int]
    ) -> int:
        rest: list[int] = []
        for part in parts:
            new = self.restrict(part, known, values, memo)
            if new == FALSE:
                return FALSE
            rest.append(new)
        return self.conjunction(rest)
