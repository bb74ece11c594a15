#!/bin/sh
# Pin what requirements.in, requirements-telemetry.in and requirements-dev.in allow today: every package, the indirect ones too.
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

# So much more than what is above.
locked_on_top() {
    "$work/venv/bin/pip" install --quiet --requirement "$1.in"
    frozen >"$work/all"
    {
        echo "# Exact pins of $1.in beyond $2.txt, made by \`make lock\`."
        echo "-r $2.txt"
        grep -vxFf "$work/runtime" "$work/all"
    } >"$1.txt"
    cp "$work/all" "$work/runtime"
}

locked_on_top requirements-telemetry requirements
locked_on_top requirements-dev requirements-telemetry
