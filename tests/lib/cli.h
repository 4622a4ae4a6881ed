/* The program `domus` of this build, for tests of its commands. */
#pragma once

#include "util/json.h"
#include "util/process.h"

typedef struct CliResult {
        int code; /* exit code; -1: it was killed */
        char *out, *err;
} CliResult;
void cli_result_clear(CliResult *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliResult, cli_result_clear)

/* Puts the build directory first in $PATH and into $DOMUS_BUILD; call it before anything else. */
void cli_init(void);
/* Full path of the program.  Owned. */
char *cli_program(void);
/* A line for the shell, in which `domus` is the program of this build.  Clear the result. */
CliResult cli(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Standard output of @r as JSON, which it must be.  Owned. */
DmJson *cli_json(const CliResult *r);
/* Writes DIR/NAME and returns its path, owned. */
char *cli_file(const char *dir, const char *name, const char *text);
/* Fails the test, and prints both, unless @text holds @part. */
#define cli_assert_has(text, part) cli_assert_has_at(__FILE__, __LINE__, text, part)
void cli_assert_has_at(const char *file, int line, const char *text, const char *part);
/* Nothing is in the directory.  Its entries are named when there is something. */
void cli_assert_empty(const char *dir);
