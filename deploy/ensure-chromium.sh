#!/bin/sh
# Make sure of a Chromium for the browser tests: the system's, else Debian's package, else
# Playwright's own. Where none can be had, say so and go on: those tests are then skipped.
set -eu

for program in chromium chromium-browser google-chrome; do
    if command -v "$program" >/dev/null; then
        exit 0
    fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing the system package chromium ..."
    export DEBIAN_FRONTEND=noninteractive
    if { apt-get install -y --no-install-recommends chromium ||
        { apt-get update && apt-get install -y --no-install-recommends chromium; }; } \
        >/dev/null 2>&1 </dev/null && command -v chromium >/dev/null; then
        exit 0
    fi
fi

echo "Fetching Playwright's Chromium ..."
if ! .venv/bin/python -m playwright install chromium >/dev/null 2>&1 </dev/null; then
    echo "No Chromium could be had, so the browser tests are skipped: install chromium to run them."
fi
