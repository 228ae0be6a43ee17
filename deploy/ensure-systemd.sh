#!/bin/sh
# Make sure of systemd-analyze, by which tests check the timers we write. Where it cannot be had, say
# so and go on: those tests are then skipped.
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
echo "There is no systemd-analyze, so the tests of timers are skipped."
