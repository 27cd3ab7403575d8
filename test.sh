#!/usr/bin/env bash
# Builds everything and runs every test. Says what it installs. Ends with one line: N passed, N failed, N skipped.
#   ./test.sh [NAME...]     only test projects whose names contain one of the words
set -u -o pipefail
cd "$(dirname "$0")" || exit 2

if ! command -v dotnet >/dev/null; then
  echo "test.sh: the .NET SDK 10 is missing. Install it from https://dotnet.microsoft.com and run ./test.sh again." >&2
  exit 2
fi

# The pendulum rig (firmware in simavr), the MQTT tests and the edge programs (ARM64 in qemu) need these packages of Debian.
missing=()
command -v dpkg-query >/dev/null && for package in gcc make gcc-avr avr-libc libsimavr-dev libelf-dev mosquitto socat clang lld zlib1g-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "test.sh: installing ${missing[*]}"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || exit 2
  else
    echo "test.sh: packages are missing. Run: sudo apt-get install ${missing[*]}" >&2
    exit 2
  fi
fi
# What an ARM64 program stands on, for the edge programs in qemu.
if command -v dpkg-query >/dev/null && [ "$(dpkg --print-architecture)" = amd64 ] && ! dpkg-query -W -f='${Status}' libssl3:arm64 2>/dev/null | grep -q 'ok installed'; then
  if [ "$(id -u)" -eq 0 ]; then
    echo "test.sh: installing libssl3:arm64"
    dpkg --add-architecture arm64 && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libssl3:arm64 >/dev/null || exit 2
  else
    echo "test.sh: a package is missing. Run: sudo dpkg --add-architecture arm64 && sudo apt-get update && sudo apt-get install libssl3:arm64" >&2
    exit 2
  fi
fi
make -s -C hil/pendulum || exit 1

dotnet build RobotRl.sln -c Release -nologo -v quiet || exit 1

passed=0 failed=0 skipped=0
for project in tests/*/*.csproj hil/*/tests/*.csproj; do
  name=$(basename "$project" .csproj)
  runner="$(dirname "$project")/bin/Release/net10.0/$name"
  case "$name" in *.Tests | RobotRl.Conformance) ;; *) continue ;; esac
  if [ $# -gt 0 ]; then
    wanted=no
    for word in "$@"; do case "$name" in *"$word"*) wanted=yes ;; esac; done
    [ $wanted = yes ] || continue
  fi
  log=$(mktemp)
  "$runner" -noColor -noLogo 2>&1 | tee "$log" | grep -vE '^ +(Discover|Start|Finish)'
  status=$?
  line=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)
  rm -f "$log"
  if [ -z "$line" ]; then
    echo "test.sh: $name ended without a summary (exit code $status)." >&2
    failed=$((failed + 1))
    continue
  fi
  read -r total errors bad skip <<<"$(echo "$line" | tr -dc '0-9 \n')"
  failed=$((failed + bad + errors))
  skipped=$((skipped + skip))
  passed=$((passed + total - bad - skip))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
