#!/bin/sh
. "$(dirname "$0")/lib.sh"

check() {
        "$top/scripts/check-generated" "$@" "$dir"
}

expect 'nothing generated, nothing to check' 0 '' check
put scripts/generated <<'END'
# a comment

docs/list.md  printf 'one\ntwo\n'
END
printf 'one\ntwo\n' | put docs/list.md
expect 'an equal file passes' 0 '' check
printf 'one\n' | put docs/list.md
expect 'a different one fails' 1 'docs/list.md differs from what' check
expect 'and shows the difference' 1 '+two' check
expect '--update writes it' 0 '' check --update
expect 'and then it passes' 0 '' check
rm "$dir/docs/list.md"
expect 'a missing file fails' 1 'docs/list.md differs' check
echo 'docs/list.md false' | put scripts/generated
expect 'so does a failing generator' 1 "docs/list.md: 'false' failed" check
expect 'also with --update' 1 "docs/list.md: 'false' failed" check --update
done_testing
