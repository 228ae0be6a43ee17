#!/bin/sh
# Create the virtual environment .venv. Keep an existing one if it works.
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
    echo "Python 3.11 or later is missing. Install it (Debian 12: apt-get install python3) and try again." >&2
    exit 1
fi

make_venv() {
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 || "$python" -m virtualenv --quiet .venv 2>/dev/null
}

echo "Creating the virtual environment .venv with $("$python" --version) ..."
if make_venv; then
    exit 0
fi
# On Debian and Ubuntu venv is a separate package.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing the system package python3-venv ..."
    if { apt-get install -y --no-install-recommends python3-venv ||
        { apt-get update && apt-get install -y --no-install-recommends python3-venv; }; } \
        >/dev/null 2>&1 </dev/null && make_venv; then
        exit 0
    fi
fi
rm -rf .venv
echo "Python's venv module is missing. Install it (Debian, Ubuntu: apt-get install python3-venv) and try again." >&2
exit 1
