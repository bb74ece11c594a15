#!/bin/sh
# Pin what requirements.in and requirements-dev.in allow today: every package, the indirect ones too.
set -eu
cd "$(dirname "$0")/.."
python=${1:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

frozen() { "$work/venv/bin/pip" freeze --quiet --exclude-editable | LC_ALL=C sort -f; }

"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --requirement requirements.in
frozen >"$work/runtime"
{
    echo "# Exact pins of requirements.in and all it needs, made by \`make lock\`."
    cat "$work/runtime"
} >requirements.txt

"$work/venv/bin/pip" install --quiet --requirement requirements-dev.in
{
    echo "# Exact pins of requirements-dev.in beyond requirements.txt, made by \`make lock\`."
    echo "-r requirements.txt"
    frozen | grep -vxFf "$work/runtime"
} >requirements-dev.txt
