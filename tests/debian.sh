# For the scripts beside it that install Debian's packages for the tests: as root, or with sudo that asks for no password.
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
command -v apt-get > /dev/null || { echo "there is no apt-get to install it with" >&2; exit 1; }
as_root true 2> /dev/null || { echo "installing it needs root, or sudo without a password" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
get() { as_root apt-get install -y -q --no-install-recommends "$@" > /dev/null; }
install() { get "$@" || { as_root apt-get update -q > /dev/null; get "$@"; }; }
