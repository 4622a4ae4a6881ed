#!/bin/sh
. "$(dirname "$0")/lib.sh"

check() {
        "$top/scripts/check-size" "$dir"
}

lines() { # COUNT [FORMAT]
        seq "$1" | while read -r i; do printf "${2:-int x%s;\n}" "$i"; done
}

# one_function NAME BODY-LINES
one_function() {
        printf 'static int %s(int argument,\n        int other)\n{\n' "$1"
        lines "$2" '        use(%s);\n'
        printf '}\n'
}

{
        echo '/* a comment with { and dm_fake(void); */'
        one_function fits 78
        printf 'static const struct X table = {\n'
        lines 100 '        { %s },\n'
        printf '};\n'
} | put src/util/good.c
{
        printf '#pragma once\n#define DM_LOOP(x) do_it(x)\ntypedef int (*DmCall)(int);\n'
        printf 'G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmX, dm_x_free)\n'
        printf 'struct DmX {\n        int (*member)(int);\n        int (*other)(int);\n};\n'
        printf '/* dm_not(void); */\n'
        lines 24 'const char *dm_function_%s(int x,\n        int y) G_GNUC_PRINTF(1, 2);\n'
        printf 'static inline int dm_small(void)\n{\n        return f(1);\n}\n'
} | put src/util/good.h
lines 800 | put src/conf/full.c
expect 'sizes at their limits pass' 0 '' check
refuse 'and nothing is said' check-size check

lines 801 | put src/conf/long.c
expect 'a file too long' 1 'src/conf/long.c: 801 lines, at most 800' check
rm "$dir/src/conf/long.c"
lines 801 | put tests/util/test_long.c
expect 'a test too long' 1 'tests/util/test_long.c: 801 lines' check
rm "$dir/tests/util/test_long.c"

{ one_function one 3 && one_function far_too_long 79; } | put src/qemu/x.c
expect 'a function too long' 1 'src/qemu/x.c:far_too_long: a function of 81 lines, at most 80' check
refuse_one() { check | grep -c one:; }
expect 'only that one' 1 '0' refuse_one
rm "$dir/src/qemu/x.c"

lines 26 'gboolean dm_f%s(void);\n' | put src/qemu/x.h
expect 'a header too wide' 1 'src/qemu/x.h:declarations: 26 functions, at most 25' check

echo 'src/qemu/x.h:declarations 26 a reason' | put scripts/size-exceptions
expect 'an exception allows it' 0 '' check
echo 'src/qemu/x.h:declarations 25 a reason' | put scripts/size-exceptions
expect 'only up to its own limit' 1 '26 functions, at most 25' check
printf '%s\n' 'src/qemu/x.h:declarations 30 a reason' 'src/qemu/y.c 900 another' | put scripts/size-exceptions
expect 'one that nothing needs is an error' 1 'line 2: nothing needs this' check
echo 'src/qemu/x.h:declarations 30' | put scripts/size-exceptions
expect 'so is one without a reason' 2 'line 1: expected' check
done_testing
