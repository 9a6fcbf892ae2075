#!/bin/sh
# Installs Debian's Chromium for the tests in a browser.
set -eu
. "$(dirname "$0")/debian.sh"
install chromium
