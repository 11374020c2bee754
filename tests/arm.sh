#!/bin/sh
# The kernels on aarch64, under qemu's `max` (i8mm, as on Graviton3 and 4), its Neoverse N1 (Graviton2: dot products) and
# its Cortex-A72 (neither): tests/kernels.rs compares NEON with the portable kernels, and their bits with those of x86-64.
# It needs no aarch64 machine and nothing but Debian's packages:
#
#   dpkg --add-architecture arm64 && apt-get update
#   apt-get install --no-install-recommends gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
#   tests/arm.sh [FOLDER]      what it downloads and builds goes to FOLDER, else target/arm
#
# The standard library for aarch64 comes from Debian's rustc-web, unpacked into the folder, not installed.
set -eu
cd "$(dirname "$0")/.."
folder=$(realpath -m "${1:-target/arm}")
mkdir -p "$folder"
if [ ! -x "$folder/root/usr/bin/rustc" ]; then
    (cd "$folder" && apt-get download rustc-web libstd-rust-web-1.96 libllvm22 libstd-rust-web-dev libstd-rust-web-dev:arm64)
    for package in "$folder"/*.deb; do dpkg -x "$package" "$folder/root"; done
fi
rustc() {
    LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu:$folder/root/usr/lib/llvm-22/lib" \
        "$folder/root/usr/bin/rustc" --sysroot "$folder/root/usr" --edition 2024 -D warnings -C opt-level=3 \
        -C overflow-checks=on --target aarch64-unknown-linux-gnu -C linker=aarch64-linux-gnu-gcc -C target-feature=+crt-static "$@"
}
# The kernels are a crate of their own that depends on nothing.
kernels=baton_kernels=$folder/libbaton_kernels.rlib
rustc --crate-type rlib --crate-name baton_kernels src/model/kernels/lib.rs -o "$folder/libbaton_kernels.rlib"
rustc --test tests/kernels.rs --extern "$kernels" -o "$folder/kernels"
for cpu in max neoverse-n1 cortex-a72; do
    echo "$cpu:"
    qemu-aarch64-static -cpu "$cpu" "$folder/kernels"
done

# What a block of the encoder costs, in instructions: every one a block of its own to qemu, and a line of its log.
rustc benches/instructions.rs --extern "$kernels" -o "$folder/instructions"
count() { # CPU ISA PRECISION TIMES
    qemu-aarch64-static -cpu "$1" -singlestep -d nochain,exec -D /dev/stderr "$folder/instructions" "$2" "$3" "$4" 2>&1 | wc -l
}
for cpu in max neoverse-n1; do
    isa=$(qemu-aarch64-static -cpu "$cpu" "$folder/instructions" | cut -d" " -f1)
    int8=$(($(count "$cpu" "$isa" int8 1) - $(count "$cpu" "$isa" int8 0)))
    f32=$(($(count "$cpu" "$isa" f32 1) - $(count "$cpu" "$isa" f32 0)))
    echo "$isa: a block for 12 tokens takes $int8 instructions in int8, $f32 in f32: $(awk "BEGIN { printf \"%.3f\", $int8 / $f32 }")"
done
