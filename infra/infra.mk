# Infrastructure: checks, packages, and the way to AWS. Included by the Makefile; infra/README.md explains it.

LAMBDA := target/lambda
STAGES := ner sentiment
# A binary for Lambda that was built elsewhere, as by `cargo lambda build --profile ship --arm64 --bin baton`.
BINARY ?= target/ship/baton
PLATFORM ?= linux/arm64
PIPELINE ?= news
INFRA_PYTHON := .tools/infra/bin
# Those of the stages that run from no image.
ZIPPED := $(foreach stage,$(STAGES),$(if $($(shell echo $(stage) | tr a-z- A-Z_)_IMAGE),,$(stage)))
TEMPLATES := $(filter-out infra/kubernetes.yaml,$(wildcard infra/*.yaml))

.PHONY: infra-check image image-test invoke-test zip deploy bucket destroy

## Lint the templates, the examples and the Dockerfile; exceptions stand in the files, each with its reason.
infra-check: .tools/infra/ready
	$(INFRA_PYTHON)/cfn-lint $(TEMPLATES)
	$(INFRA_PYTHON)/checkov --skip-download --quiet --compact --framework cloudformation --file $(TEMPLATES)
	$(INFRA_PYTHON)/checkov --skip-download --quiet --compact --framework kubernetes --file infra/kubernetes.yaml
	$(INFRA_PYTHON)/checkov --skip-download --quiet --compact --framework terraform --directory infra/examples/terraform
	$(INFRA_PYTHON)/hadolint Dockerfile

.tools/infra/ready: infra/requirements.txt
	python3 -m venv .tools/infra
	$(INFRA_PYTHON)/pip install --quiet --disable-pip-version-check -r infra/requirements.txt
	touch $@

## The function as an image, for PLATFORM and with MODEL in it.
# Lambda takes no index of an image and its attestations, which buildx makes unless told not to.
image:
	docker buildx build --platform $(PLATFORM) --provenance=false --sbom=false --build-arg MODEL=$(or $(MODEL),ner) \
	    --tag baton:$(or $(MODEL),ner) --load .

## Build the image without Docker and run the function in it: needs root, buildah and mmdebstrap.
image-test: .venv/ready
	infra/image-test.sh

## Invoke the function on this machine, by cargo-lambda.
invoke-test:
	infra/invoke-test.sh

## The function as zips in target/lambda/, one for each stage: the same files make the same bytes.
zip: $(STAGES:%=$(LAMBDA)/%.zip)

# Built for the binary's sake when there is none; a BINARY of one's own is taken as it is.
$(LAMBDA)/%.zip: FORCE
	@test "$(BINARY)" != target/ship/baton || cargo build --profile ship --locked --package baton
	cargo run --quiet --release --locked --package model-fetch -- fetch $* --out $(LAMBDA)/models --replace
	infra/glibc.sh $(BINARY)
	python3 infra/zip.py $(BINARY) $(LAMBDA)/models/$* $@

FORCE:

## Bring the pipeline to AWS, or up to date. BUCKET is one for the code; DRY_RUN=1 builds, and shows what it would do there.
deploy: bucket $(ZIPPED:%=$(LAMBDA)/%.zip)
	PIPELINE=$(PIPELINE) infra/deploy.sh $(STAGES)

# Asked before minutes are spent on building.
bucket:
	@test -n "$(BUCKET)" || { echo "make deploy: which bucket is for code and templates? BUCKET=my-code"; exit 2; }
	@test -n "$(DRY_RUN)" || aws sts get-caller-identity >/dev/null || \
	    { echo "make deploy: it needs the AWS CLI, with credentials and a region"; exit 2; }
	@PIPELINE=$(PIPELINE) infra/deploy.sh --check-bucket

## Take the pipeline down. Its buckets stay, with what is in them; what waits in its queues is lost, hence FORCE=1 then.
destroy:
	PIPELINE=$(PIPELINE) infra/destroy.sh
