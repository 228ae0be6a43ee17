#!/bin/sh
# Make the virtual environment .venv, or keep the one there is where it works.
set -eu

modern='import sys; sys.exit(sys.version_info < (3, 11))'

if .venv/bin/python -c "$modern" 2>/dev/null && .venv/bin/python -m pip --version >/dev/null 2>&1; then
    exit 0
fi

python=
for candidate in python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c "$modern" 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Dateline needs Python 3.11 or later: install it (Debian 12: apt-get install python3) and try again." >&2
    exit 1
fi

make_venv() {
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 || "$python" -m virtualenv --quiet .venv 2>/dev/null
}

echo "Making the virtual environment .venv with $("$python" --version) ..."
if make_venv; then
    exit 0
fi
# Debian and Ubuntu keep venv in a package of its own.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing the system package python3-venv ..."
    if { apt-get install -y --no-install-recommends python3-venv ||
        { apt-get update && apt-get install -y --no-install-recommends python3-venv; }; } \
        >/dev/null 2>&1 </dev/null && make_venv; then
        exit 0
    fi
fi
rm -rf .venv
echo "Python's venv module is missing: install it (Debian, Ubuntu: apt-get install python3-venv) and try again." >&2
exit 1
