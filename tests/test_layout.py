"""The wheel ships what the folders hold, under one name each, and lives beside a host's own modules."""

import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest

from facewarden.detector import Guard

ROOT = Path(__file__).parents[1]
FOLDERS = ("bench", "detector", "models", "streams")
ITSELF = ROOT / "detector" / "package"  # what `facewarden` itself is
TRAINING = ROOT / "models" / "training"  # makes what ships, and does not ship itself


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the sources, so that nothing left over from an earlier build gets in."""
    copy = tmp_path_factory.mktemp("sources")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / file, copy)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", "."]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options], cwd=copy, check=True)
    return next((copy / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel and its dependencies, and not this checkout."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(command, check=True)
    (site,) = home.glob("lib/python3.*/site-packages")
    # A path line makes the dependencies importable without running the .pth files there: the editable install is one.
    (site / "dependencies.pth").write_text(str(Path(pytest.__file__).parents[1]))
    return python


def shipping(folder: str) -> list[Path]:
    """The files of a folder that belong in the wheel."""
    files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return [path for path in files if not path.is_relative_to(TRAINING)]


def installed(path: Path) -> Path:
    """Where a file or folder of the repository stands once it is installed."""
    if path.is_relative_to(ITSELF):
        return Path("facewarden", path.relative_to(ITSELF))
    return Path("facewarden", path.relative_to(ROOT))


def run(python: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run([python, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=True)


def test_every_package_on_disk_is_listed() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    inits = [path for folder in FOLDERS for path in shipping(folder) if path.name == "__init__.py"]

    assert set(setuptools["packages"]) == {".".join(installed(path.parent).parts) for path in inits}


def test_no_source_file_is_loaded_under_two_names() -> None:
    assert Guard.__module__ == "facewarden.detector.guard"
    names: dict[Path, set[str]] = defaultdict(set)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file).is_relative_to(ROOT) and Path(file).relative_to(ROOT).parts[0] in FOLDERS:
            names[Path(file).resolve()].add(name)

    assert all(len(found) == 1 for found in names.values()), names


def test_what_a_host_installs_leaves_its_setuptools_alone() -> None:
    """Of late ones `pkg_resources` is gone, without which face_recognition does not start."""
    lines = (ROOT / "requirements" / "run.lock").read_text(encoding="utf-8").splitlines()
    assert "setuptools" not in {line.partition("==")[0] for line in lines}


def test_data_files_are_reachable_from_the_installed_package() -> None:
    assert files("facewarden.detector.policy.packs").joinpath("microsoft.toml").is_file()
    assert files("facewarden.detector.audit").joinpath("sample", "site.toml").is_file()


def test_the_wheel_holds_every_source_and_data_file_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if name.startswith("facewarden/")}
    left_out = {".pyc", ".svg"}  # what Python made, and the README's picture
    on_disk = (path for folder in FOLDERS for path in shipping(folder) if path.suffix not in left_out)

    assert shipped == {str(installed(path)) for path in on_disk}


def test_the_wheel_works_in_a_clean_environment(clean: Path, tmp_path: Path) -> None:
    answer = run(clean, "-m", "facewarden", "classify", "--json", "synthetic:fixed?seconds=0.5", cwd=tmp_path)

    assert '"source":"fixed"' in answer.stdout
    assert run(clean, "-c", "import facewarden; print(facewarden.__version__)", cwd=tmp_path).stdout == "0.1.0\n"


def test_a_host_with_modules_of_our_folders_names_keeps_its_own(clean: Path, tmp_path: Path) -> None:
    (tmp_path / "detector.py").write_text("NAME = 'the host'\n")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text("NAME = 'the host'\n")
    (tmp_path / "app.py").write_text(
        "import detector, models\n"
        "from facewarden.detector import Guard\n"
        "assert Guard().packs[0].name == 'microsoft'\n"
        "print(detector.NAME, models.NAME)\n"
    )

    assert run(clean, "app.py", cwd=tmp_path).stdout == "the host the host\n"
