#!/bin/sh
# Write constraints.txt: the versions that a fresh installation chooses today, for every Python
# and system that Dateline supports (a pin for a package not needed somewhere does no harm there).
set -eu

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

echo "Installing the latest versions in a temporary environment ..."
python=.venv/bin/python
[ -x "$python" ] || python=python3
"$python" -m venv "$fresh"
"$fresh/bin/python" -m pip install -qq --disable-pip-version-check --editable '.[dev,bench]'
{
    echo "# The versions Dateline is tested with. Made by \`make pins\`; do not edit."
    "$fresh/bin/python" -m pip freeze --disable-pip-version-check --exclude-editable
} >"$fresh/constraints.txt"
mv "$fresh/constraints.txt" constraints.txt
echo "Wrote constraints.txt: $(grep -c == constraints.txt) versions."
