# What people and CI run. All that it installs lies in this folder: target/, .tools/, .venv/.

BATON := target/release/baton
DENY := .tools/bin/cargo-deny
DENY_VERSION := 0.20.2
PYTHON ?= python3

BENCH_PYTHON ?= .tools/bench/bin/python
TRAIN_PYTHON ?= .tools/train/bin/python

.PHONY: demo help build bench check fmt clippy docs deny advisories test test-arm report-test schemas eval train train-what clean

## Build, and show real results on the sample documents.
demo: build
	$(BATON) local samples/documents --out out
	@$(BATON) report out

## What there is to make.
help:
	@awk '/^## / { said = said (said ? " " : "") substr($$0, 4); next } \
	    /^[a-z-]+:/ && said { printf "%-12s %s\n", substr($$1, 1, index($$1, ":") - 1), said } \
	    { said = "" }' $(MAKEFILE_LIST)

# The workspace, as the tests build it: by itself the binary's crates have fewer features, and would be built a second time.
build:
	cargo build --release --locked --workspace

## Everything that can be said without running the tests.
check: fmt clippy docs deny advisories

fmt:
	cargo fmt --all --check

clippy:
	cargo clippy --release --locked --workspace --all-targets -- -D warnings

# For those who work on it, private items included; links to these are no mistake.
docs:
	RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --release --locked --workspace --no-deps --document-private-items

deny: $(DENY)
	$(DENY) --locked --config .cargo/deny.toml check licenses bans sources

# The advisories' database is on the network: without it there is nothing to check against, and that is said.
advisories: $(DENY)
	@if $(DENY) --locked --config .cargo/deny.toml fetch db >/dev/null 2>&1; \
	then $(DENY) --locked --config .cargo/deny.toml check --disable-fetch advisories; \
	else echo "advisories: not checked, their database can't be reached from here"; fi

$(DENY):
	cargo install --quiet --locked --root .tools --version $(DENY_VERSION) cargo-deny

## All tests, on the real protocols; once its tools are fetched, nothing leaves this machine.
test: .venv/ready
	@if command -v cargo-nextest >/dev/null; \
	then cargo nextest run --release --locked --workspace; \
	else cargo test --release --locked --workspace; fi
	cargo test --release --locked --workspace --doc

## The kernels on aarch64, under qemu, and their instructions counted: tests/arm.sh says what it needs.
test-arm:
	tests/arm.sh

# What plays S3, SQS and Lambda in the tests.
.venv/ready: tests/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@

## The report in a browser: needs chromium (apt-get install chromium). Its pictures are in target/report/pictures.
report-test: build .tools/report/ready
	.tools/report/bin/python tests/report/browser.py $(BATON) target/report target/report/pictures

.tools/report/ready: tests/report/requirements.txt
	$(PYTHON) -m venv .tools/report
	.tools/report/bin/pip install --quiet --disable-pip-version-check -r tests/report/requirements.txt
	touch $@

## Write the published JSON Schemas anew, after a change of the contract.
schemas: build
	for name in document enriched handoff rejection; do $(BATON) schema $$name > samples/schemas/$$name.schema.json; done

## Score a model on labelled data: make eval DATA=FILE [MODEL=DIR] [PRECISION=f32 or int8]
eval: build
	@test -n "$(DATA)" || { echo "make eval: which data? DATA=FILE.conll or FILE.jsonl (model-fetch/eval/eval.py says more)"; exit 2; }
	@$(PYTHON) model-fetch/eval/eval.py "$(DATA)" $(if $(MODEL),--model "$(MODEL)") $(if $(PRECISION),--precision $(PRECISION))

## Make a shipped model anew, and score it: make train MODEL=ner or sentiment DATA=DIR [OUT=DIR] [SCALE=SHARE]; where the
## data is from says model-fetch/train/README.md. TRAIN_PYTHON is a Python that has train/requirements.txt already.
train: train-what build $(if $(filter .tools/%,$(TRAIN_PYTHON)),.tools/train/ready)
	$(TRAIN_PYTHON) model-fetch/train/recipe.py $(MODEL) --data "$(DATA)" --out "$(or $(OUT),target/train)" --scale $(or $(SCALE),1)

train-what:
	@test "$(MODEL)" = ner -o "$(MODEL)" = sentiment || { echo "make train: which model? MODEL=ner or sentiment, not '$(MODEL)'"; exit 2; }
	@test -d "$(DATA)/ner" -a -d "$(DATA)/sentiment" || { \
	    echo "make train: which data? DATA=DIR with ner/ and sentiment/ in it, not '$(DATA)' (model-fetch/train/README.md says more)"; exit 2; }

.tools/train/ready: model-fetch/train/requirements.txt
	$(PYTHON) -m venv .tools/train
	.tools/train/bin/pip install --quiet --disable-pip-version-check -r model-fetch/train/requirements.txt
	touch $@

## Baton beside PyTorch, ONNX Runtime and candle-transformers, by turns on one core; writes benches/RESULTS.md's part and
## the chart. CORE, ROUNDS and STARTS may be set; BENCH_PYTHON is a Python that has benches/peers/requirements.txt already.
bench: $(if $(filter .tools/%,$(BENCH_PYTHON)),.tools/bench/ready)
	cargo build --profile ship --locked --package baton
	cargo build --release --locked --workspace --bench peers --bench kernels
	$(BENCH_PYTHON) benches/peers/export.py model-fetch/models/sentiment target/peers
	$(BENCH_PYTHON) benches/peers/compare.py target/peers "$$(ls -t target/release/deps/peers-* | grep -v '\.d$$' | head -n 1)" \
	    target/ship/baton --core $(or $(CORE),0) --rounds $(or $(ROUNDS),5) --starts $(or $(STARTS),7)

.tools/bench/ready: benches/peers/requirements.txt
	$(PYTHON) -m venv .tools/bench
	.tools/bench/bin/pip install --quiet --disable-pip-version-check -r benches/peers/requirements.txt
	touch $@

include infra/infra.mk

clean:
	rm -rf target .tools .venv out
