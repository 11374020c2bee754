#!/bin/bash
# Builds the Dockerfile for real, on a machine without a Docker engine and without a registry of images, and
# runs the function in what came out. `make image-test` runs it; it needs root, buildah and mmdebstrap.
#
# What FROM names can't be pulled here, so Debian stands in for it under the same names: the compiler's base is
# Debian 12 as it is in the real one, with this machine's Rust; the function's base is Debian 12 instead of
# Amazon Linux 2023, whose older glibc infra/glibc.sh checks for. Bases and caches are kept between runs.
set -euo pipefail
cd "$(dirname "$0")/.."

MODEL=${MODEL:-ner}
MOST_MB=60 # over the base
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/baton-image-test
mkdir -p "$CACHE/tmp"
export TMPDIR=$CACHE/tmp # where buildah keeps the cache mounts: the dependencies, compiled
STORE=(buildah --root "$CACHE/storage" --runroot "$CACHE/run" --storage-driver vfs)
FUNCTION_BASE=$(sed -n 's/^FROM \(public[^ ]*\)$/\1/p' Dockerfile)
RUST_BASE=$(sed -n 's/^FROM .* \([^ ]*rust:[^ ]*\) AS .*/\1/p' Dockerfile)
IMAGE=localhost/baton-test:$MODEL

for tool in buildah mmdebstrap; do
    command -v "$tool" >/dev/null || { echo "image-test: $tool is missing: apt-get install buildah mmdebstrap" >&2; exit 2; }
done

# debian NAME PACKAGES: a Debian 12 as the image NAME; prints the working container, to be added to.
debian() {
    local tar container
    tar=$CACHE/$(echo "$1" | tr '/:' '--').tar
    if [ ! -e "$tar" ]; then
        mmdebstrap --quiet --variant=minbase --include="$2" bookworm "$tar.part" >&2
        mv "$tar.part" "$tar"
    fi
    container=$("${STORE[@]}" from scratch)
    "${STORE[@]}" add --quiet "$container" "$tar" / >&2
    echo "$container"
}

commit() { # CONTAINER NAME
    "${STORE[@]}" commit --quiet --rm "$1" "$2" >/dev/null
}

have() { "${STORE[@]}" inspect --type image "$1" >/dev/null 2>&1; }

if ! have "$FUNCTION_BASE"; then
    echo "image-test: making the base $FUNCTION_BASE"
    commit "$(debian "$FUNCTION_BASE" ca-certificates)" "$FUNCTION_BASE"
fi
if ! have "$RUST_BASE"; then
    echo "image-test: making the base $RUST_BASE"
    rust=$(rustc --version | cut -d' ' -f2)
    case "$RUST_BASE" in *rust:"${rust%.*}"-*) ;; *) echo "image-test: this machine has Rust $rust, the Dockerfile wants $RUST_BASE" >&2; exit 2 ;; esac
    container=$(debian "$RUST_BASE" ca-certificates,gcc,g++,libc6-dev,make,pkg-config)
    sysroot=$(rustc --print sysroot)
    for folder in bin lib libexec; do
        "${STORE[@]}" add --quiet "$container" "$sysroot/$folder" "/usr/local/$folder" >/dev/null
    done
    "${STORE[@]}" config --env CARGO_HOME=/usr/local/cargo \
        --env PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    commit "$container" "$RUST_BASE"
fi

# The host's certificates, since a machine may reach its package registry through a proxy that has its own.
"${STORE[@]}" bud --quiet --isolation chroot --pull-never --volume /etc/ssl/certs:/etc/ssl/certs:ro \
    --build-arg MODEL="$MODEL" --tag "$IMAGE" .

# Nothing but the binary and the model, and how large they are.
base=$("${STORE[@]}" from --pull-never "$FUNCTION_BASE")
container=$("${STORE[@]}" from --pull-never "$IMAGE")
trap '"${STORE[@]}" rm "$base" "$container" >/dev/null' EXIT
base_root=$("${STORE[@]}" mount "$base")
root=$("${STORE[@]}" mount "$container")
added=$(diff <(cd "$base_root" && find . -type f | sort) <(cd "$root" && find . -type f | sort) | sed -n 's/^[<>] //p')
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
