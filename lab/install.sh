#!/bin/sh
# Brings what npm cannot: the programs of Debian and Ubuntu that tests and benches run. `lab/install.sh --tests`
# leaves out those that only measure, `--conformance` adds clients of PostgreSQL in other languages. Takes root, or sudo
# without a password; does nothing when all are there.
set -eu

missing=
need() {
  command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || ls /usr/lib/postgresql/*/bin/"$1" >/dev/null 2>&1 ||
    missing="$missing $2"
}
# The interpreter of the system: another one would not see the modules that its packages bring.
need_python() {
  /usr/bin/python3 -c "import $1" 2>/dev/null || missing="$missing python3 $2"
}
need make make
need psql postgresql-client
need pgbench postgresql
need nginx nginx-light
need haproxy haproxy
need curl curl
need git git
need ssh openssh-client
need sshd openssh-server
need ansible ansible-core
need busybox busybox-static
need dbclient dropbear-bin
need less less
need lftp lftp
need plink putty-tools
need rsync rsync
need strace strace
need tmux tmux
need top procps
need vi vim-tiny
# OpenSSH's own tests, and a security key in software; neither is a program on PATH.
[ -f /usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so ] || missing="$missing openssh-tests"
need chromium chromium
need_python asyncssh python3-asyncssh
need_python paramiko python3-paramiko
need_python websockets python3-websockets
need_python aiohttp python3-aiohttp
need_python psycopg python3-psycopg
need_python asyncpg python3-asyncpg
if [ "${1-}" != --tests ]; then
  need pgbouncer pgbouncer
  need wrk wrk
  need apache2 apache2
  need lighttpd lighttpd
  need varnishd varnish
  need gunicorn gunicorn
  [ -d /usr/share/jetty9 ] || missing="$missing jetty9"
fi
if [ "${1-}" = --conformance ]; then
  need_python psycopg2 python3-psycopg2
  need_python sqlalchemy python3-sqlalchemy
  need javac default-jdk-headless
  [ -f /usr/share/java/postgresql.jar ] || missing="$missing libpostgresql-jdbc-java"
fi
[ -n "$missing" ] || exit 0

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
as_root apt-get update -qq
# Unquoted: each name is an argument of its own.
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
