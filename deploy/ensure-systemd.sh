#!/bin/sh
# Ensure that systemd-analyze is installed: tests use it to check the timers that Dateline writes. If
# it cannot be installed, say so and continue: these tests are then skipped.
set -eu

if command -v systemd-analyze >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing the system package systemd ..."
    export DEBIAN_FRONTEND=noninteractive
    if { apt-get install -y --no-install-recommends systemd ||
        { apt-get update && apt-get install -y --no-install-recommends systemd; }; } \
        >/dev/null 2>&1 </dev/null && command -v systemd-analyze >/dev/null; then
        exit 0
    fi
fi
echo "systemd-analyze could not be installed, so the tests of timers are skipped."
