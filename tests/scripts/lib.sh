# shellcheck shell=sh disable=SC2034

# For the tests of scripts (TAP in sh).  Source it; then:
#
#   expect NAME STATUS 'TEXT' COMMAND...    the command ends with STATUS and its output contains TEXT
#   refuse NAME 'TEXT' COMMAND...           the command succeeds and its output does not contain TEXT
#   done_testing                            prints the plan
#
# $top is the source tree, $dir an empty directory that is removed at the end.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0

report() { # result name output
        count=$((count + 1))
        echo "$1 $count $2"
        [ "$1" = ok ] || printf '%s\n' "$3" | sed 's/^/#   /' >&2
}

expect() {
        name=$1 status=$2 text=$3
        shift 3
        out=$("$@" 2>&1)
        got=$?
        case $out in
        *"$text"*) [ "$got" -eq "$status" ] && report ok "$name" '' && return ;;
        esac
        report 'not ok' "$name" "status $got, wanted $status with '$text':
$out"
}

refuse() {
        name=$1 text=$2
        shift 2
        out=$("$@" 2>&1)
        got=$?
        case $out in
        *"$text"*) ;;
        *) [ "$got" -eq 0 ] && report ok "$name" '' && return ;;
        esac
        report 'not ok' "$name" "status $got, wanted 0 without '$text':
$out"
}

# put FILE: standard input becomes $dir/FILE
put() {
        mkdir -p "$dir/$(dirname "$1")"
        cat >"$dir/$1"
}

done_testing() {
        echo "1..$count"
}
