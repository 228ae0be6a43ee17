#!/bin/sh
# Ensure that the browser tests have a Chromium: the system's, else Debian's package, else
# Playwright's. If none can be installed, say so and continue: these tests are then skipped.
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

echo "Downloading Playwright's Chromium ..."
if ! .venv/bin/python -m playwright install chromium >/dev/null 2>&1 </dev/null; then
    echo "Chromium could not be installed, so the browser tests are skipped. Install chromium to run them."
fi
