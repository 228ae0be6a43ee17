#!/bin/sh
# Write constraints.txt: the versions that a new installation chooses today. It serves every Python
# and system that Dateline supports: a pin for a package that is not needed does no harm.
set -eu

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

echo "Installing the latest versions in a temporary environment ..."
python=.venv/bin/python
[ -x "$python" ] || python=python3
"$python" -m venv "$fresh"
"$fresh/bin/python" -m pip install -qq --disable-pip-version-check --editable '.[dev,bench]'
{
    echo "# The versions Dateline is tested with. Written by \`make pins\`; do not edit."
    "$fresh/bin/python" -m pip freeze --disable-pip-version-check --exclude-editable
} >"$fresh/constraints.txt"
mv "$fresh/constraints.txt" constraints.txt
echo "Wrote constraints.txt: $(grep -c == constraints.txt) versions."
