"""The layers hold: ui → ingest → assistant, each heavy library behind one door, nothing heavy at import.

Read from the source with `ast`, so an import inside a function counts too.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("assistant", "ingest", "ui")
BELOW = {"assistant": {"assistant"}, "ingest": {"assistant", "ingest"}, "ui": {"assistant", "ingest", "ui"}}
DOORS = {
    "sqlite3": {"assistant/database.py"},
    "chromadb": {"assistant/vectors.py"},
    "huggingface_hub": {"assistant/embedding.py"},
    "openvino": {"assistant/embedding.py"},
    "sentence_transformers": {"assistant/embedding.py"},
    "tokenizers": {"assistant/embedding.py"},
    "torch": {"assistant/embedding.py"},
    "transformers": {"assistant/embedding.py"},
    "langchain": {"assistant/chat_model.py"},
    "langchain_openai": set(),  # init_chat_model imports it by the provider's name
    "langchain_core": {"assistant/chat_model.py", "assistant/langchain_adapters.py"},
    "trafilatura": {"ingest/parse_html.py"},
    "pypdfium2": {"ingest/parse_pdf.py"},
    "docx": {"ingest/parse_docx.py"},
}
HEAVY = (
    "chromadb",
    "docx",
    "huggingface_hub",
    "langchain",
    "langchain_core",
    "langchain_openai",
    "openvino",
    "pypdfium2",
    "sentence_transformers",
    "streamlit",
    "tokenizers",
    "torch",
    "trafilatura",
    "transformers",
)
FOLDERS = {".ci", "assistant", "ingest", "tests", "ui"}
VAGUE = {"chunk", "context", "doc", "docs", "helper", "helpers", "manager", "node", "nodes", "util", "utils"}
IMPOSED = {"run_manager", "ssl_context"}  # parameters that LangChain and httpcore pass by name


def sources(*layers: str) -> list[Path]:
    """Return every Python file of the layers, in order."""
    return [path for layer in layers for path in sorted((ROOT / layer).rglob("*.py"))]


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted name of every module that the file imports, anywhere in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively; name the package"
            yield node.module or ""


def defined(path: Path) -> Iterator[str]:
    """Yield every name of a class, function or parameter in the file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


def relative(path: Path) -> str:
    """Return the path as it is written in this file."""
    return path.relative_to(ROOT).as_posix()


def words(name: str) -> set[str]:
    """Return the lower-case words of a snake_case or CamelCase name."""
    spaced = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return set(spaced.split("_"))


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_imports_only_what_is_below_it(layer: str) -> None:
    ours = {*LAYERS, "tests"}
    wrong = {
        (relative(path), module)
        for path in sources(layer)
        for module in imported(path)
        if module.split(".")[0] in ours - BELOW[layer]
    }
    assert wrong == set()


def test_streamlit_stays_in_the_page() -> None:
    assert {relative(path) for path in sources("assistant", "ingest") if "streamlit" in {*imported(path)}} == set()


@pytest.mark.parametrize("library", sorted(DOORS))
def test_door_is_in_use(library: str) -> None:
    users = {
        relative(path) for path in sources(*LAYERS) for module in imported(path) if module.split(".")[0] == library
    }
    assert users == DOORS[library]


def test_importing_the_product_loads_nothing_heavy() -> None:
    code = f"""
import json, sys
import assistant, assistant.assistant, ingest.sync, ui.cli
print(json.dumps(sorted({set(HEAVY)!r} & set(sys.modules))))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stderr, run.stdout.strip()) == (0, "", "[]")


@pytest.mark.parametrize("path", sources(*LAYERS), ids=relative)
def test_names_say_what_they_are(path: Path) -> None:
    allowed = {"chunk"} if path.name == "chunk.py" else set()
    names = {path.stem, *defined(path)} - IMPOSED
    assert {name for name in names if words(name) & (VAGUE - allowed)} == set()


@pytest.mark.parametrize("path", sources(*LAYERS), ids=relative)
def test_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{relative(path)} has no docstring"


def test_top_level_holds_only_the_known_folders() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout, so there is no list of what belongs to it")
    assert {line.split("/")[0] for line in listed.stdout.splitlines() if "/" in line} <= FOLDERS
