#!/bin/sh
# regress-source.sh DIRECTORY: brings PostgreSQL's own regression tests there, from the source package of Debian 12
# through apt, and builds the library of C functions that they load. Needs postgresql-server-dev-15 and a C compiler.
#
# The newest source package that the archive serves is taken: it may be of a minor version before the server's.
set -eu

directory=$1
major=15
mkdir -p "$directory/lists/partial" "$directory/parts" "$directory/cache/archives/partial"
cd "$directory"

# The system's own sources, asked for source packages; its lists and its cache stay as they are.
for file in /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" >"parts/$(basename "$file")"
done
if [ -f /etc/apt/sources.list ]; then
  sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >parts/system.list
fi
apt() {
  command=$1
  shift
  "apt-$command" -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$PWD/parts" \
    -o "Dir::State::lists=$PWD/lists" -o "Dir::Cache=$PWD/cache" -o APT::Sandbox::User=root "$@"
}
apt get -qq update
versions=$(apt cache showsrc "postgresql-$major" | sed -n 's/^Version: //p' | sort -rVu)
for version in $versions; do
  apt get -qq source --download-only "postgresql-$major=$version" && break
done
archive=$(ls -t "postgresql-${major}_"*.orig.tar.* 2>/dev/null | head -n 1)
if [ -z "$archive" ]; then
  echo "error: the archive serves no source of postgresql-$major" >&2
  exit 1
fi
rm -rf regress lib
tar -xf "$archive" --strip-components=3 --wildcards '*/src/test/regress/*'
mkdir lib
cc -shared -fPIC -O2 "-I$(/usr/lib/postgresql/$major/bin/pg_config --includedir-server)" \
  -o lib/regress.so regress/regress.c
cp "/usr/lib/postgresql/$major/lib/refint.so" "/usr/lib/postgresql/$major/lib/autoinc.so" lib/
echo "$archive" | sed 's/.*_\(.*\)\.orig.*/\1/' >version
# The server reads its data and writes its results as another user.
mkdir -p results
chmod -R a+rX .
chmod a+rwx results
