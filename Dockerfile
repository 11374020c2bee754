# The function as an image: the binary and one model, and nothing else.
#
#   docker buildx build --platform linux/arm64 --provenance=false --sbom=false --build-arg MODEL=ner -t baton:ner --load .
#
# The compiler runs on the builder's own architecture and compiles for the image's: emulated, it takes an hour.

FROM --platform=$BUILDPLATFORM docker.io/library/rust:1.95-bookworm AS toolchain
ARG TARGETARCH
# The cross compiler is whatever the base's Debian has: it decides nothing that ends up in the image but glibc's
# symbols, and those are checked below.
# hadolint ignore=DL3008
RUN set -eu; \
    case "$TARGETARCH" in \
        amd64) cpu=x86_64 gcc=gcc-x86-64-linux-gnu ;; \
        arm64) cpu=aarch64 gcc=gcc-aarch64-linux-gnu ;; \
        *) echo "Lambda has no processors of the kind '$TARGETARCH': build for linux/amd64 or linux/arm64" >&2; exit 1 ;; \
    esac; \
    echo "$cpu-unknown-linux-gnu" > /target; \
    if [ ! -d "$(rustc --print target-libdir --target "$cpu-unknown-linux-gnu")" ]; then \
        rustup target add "$cpu-unknown-linux-gnu"; \
    fi; \
    if ! command -v "$cpu-linux-gnu-gcc"; then \
        apt-get update; \
        apt-get install --yes --no-install-recommends "$gcc" "libc6-dev-$TARGETARCH-cross"; \
        rm -rf /var/lib/apt/lists/*; \
    fi
# Which of these is asked for depends on the two architectures; natively it is what it would be anyway.
ENV CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=x86_64-linux-gnu-gcc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc

FROM toolchain AS build
WORKDIR /baton
COPY . .
# The caches hold the dependencies, compiled: an edit of src/ rebuilds src/ alone.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/baton/target,sharing=locked \
    set -eu; \
    here=$(uname -m)-unknown-linux-gnu; there=$(cat /target); \
    cargo build --profile ship --locked --package baton --target "$there"; \
    cargo build --profile ship --locked --package model-fetch --target "$here"; \
    install -D "target/$there/ship/baton" /out/bootstrap; \
    install -D "target/$here/ship/model-fetch" /out/model-fetch; \
    infra/glibc.sh /out/bootstrap

FROM build AS model
ARG MODEL=ner
RUN /out/model-fetch fetch "$MODEL" --out /out/models && mv "/out/models/$MODEL" /out/model

FROM public.ecr.aws/lambda/provided:al2023
COPY --from=build --chmod=0755 /out/bootstrap /var/task/bootstrap
COPY --from=model /out/model /var/task/model
ENV BATON_MODEL=/var/task/model
# Lambda has a user of its own and ignores this; anywhere else it is what keeps Baton from being root.
USER 1000:1000
WORKDIR /var/task
ENTRYPOINT ["/var/task/bootstrap"]
