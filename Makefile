# Everything a person or CI does here. Each target is a line or two: what it needs lives in infra/local.

# Where rustup puts cargo when setup had to install it.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin
local := infra/local
# The languages whose programs the suite runs.
tested := python,javascript,cpp,java
comma := ,
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run watch package sam-local test test-rust test-languages test-dynamodb test-mtls test-gvisor test-no-landlock test-sam test-clients test-api test-ui test-ui-firefox test-infra test-host test-vm lint advisories fmt fuzz bench setup engine images languages dynamodb stop clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 16

run: setup ## serve on http://127.0.0.1:5000, with the records in data/
	@$(local)/build-server.sh
	@cargo run --quiet --profile serve --locked --bin safe-code-executor

watch: setup ## the Lambda function on http://127.0.0.1:9000, with DynamoDB Local
	$(local)/watch.sh

package: ## the Lambda function as a zip file, and what it weighs
	@$(local)/toolchain.sh
	$(local)/package.sh

sam-local: setup ## the function behind API Gateway on http://127.0.0.1:3000, by the SAM CLI and template.yaml
	$(local)/sam-local.sh

test: setup lint test-infra test-rust test-api test-ui ## all checks; what CI runs

lint: ## format, clippy, dependencies, shell scripts, bootstraps
	@$(local)/toolchain.sh checks
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	$(local)/deny.sh
	infra/languages.sh check
	shellcheck --external-sources $(local)/*.sh $(local)/vm/*.sh $(local)/vm/boot infra/*.sh infra/host/*.sh ui/check.sh .ci/run .ci/weekly

test-rust: dynamodb ## unit and integration tests, on a real engine
	@SCE_LANGUAGES=$(tested) $(local)/images.sh
	cargo test --locked --workspace

test-languages: setup ## programs in every language, and with packages, whose images it makes; not part of `test`
	@SCE_LANGUAGES=all $(local)/images.sh
	TEST_LANGUAGES=all cargo test --locked --test suite -- --include-ignored languages:: data:: packages:: fidelity::what_models

test-dynamodb: dynamodb ## the main path once more, with its records in DynamoDB; not part of `test`
	SCE_TEST_STORE=dynamodb cargo test --locked --test suite

test-mtls: setup ## the main path and `watch` once more, over mutual TLS to an engine of their own; needs root; not part of `test`
	@SCE_LANGUAGES=$(tested) $(local)/images.sh
	$(local)/own-engine.sh --tls $(local)/watch.sh --check
	SCE_LANGUAGES=$(tested) $(local)/own-engine.sh --tls cargo test --locked --test suite

test-gvisor: setup ## programs and attacks once more, on gVisor, on an engine of their own; needs root; not part of `test`
	@SCE_LANGUAGES=$(tested) $(local)/images.sh
	SCE_LANGUAGES=$(tested) $(local)/own-engine.sh --gvisor $(local)/gvisor.sh

test-no-landlock: setup ## programs and attacks once more, as on a kernel without Landlock, on an engine of their own; needs root; not part of `test`
	@SCE_LANGUAGES=$(tested) $(local)/images.sh
	SCE_LANGUAGES=$(tested) $(local)/own-engine.sh --no-landlock $(local)/no-landlock.sh

test-sam: setup ## the function behind SAM's API Gateway: /, /run, /history, /ui; not part of `test`
	$(local)/sam-local.sh --check

test-clients: setup ## real clients of other systems (MCP and the like), from their registries, on the real server; CLIENTS="mcp-python-1" for some; not part of `test`
	@SCE_LANGUAGES=python,javascript,cpp $(local)/images.sh
	$(local)/clients.sh $(CLIENTS)

test-api: ## the running server against its own OpenAPI document
	@$(local)/toolchain.sh checks
	$(local)/schemathesis.sh

test-ui: ## the page: types, lint, dist/, and a real browser on the real server and engine
	ui/check.sh

test-ui-firefox: ## the page in Firefox (firefox-esr), which is not part of `make test`
	cargo build --quiet --locked --bin safe-code-executor
	cd ui && npm run --silent firefox

test-infra: engine ## templates, permissions, certificates, images: all that can be checked without AWS
	@$(local)/toolchain.sh checks
	$(local)/templates.sh

test-host: ## the Docker hosts' start script in a clean Debian; needs root, minutes; not part of `test`
	$(local)/host.sh

test-vm: setup ## the product on a Debian 13 of its own, in QEMU; BOOTS="installed" for some boots; needs root; not part of `test`
	$(local)/vm.sh $(BOOTS)

advisories: ## known vulnerabilities of every dependency; fails when it cannot look; every week, see .ci/weekly
	@$(local)/toolchain.sh checks
	$(local)/deny.sh advisories

fmt: ## format the code
	cargo fmt --all

fuzz: ## frames between the handler and PID 1, both ways; SECONDS_EACH=60; not part of `test`
	@$(local)/toolchain.sh
	$(local)/fuzz.sh

bench: setup ## measure everything, as ratios; BENCH=--help lists what can be asked for
	@SCE_LANGUAGES=python,javascript,python-data $(local)/images.sh
	cargo bench --locked --bench executor -- $(BENCH)
	$(if $(BENCH),,$(local)/own-engine.sh --gvisor cargo bench --locked --bench executor -- --from target/bench/latest.json --only gvisor)

setup: ## what a build and a run need: compiler, Rust, engine, images
	@$(local)/toolchain.sh
	@$(local)/engine.sh up
	@$(local)/images.sh

engine: ## a Docker engine: the one that runs, else a new one
	@$(local)/engine.sh up

images: engine ## the sandboxes' images
	@$(local)/images.sh

languages: engine ## the images of all languages, or of those that you name: LANGUAGES="ruby perl" make languages
	@SCE_LANGUAGES="$(or $(subst $() ,$(comma),$(strip $(LANGUAGES))),all)" $(local)/images.sh
	@$(local)/images.sh --sizes

dynamodb: ## DynamoDB Local, for the tests of that store
	@$(local)/dynamodb.sh up >/dev/null

stop: ## stop what setup started: the engine, DynamoDB Local
	@$(local)/dynamodb.sh stop
	@$(local)/engine.sh stop

clean: ## remove what builds made; never the records in data/
	cargo clean
