#!/usr/bin/env bash
# Everything about the templates that can be checked without an AWS account: cfn-lint, `sam validate --lint`, checkov, and
# tests/infra: permissions against the calls of the code, the rules that no linter knows, and that all of these do catch
# what they are there for. Needs no network once its tools are installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

templates=(template.yaml infra/*.yaml)
tools=$(infra/local/lambda-tools.sh)
# A folder of its own: checkov wants other versions of what the SAM CLI wants.
python_tools infra-tools 'checkov (300 MB)'

# Nothing is asked of AWS; the SAM CLI wants a region all the same.
export AWS_DEFAULT_REGION=eu-central-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none
export SAM_CLI_TELEMETRY=0 PYTHONDONTWRITEBYTECODE=1 LOG_LEVEL=ERROR

"$tools/cfn-lint" "${templates[@]}" || die 'cfn-lint: findings above'
say "cfn-lint: ${#templates[@]} templates, no finding"
for template in "${templates[@]}"; do
  grep -q '^Transform: AWS::Serverless' "$template" || continue
  "$tools/sam" validate --lint --template "$template" >/dev/null || die "sam validate: $template, findings above"
done
say 'sam validate --lint: no finding'
"$venv/bin/checkov" --skip-download --quiet --compact --framework cloudformation --file "${templates[@]}" >&2 ||
  die 'checkov: findings above'
say "checkov: no finding beside the exceptions, each with its reason in the template"
say 'tests/infra: about a minute'
PATH=$tools:$PATH SCE_CHECKOV=$venv/bin/checkov "$tools/python" -m unittest discover --start-directory tests/infra
