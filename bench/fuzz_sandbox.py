"""Malformed requests of every kind, thrown at a sandbox: each gets an AWS-shaped error.

Run by hand: `python bench/fuzz_sandbox.py [requests] [seed]`. It stops at the first answer that no
client could read, at the first failure inside the sandbox, and at the end asks whether the
sandbox still works.
"""

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.load import load_scenario
from sandbox_fuzz import Fuzzer, trouble_with


def main() -> None:
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    sandbox = Sandbox(load_scenario("article", now=lambda: datetime.now(UTC)))
    fuzzer = Fuzzer(sandbox.world, seed)
    seen: Counter[str] = Counter()
    for number in range(requests):
        case = fuzzer.case()
        answer = sandbox.handle(case.request)
        trouble = trouble_with(case, answer)
        if trouble:
            print(f"request {number} of seed {seed} ({case.label}): {trouble}")
            print(case.request, answer)
            sys.exit(1)
        seen[f"{case.label}: {answer.status}"] += 1
    alive = sandbox.handle(fuzzer.sound())
    for label, count in sorted(seen.items()):
        print(f"{count:>8} {label}")
    print(f"{requests} requests; a sound call is answered with {alive.status}")
    sys.exit(alive.status != 200)


if __name__ == "__main__":
    main()
