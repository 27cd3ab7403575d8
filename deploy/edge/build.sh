#!/usr/bin/env bash
# Builds the edge program: one native robotrl, with neither .NET nor TorchSharp to install beside it.
#   deploy/edge/build.sh x64|arm64|x64-portable [OUT]      OUT: folder for the program, default deploy/edge/out/x64 or arm64
# x64 is for processors with AVX2 (from 2013 on). x64-portable is for every other one, slower: robotrl-portable, which robotrl starts
# by itself where it lies beside it on such a processor.
set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

machine=${1:-}
name=robotrl portable=false
case "$machine" in
  x64 | arm64) ;;
  x64-portable) machine=x64 name=robotrl-portable portable=true ;;
  *) echo "build.sh: machine is \"$machine\"; allowed: x64, arm64, x64-portable. Call deploy/edge/build.sh arm64 for a Raspberry Pi." >&2; exit 2 ;;
esac
out=${2:-$root/deploy/edge/out/$machine}

missing=()
command -v dotnet >/dev/null || { echo "build.sh: the .NET SDK 10 is missing. Install it from https://dotnet.microsoft.com." >&2; exit 2; }
command -v clang >/dev/null || missing+=(clang)
command -v ld.lld >/dev/null || missing+=(lld)
[ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
if [ "$machine" = arm64 ] && [ "$(uname -m)" != aarch64 ]; then
  command -v aarch64-linux-gnu-gcc >/dev/null || missing+=(gcc-aarch64-linux-gnu)
  [ -e /usr/aarch64-linux-gnu/lib/Scrt1.o ] || missing+=(libc6-dev-arm64-cross)
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "build.sh: packages are missing. Run: sudo apt-get install ${missing[*]}" >&2
  exit 2
fi

# A folder of its own: packages differ from those of the other builds.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet publish "$root/src/RobotRl.Runtime" -c Release -r "linux-$machine" -p:PublishAot=true -p:TorchBackend=none -p:PortableProcessor=$portable \
  --artifacts-path "$work/artifacts" -o "$work/out" -nologo -v quiet
mkdir -p "$out"
install -m 755 "$work/out/robotrl" "$out/$name"
install -m 644 "$work/out/libSystem.IO.Ports.Native.so" "$out/"
# What the board's service needs besides.
install -m 755 "$root/deploy/robotrl-start" "$out/"
install -m 644 "$root/deploy/robotrl.service" "$out/"
echo "$out: $name, $(($(stat -c %s "$out/$name") / 1000)) kB"
