/* Processes for tests: ended with the test, waited for, with what they wrote. */
#pragma once

#include "util/error.h"
#include "util/process.h"

#define LONG_SLEEP "600" /* seconds: never to its end */

#define WORDS(...) ((char **)(const char *[]){ __VA_ARGS__, NULL })
#define SH(script) WORDS("/bin/sh", "-c", script)

/* A DmSpawn of @words whose process cannot outlive the test. */
DmSpawn test_spawn_init(char *const *words);
/* Spawn, which must succeed.  Clear the result. */
DmProcess test_spawn(const DmSpawn *s);
DmProcess test_spawn_words(char *const *words);
/* Its status when it has ended, which must happen soon. */
DmExit test_wait(const DmProcess *p);
/* Runs @s, which must exit with 0, and returns what it wrote to its standard output.  Owned. */
char *test_output_of(const DmSpawn *s);
/* Waits until /proc says that @pid is in @state. */
void test_await_state(pid_t pid, char state);
/* Number of open descriptors of this process. */
unsigned test_open_fds(void);
/* There is no child that ended and was not waited for (of those that stay in our process group). */
void test_assert_no_zombie(void);
/* @error has @code and a message with @text in it. */
void test_assert_error(const GError *error, DmErrorCode code, const char *text);
