/* What the commands share. */
#pragma once

#include <domus/domus.h>

#include "util/json.h"

/* Exit codes, documented in `domus help`. */
typedef enum DmExitCode {
        DM_EXIT_OK = 0,
        DM_EXIT_FAILED = 1,    /* the operation was tried and failed */
        DM_EXIT_USAGE = 2,     /* the command line is wrong */
        DM_EXIT_DOCUMENT = 3,  /* the document is wrong or asks for what is not there */
        DM_EXIT_DESTROYED = 4, /* the guest did not shut down by itself and was destroyed */
        DM_EXIT_CRASHED = 5,   /* run: the guest panicked, or its QEMU died */
        DM_EXIT_TIMED_OUT = 6, /* --timeout: it did not happen within the time given */
} DmExitCode;

typedef struct DmCli {
        gboolean json;
        gboolean help;
        char *uri, *root; /* --connect, --root; NULL */
} DmCli;

typedef struct DmCommandRow {
        const char *name, *arguments, *summary;
        gboolean connects; /* to a driver: takes --connect and --root */
        int (*fn)(DmCli *cli, int argc,
                  char **argv); /* argv[0] is the command's name; options are taken out */
        GOptionEntry *options;  /* ended by a row without name */
} DmCommandRow;

/* All commands, ended by a row without name. */
const DmCommandRow *dm_command_rows(void);
const DmCommandRow *dm_command_find(const char *name);

#define DM_COMMAND(name, suffix, arguments, summary)            \
        int dm_cmd_##suffix(DmCli *cli, int argc, char **argv); \
        extern GOptionEntry dm_options_##suffix[];
#include "cli/commands.def"

/* ---- output (output.c) ---- */
/* "domus: error: line 3: /domain/…: message", or {"error": {…}} with --json; returns the exit code that fits.
 */
int dm_print_error(const DmCli *cli, const GError *error);
int dm_exit_code(const GError *error);
/* {code, line, path, message}; line and path where there are any. */
DmJson *dm_error_json(const GError *error);
void dm_print_json(const DmJson *j);
/* The usage error of a command. */
int dm_usage(const DmCli *cli, const DmCommandRow *row, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Whole content of @path ("-": standard input), at most 16 MiB.  Owned. */
char *dm_read_document(const char *path, gsize *ret_length, GError **error);
/* What the reader finds questionable in a document that can be read, to standard error. */
void dm_print_warnings(const char *xml, gsize length);
/* An embedded driver with a private, temporary root; *ret_root (owned) is to be given to dm_close_private().
 */
DomusConn *dm_open_private(char **ret_root, GError **error);
void dm_close_private(DomusConn *conn, char *root);
/* Where probed capabilities are kept between runs.  Owned. */
char *dm_cache_dir(void);
