#!/bin/bash
# Builds the Dockerfile for real, on a machine without a Docker engine and without a registry of images, and
# runs the function in what came out. `make image-test` runs it; it needs root, buildah and mmdebstrap.
#
# What FROM names can't be pulled here, so Debian stands in for it under the same names: the compiler's base is
# Debian 12 as it is in the real one, with this machine's Rust; the function's base is Debian 12 instead of
# Amazon Linux 2023, whose older glibc infra/glibc.sh checks for. Bases and caches are kept between runs.
#
# ARCH=arm64 cross-compiles for Graviton, with Debian's rustc-web, which has the standard library for it, and runs the
# image by qemu, which the kernel must know of:
#
#   apt-get install --no-install-recommends qemu-user-static
#   mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
#   cat /usr/lib/binfmt.d/qemu-aarch64.conf > /proc/sys/fs/binfmt_misc/register
set -euo pipefail
cd "$(dirname "$0")/.."

MODEL=${MODEL:-ner}
MOST_MB=60 # over the base
HERE=$(dpkg --print-architecture)
ARCH=${ARCH:-$HERE}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/baton-image-test
[ "$ARCH" = "$HERE" ] || CACHE=$CACHE-$ARCH
mkdir -p "$CACHE/tmp"
export TMPDIR=$CACHE/tmp # where buildah keeps the cache mounts: the dependencies, compiled
STORE=(buildah --root "$CACHE/storage" --runroot "$CACHE/run" --storage-driver vfs)
FUNCTION_BASE=$(sed -n 's/^FROM \(public[^ ]*\)$/\1/p' Dockerfile)
RUST_BASE=$(sed -n 's/^FROM .* \([^ ]*rust:[^ ]*\) AS .*/\1/p' Dockerfile)
IMAGE=localhost/baton-test:$MODEL

for tool in buildah mmdebstrap; do
    command -v "$tool" >/dev/null || { echo "image-test: $tool is missing: apt-get install buildah mmdebstrap" >&2; exit 2; }
done

if [ "$ARCH" != "$HERE" ] && [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]; then
    echo "image-test: the kernel can't run programs for $ARCH; the head of $0 says how it can" >&2
    exit 2
fi

# debian NAME ARCHITECTURES PACKAGES: a Debian 12 as the image NAME; prints the working container, to be added to.
debian() {
    local tar container
    tar=$CACHE/$(echo "$1" | tr '/:' '--').tar
    if [ ! -e "$tar" ]; then
        mmdebstrap --quiet --variant=minbase --architectures="$2" --include="$3" bookworm "$tar.part" >&2
        mv "$tar.part" "$tar"
    fi
    container=$("${STORE[@]}" from --arch "${2%%,*}" scratch)
    "${STORE[@]}" add --quiet "$container" "$tar" / >&2
    echo "$container"
}

commit() { # CONTAINER NAME
    "${STORE[@]}" commit --quiet --rm "$1" "$2" >/dev/null
}

have() { "${STORE[@]}" inspect --type image "$1" >/dev/null 2>&1; }

if ! have "$FUNCTION_BASE"; then
    echo "image-test: making the base $FUNCTION_BASE"
    commit "$(debian "$FUNCTION_BASE" "$ARCH" ca-certificates)" "$FUNCTION_BASE"
fi
TOOLS=ca-certificates,gcc,g++,libc6-dev,make,pkg-config
if ! have "$RUST_BASE" && [ "$ARCH" != "$HERE" ]; then
    echo "image-test: making the base $RUST_BASE, for $ARCH"
    # What the Dockerfile would fetch by rustup and apt-get is there already.
    container=$(debian "$RUST_BASE" "$HERE,$ARCH" \
        "$TOOLS,gcc-aarch64-linux-gnu,libc6-dev-$ARCH-cross,cargo-web,libstd-rust-web-dev,libstd-rust-web-dev:$ARCH")
    commit "$container" "$RUST_BASE"
elif ! have "$RUST_BASE"; then
    echo "image-test: making the base $RUST_BASE"
    rust=$(rustc --version | cut -d' ' -f2)
    case "$RUST_BASE" in *rust:"${rust%.*}"-*) ;; *) echo "image-test: this machine has Rust $rust, the Dockerfile wants $RUST_BASE" >&2; exit 2 ;; esac
    container=$(debian "$RUST_BASE" "$HERE" "$TOOLS")
    sysroot=$(rustc --print sysroot)
    for folder in bin lib libexec; do
        "${STORE[@]}" add --quiet "$container" "$sysroot/$folder" "/usr/local/$folder" >/dev/null
    done
    "${STORE[@]}" config --env CARGO_HOME=/usr/local/cargo \
        --env PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    commit "$container" "$RUST_BASE"
fi

# The host's certificates, since a machine may reach its package registry through a proxy that has its own. TARGETARCH
# instead of --platform: this buildah takes the latter for the stages that run here too.
"${STORE[@]}" bud --quiet --isolation chroot --pull-never --volume /etc/ssl/certs:/etc/ssl/certs:ro \
    --build-arg TARGETARCH="$ARCH" --build-arg MODEL="$MODEL" --tag "$IMAGE" .

# Nothing but the binary and the model, and how large they are.
base=$("${STORE[@]}" from --pull-never --arch "$ARCH" "$FUNCTION_BASE")
container=$("${STORE[@]}" from --pull-never --arch "$ARCH" "$IMAGE")
trap '"${STORE[@]}" rm "$base" "$container" >/dev/null' EXIT
base_root=$("${STORE[@]}" mount "$base")
root=$("${STORE[@]}" mount "$container")
added=$(comm -3 <(cd "$base_root" && find . -type f | sort) <(cd "$root" && find . -type f | sort) | tr -d '\t')
echo "$added" | sed 's/^/  /'
if echo "$added" | grep -vE '^\./var/task/(bootstrap$|model/[^/]+$)'; then
    echo "image-test: the image has more than the binary and the model" >&2
    exit 1
fi
megabytes=$(cd "$root" && echo "$added" | xargs du --bytes --total | tail -n 1 | awk '{ printf "%.1f", $1 / 1e6 }')
awk -v is="$megabytes" -v most="$MOST_MB" 'BEGIN { exit !(is <= most) }' ||
    { echo "image-test: $megabytes MB over the base, $MOST_MB is the most" >&2; exit 1; }
"${STORE[@]}" inspect --format '{{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}}' "$container" | grep -qx '1000:1000 \[/var/task/bootstrap\]' ||
    { echo "image-test: the image's user or entrypoint is not what it should be" >&2; exit 1; }
echo "image-test: $megabytes MB over the base"

# Then the function, in the image, on a queue and a bucket (tests/image.rs).
BATON_TEST_IMAGE_RUN="${STORE[*]} run --isolation chroot" BATON_TEST_IMAGE="$container" \
    cargo test --release --locked --test image -- --ignored
