#!/usr/bin/env bash
# Runs the real clients of other systems, from their registries, against the real server and engine. What they say is written
# down in tests/clients/: the tests replay that, so that they need none of the clients.
#
# usage: clients.sh [NAME…]; without a name all of them
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

clients=$cache_dir/clients
mkdir -p "$clients"
here=$PWD/infra/local/clients
wanted=" $* "
list=()

# Some of the clients want Python 3.12, the conformance suite wants Node 22.
python=
for candidate in python3.13 python3.12 python3 "$HOME"/.pyenv/versions/3.1[23]*/bin/python3; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "$python" ] || die "Python 3.12 or newer is needed: some of the clients run on nothing older"
have npm || die "npm is needed: half of the clients are its packages"

asked_for() { [ "$wanted" = "  " ] || [[ $wanted == *" $1 "* ]]; }

# python_client NAME SCRIPT PACKAGE…: a script of infra/local/clients, with these packages in an environment of its own.
python_client() {
  local name=$1 script=$2 folder
  shift 2
  asked_for "$name" || return 0
  folder=$clients/$name-$(cksum <<<"$*" | cut -d' ' -f1)
  if [ ! -e "$folder/ready" ]; then
    say "installing $*"
    rm -rf "$folder"
    "$python" -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
    touch "$folder/ready"
  fi
  add "$name" "$folder/bin/python" "$here/$script"
}

# npm_packages PACKAGE…: sets `modules`, a folder with these packages.
npm_packages() {
  modules=$clients/npm-$(cksum <<<"$*" | cut -d' ' -f1)
  if [ ! -e "$modules/ready" ]; then
    say "installing $*"
    rm -rf "$modules"
    mkdir -p "$modules"
    (cd "$modules" && echo '{"private": true}' >package.json && npm install --silent --no-fund --no-audit "$@" >&2)
    touch "$modules/ready"
  fi
}

# npm_client NAME SCRIPT PACKAGE…
npm_client() {
  local name=$1 script=$2
  shift 2
  asked_for "$name" || return 0
  npm_packages node@22 "$@"
  environment="\"MODULES\": \"$modules\", \"INSPECTOR\": \"$modules/node_modules/.bin/mcp-inspector\", \"CONFORMANCE\": \"$modules/node_modules/.bin/conformance\", \"PATH\": \"$modules/node_modules/node/bin:$PATH\""
  add "$name" "$modules/node_modules/node/bin/node" "$here/$script"
}

environment=
# add NAME PROGRAM SCRIPT
add() {
  list+=("{\"name\": \"$1\", \"command\": [\"$2\", \"$3\"], \"env\": {$environment}}")
  environment=
}

python_client mcp-python-1 mcp_1.py mcp==1.30.0
python_client mcp-python-2 mcp_2.py mcp==2.3.0
npm_client mcp-typescript-1 mcp_sdk_1.mjs @modelcontextprotocol/sdk@1.32.2
npm_client mcp-typescript-2 mcp_client_2.mjs @modelcontextprotocol/client@2.4.0
npm_client mcp-inspector inspector.mjs @modelcontextprotocol/inspector@2.12.0
npm_client mcp-conformance conformance.mjs @modelcontextprotocol/conformance@0.2.0-alpha.10
python_client langchain langchain_mcp.py langchain-mcp-adapters==0.3.2
python_client smolagents smolagents_mcp.py 'smolagents[mcp]==1.26.0' 'mcp<2'
if asked_for open-webui; then
  wheel=$(find "$clients" -name 'open_webui-0.12.4-*.whl' | head -n 1)
  if [ -z "$wheel" ]; then
    say "fetching open-webui"
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
      --dest "$clients" --python-version 3.12 open-webui==0.12.4 >&2
    wheel=$(find "$clients" -name 'open_webui-0.12.4-*.whl' | head -n 1)
  fi
  environment="\"WHEEL\": \"$wheel\""
  add open-webui "$python" "$here/open_webui.py"
fi

python_client piston-ultra ultra_piston_client.py ultra-piston==1.0.1
python_client piston-aiopyston aiopyston_client.py aiopyston==1.2.1
python_client piston-rspy piston_rspy_client.py piston_rspy==0.4.3
npm_client piston-npm piston_client.mjs piston-client@1.0.2
# Piston's own command line is in no registry: PISTON_CLI names the folder `cli` of its repository.
if asked_for piston-cli && [ -n "${PISTON_CLI:-}" ]; then
  npm_packages node@22 axios@0.21 chalk@4 minimatch@3 nocamel@1 semver@7 ws@7 yargs@16
  rm -rf "$modules/cli"
  cp -r "$PISTON_CLI" "$modules/cli"
  environment="\"NODE\": \"$modules/node_modules/node/bin/node\", \"CLI\": \"$modules/cli/index.js\""
  add piston-cli "$python" "$here/piston_cli.py"
fi

python_client judge0-sdk judge0_sdk.py judge0==0.0.8
python_client judge0-client judge0_client_client.py judge0-client==0.4.0
python_client judge0api judge0api_client.py judge0api==0.1.20
python_client judge0-api-wrapper judge0_api_wrapper_client.py judge0-api-wrapper==1.1.3

if asked_for dify-graphon; then
  folder=$clients/dify-graphon-0.8.0
  if [ ! -e "$folder/ready" ]; then
    say "installing graphon"
    rm -rf "$folder"
    "$python" -m venv "$folder"
    # Without what its other nodes need, which is all of machine learning.
    "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps graphon==0.8.0 >&2
    "$folder/bin/pip" install --quiet --disable-pip-version-check httpx pydantic pydantic-extra-types orjson pyyaml \
      jsonschema json-repair charset-normalizer 2>/dev/null >&2
    touch "$folder/ready"
  fi
  add dify-graphon "$folder/bin/python" "$here/dify_graphon.py"
fi
if asked_for jobe-coderunner; then add jobe-coderunner "$python" "$here/jobe_coderunner.py"; fi
# Jobe's own test program is in no registry: TESTSUBMIT names the file `testsubmit.py` of its repository. It has tests in languages
# that the others do without.
if asked_for jobe-testsubmit && [ -n "${TESTSUBMIT:-}" ]; then
  languages=python,javascript,c,cpp,java,php,pascal
  SCE_LANGUAGES=$languages infra/local/images.sh
  environment="\"TESTSUBMIT\": \"$(realpath "$TESTSUBMIT")\", \"LANGUAGES\": \"$languages\""
  add jobe-testsubmit "$python" "$here/jobe_testsubmit.py"
fi
python_client sandbox-fusion sandbox_fusion_client.py sandbox-fusion==0.3.7

[ ${#list[@]} -gt 0 ] || die "no client is called $*"
cargo build --quiet --locked
server=$(target_dir)/debug/safe-code-executor
joined=$(IFS=,; echo "[${list[*]}]")
exec python3 "$here/drive.py" "$server" tests/clients "$joined"
