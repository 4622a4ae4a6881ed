#!/bin/sh
. "$(dirname "$0")/lib.sh"

check() {
        "$top/scripts/check-words" "$dir"
}

put src/conf/good.c <<'END'
/* Never goto, never waitpid(-1), never system("x"); sleep() neither. */
static const char *const names[] = { "goto", "printf(" };
static const struct X table = { 0 };
static int function(void);
static inline int small(int x)
{
        g_debug("fine");
        list->printf(x);
        dm_sleep(1);
        mkdtemp("XXXXXX");
        return waitpid(pid, &status, 0);
}
END
put src/cli/good.c <<'END'
int main(void)
{
        printf("the command line prints\n");
}
END
put tests/util/test_good.c <<'END'
static int state;
g_assert_true(x == 1);
usleep(10);
END
expect 'good sources pass' 0 '' check
refuse 'and nothing is said' check-words check

# bad RULE FILE LINE: one line that must be refused
bad() {
        printf 'int a;\n%s\n' "$3" | put "$2"
        expect "$1: $3" 1 "$2:2: [$1]" check
        rm "$dir/$2"
}
bad unfinished src/qemu/x.c '/* TODO: later */'
bad unfinished src/qemu/x.c '/* FIXME */'
bad unfinished tests/qemu/x.c '// XXX'
bad workplace src/qemu/x.c 'const char *path = "/work/somewhere";'
bad goto src/qemu/x.c '        goto cleanup;'
bad any-child src/qemu/x.c '        waitpid(-1, &status, 0);'
bad any-child src/qemu/x.c '        waitid(P_ALL, 0, &info, WEXITED);'
bad any-child src/qemu/x.c '        wait(&status);'
bad unbounded src/qemu/x.c '        strcpy(a, b);'
bad unbounded tests/qemu/x.c '        sprintf(a, "%s", b);'
bad number src/conf/x.c '        int i = atoi(text);'
bad shell src/qemu/x.c '        system("ls");'
bad sleep src/driver/x.c '        g_usleep(1000);'
bad logging src/util/x.c '        g_warning("no");'
bad printing src/conf/x.c '        printf("no");'
bad printing src/conf/x.c '        fprintf(stderr, "no");'
bad dead-code src/qemu/x.c '#if 0'
bad global src/qemu/x.c 'static int counter;'
bad global src/qemu/x.c 'static GHashTable *cache = NULL;'
bad global src/qemu/x.c 'static char buffer[12];'
bad device-kind src/driver/x.c '        switch (device->kind) {'
bad certain tests/qemu/x.c '        g_assert_true(TRUE);'
bad certain tests/qemu/x.c '        g_assert(1);'
bad incomplete tests/qemu/x.c '        g_test_incomplete("one day");'

{ seq 256 | sed 's|.*|goto out;|'; } | put src/qemu/x.c
expect 'many finds are as bad as one' 1 'src/qemu/x.c:256: [goto]' check
rm "$dir/src/qemu/x.c"

printf 'static int counter;\n' | put src/qemu/x.c
echo 'src/qemu/x.c global a reason' | put scripts/word-exceptions
expect 'an exception allows it' 0 '' check
printf 'static int counter;\n/* TODO */\n' | put src/qemu/x.c
expect 'only that rule' 1 'src/qemu/x.c:2: [unfinished]' check
rm "$dir/src/qemu/x.c"
expect 'one that nothing needs is an error' 1 'line 1: nothing needs this' check
done_testing
