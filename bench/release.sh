#!/usr/bin/env bash
# Builds wheels and sdist twice and compares them, tries the wheel in a clean environment, and lists what it stands on.
set -euo pipefail
cd "$(dirname "$0")/.."
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0
python=.venv/bin/python

build() { # into dist/
    make --silent wheel
    $python -c 'from setuptools import build_meta; build_meta.build_sdist("dist")' >/dev/null
    rm -rf ./*.egg-info
    $python - <<'PY' # setuptools stamps the archive with the clock: written anew, by name, with one date
import gzip, io, os, tarfile
from pathlib import Path

day = int(os.environ["SOURCE_DATE_EPOCH"])
for path in Path("dist").glob("*.tar.gz"):
    out = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as new:
        for member in sorted(old.getmembers(), key=lambda one: one.name):
            member.mtime, member.uid, member.gid, member.uname, member.gname = day, 0, 0, "", ""
            member.pax_headers = {}
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=day) as packed:
        packed.write(out.getvalue())
PY
    (cd dist && sha256sum ./*.whl ./*.tar.gz)
}

first=$(build)
second=$(build)
if [ "$first" != "$second" ]; then
    echo "two builds differ:" >&2
    diff <(echo "$first") <(echo "$second") >&2
    exit 1
fi

rm -rf build/release && python3 -m venv build/release
build/release/bin/python -m pip install --quiet dist/facewarden_slim-*.whl opencv-python-headless
build/release/bin/facewarden demo --out build/release/demo >/dev/null
build/release/bin/facewarden policy test
build/release/bin/python - > dist/sbom.cdx.json <<'PY'  # CycloneDX, of what the clean environment holds
import json
from importlib.metadata import distributions

parts = sorted({(one.name, one.version) for one in distributions()})
components = [
    {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"}
    for name, version in parts
]
print(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}, indent=2))
PY
echo "$first" | tee dist/SHA256SUMS
echo "ready to sign: python -m sigstore sign dist/*.whl dist/*.tar.gz"
