#!/bin/sh
# Fails when a binary asks for a newer glibc than the one of Lambda's Amazon Linux 2023.
#
#   infra/glibc.sh BINARY [NEWEST]
#
# readelf and not objdump: it reads a binary of any architecture.
set -eu

newest=${2:-2.34}
asked=$(readelf --wide --dyn-syms "$1" | grep -o '@GLIBC_[0-9.]*' | sed 's/.*_//' | sort -Vu | tail -n 1)
if [ -z "$asked" ]; then
    echo "$1: asks for no glibc at all; is it the binary?" >&2
    exit 1
fi
if [ "$(printf '%s\n' "$asked" "$newest" | sort -V | tail -n 1)" != "$newest" ]; then
    echo "$1: asks for glibc $asked, and Amazon Linux 2023 has $newest; build it on an older system:" >&2
    readelf --wide --dyn-syms "$1" | grep "@GLIBC_$asked" >&2
    exit 1
fi
echo "$1: asks for glibc $asked, $newest is there"
