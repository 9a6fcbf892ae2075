#!/bin/sh
# Installs Debian's PostgreSQL server for the tests, without starting one: the tests start their own, on loopback, with its data in
# a temporary folder.
set -eu
. "$(dirname "$0")/debian.sh"
install postgresql-common
# No server of its own on the standard port.
as_root sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
install postgresql
