#!/bin/sh
# tests/run itself: every rule that it enforces must be able to fail a run.
. "$(dirname "$0")/lib.sh"

export TEST_LOGS="$dir/logs" TEST_SKIPS="$dir/list" TEST_TIMEOUT=20
unset TEST_WRAPPER

# program NAME: standard input is a shell script
program() {
        {
                echo '#!/bin/sh'
                cat
        } | put "$1"
        chmod +x "$dir/$1"
}

run() {
        "$top/tests/run" "$@"
}

: >"$dir/list"
program good <<'END'
echo 1..2; echo ok 1 /x/one; echo ok 2 /x/two
[ -n "$TMPDIR" ] && [ "$HOME" != / ] && [ -d "$XDG_RUNTIME_DIR" ] && [ -n "$MALLOC_PERTURB_" ]
END
program bad <<'END'
echo 1..1; echo not ok 1 /x/bad; echo the reason >&2; exit 1
END
program quiet_failure <<'END'
echo 1..1; echo not ok 1 /x/quiet
END
program bails <<'END'
echo 1..2; echo 'Bail out! ERROR: assertion'; exit 1
END
program crashes <<'END'
echo 1..1; echo ok 1 /x/crash; kill -SEGV $$
END
program empty <<'END'
echo 1..0
END
program short_plan <<'END'
echo 1..3; echo ok 1 /x/a
END
program todo <<'END'
echo 1..1; echo 'not ok 1 /x/later # TODO one day'
END
program litters <<'END'
echo 1..1; echo ok 1 /x/litter; : >"$TMPDIR/forgotten"
END
program leaves_child <<'END'
echo 1..1; echo ok 1 /x/child; sleep 7701 >/dev/null 2>&1 &
END
program leaves_stranger <<'END'
echo 1..1; echo ok 1 /x/stranger; env -i setsid sleep 7702 >/dev/null 2>&1 &
END
program leaves_exiting <<'END'
echo 1..1; echo ok 1 /x/exiting; sleep 0.3 &
END
program hangs <<'END'
echo 1..1; sleep 7703; echo ok 1 /x/hang
END
program skips <<'END'
echo 1..2; echo ok 1 /x/runs; echo 'ok 2 /x/needs # SKIP no such thing here'
END
program skips_all <<'END'
echo '1..0 # SKIP nothing to do'
END

expect 'a good program passes' 0 'Result: PASS' run "$dir/good"
expect 'the closing line of prove stays' 0 'Files=1, Tests=2' run "$dir/good"
expect 'the total time is printed' 0 'Total time: ' run "$dir/good"
expect 'a failed test fails' 1 'the reason' run "$dir/bad"
expect 'a failed test with status 0 fails' 1 'has a failed test' run "$dir/quiet_failure"
expect 'an abort does not stop the others' 1 'Files=2' run "$dir/good" "$dir/bails"
expect 'a crash is named' 1 'killed by signal 11' run "$dir/crashes"
expect 'a program without a test fails' 1 'has no test in it' run "$dir/empty"
expect 'an unfulfilled plan fails' 1 'Bad plan' run "$dir/short_plan"
expect 'an unfinished test fails' 1 'unfinished test: not ok 1 /x/later' run "$dir/todo"
expect 'a file left behind is named' 1 '/forgotten' run "$dir/litters"
expect 'a process left behind is named' 1 '(sleep 7701 )' run "$dir/leaves_child"
expect 'one that hides is named' 1 '(sleep 7702 )' run "$dir/leaves_stranger"
expect 'one that is about to end is waited for' 0 'Result: PASS' run "$dir/leaves_exiting"
expect 'a missing program fails' 1 'No such file' run "$dir/missing"
TEST_TIMEOUT=1 expect 'a hanging program is ended' 1 'took longer than 1 s' run "$dir/hangs"
expect 'no program is an error' 2 'no test programs' run

expect 'a skip that no line allows fails' 1 "'/x/needs' was skipped, and no line" run "$dir/skips"
expect 'its reason is printed' 1 '/x/needs: no such thing here' run "$dir/skips"
expect 'the result says so' 1 'Result: FAIL' run "$dir/skips"
expect 'so does skipping a whole program' 1 'nothing to do' run "$dir/skips_all"

echo '/x/n* [no-file:/nonexistent] for this test' >"$dir/list"
expect 'a skip that a line allows passes' 0 'Skipped: 1 of 2' run "$dir/skips"
echo "/x/n* [no-file:$dir/list] for this test" >"$dir/list"
expect 'not if the condition does not hold' 1 'does not hold here' run "$dir/skips"
echo '/x/n* [no-command:surely-nobody-has-this] for this test' >"$dir/list"
expect 'conditions on commands' 0 'Skipped: 1 of 2' run "$dir/skips"
expect 'a line that fits no test is stale' 1 "'/x/n*' fits no test" run --all "$dir/good"
expect 'but only when all tests run' 0 'Result: PASS' run "$dir/good"
echo '/x/n* [full-moon] for this test' >"$dir/list"
expect 'an unknown condition is an error' 2 'unknown condition [full-moon]' run "$dir/good"
echo '/x/n*' >"$dir/list"
expect 'a line without a reason is an error' 2 'line 1: expected' run "$dir/good"


# What is left behind is killed, and nothing else: not what ran before, not what was started meanwhile.
: >"$dir/list"
sleep 7704 &
before=$!
run "$dir/leaves_stranger" >"$dir/out" 2>&1 &
running=$!
sleep 0.5
sleep 7705 &
meanwhile=$!
wait "$running"
expect 'the run had something to kill' 0 '(sleep 7702 )' cat "$dir/out"
expect 'an older process of somebody else lives' 0 '' kill "$before"
expect 'and so does a younger one' 0 '' kill "$meanwhile"
wait
# Interrupted, it takes everything with it.
mkdir "$dir/tmp"
TMPDIR="$dir/tmp" "$top/tests/run" "$dir/hangs" >"$dir/out" 2>&1 &
running=$!
until grep -qs '^1..1' "$TEST_LOGS"/*hangs.tap; do sleep 0.1; done
kill -TERM "$running"
wait "$running"
expect 'an interrupted run fails' 0 '' test $? -ne 0
sleep 1
expect 'and leaves no files' 0 '' rmdir "$dir/tmp"
left=$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -c 'sleep 770[123]')
expect 'everything left behind was ended' 0 '' test "$left" -eq 0
done_testing
