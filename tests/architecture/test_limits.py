"""The limits of the design page, checked on every file."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SOURCE = REPOSITORY / "src" / "rootsteward"
MODULE_LINES = 600
SPECIFICATION_CODE_LINES = 750
FUNCTION_LINES = 80
FORBIDDEN_ROOM_NAMES = {"utils", "util", "helpers", "common", "manager", "misc"}
REGISTRY_HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|crates\.io/|repo\.maven|deb\.debian\.org"
)
TEXT_SUFFIXES = {".py", ".toml", ".txt", ".md", ".yaml", ".yml", ".json", ".cfg", ".sh", ""}


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_is_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


def code_lines(path: Path) -> int:
    """Lines of a file when every statement stands on one, without comments and docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lines = [line for line in ast.unparse(tree).splitlines() if line.strip()]
    docstrings = sum(
        len((ast.get_docstring(node, clean=False) or "").splitlines())
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    )
    return len(lines) - docstrings


def test_the_specification_stays_small() -> None:
    """ADR 6 says why it is not smaller."""
    counted = sum(code_lines(path) for path in (SOURCE / "spec").glob("*.py"))
    assert counted <= SPECIFICATION_CODE_LINES


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_function_fits_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = [
        f"{node.name} ({(node.end_lineno or 0) - node.lineno + 1} lines)"
        for node in functions(tree)
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_bare_root_is_never_a_name(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    names |= {a.arg for n in ast.walk(tree) if isinstance(n, ast.arguments) for a in n.args}
    names |= {node.name for node in functions(tree)}
    assert "root" not in names


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_no_room_is_a_drawer(path: Path) -> None:
    parts = {path.stem, *path.relative_to(SOURCE).parts[:-1]}
    assert not parts & FORBIDDEN_ROOM_NAMES


def committed_texts() -> list[Path]:
    skipped = {".git", ".venv", "node_modules"}
    return sorted(
        path
        for path in REPOSITORY.rglob("*")
        if path.is_file()
        and path.suffix in TEXT_SUFFIXES
        and not any(part in skipped or part.endswith("_cache") for part in path.parts)
        and path != Path(__file__)
    )


def test_no_file_names_a_package_registry() -> None:
    named = [
        name_of(path)
        for path in committed_texts()
        if REGISTRY_HOSTS.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert named == []


def test_every_requirement_is_pinned_with_a_hash() -> None:
    for path in sorted((REPOSITORY / "requirements").glob("*.txt")):
        blocks = re.split(r"\n(?=[A-Za-z0-9])", path.read_text(encoding="utf-8").strip())
        for block in blocks:
            assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,]+\])?==", block), (path.name, block)
            assert "--hash=sha256:" in block, (path.name, block)
