/* The floor of the benchmark: a QEMU with a given command line, started and ended by nothing but system
 * calls. What a driver takes more than this is the driver's own.
 *
 *         struct Floor floor;
 *         if (floor_start(&floor, argv, "/tmp/dir") < 0)
 *                 die(floor.error);
 *         long end_us = floor_stop(&floor);
 */
#pragma once

#include <sys/types.h>

struct Floor {
        pid_t pid;
        int pidfd;
        int qmp;         /* our end of the monitor */
        long start_us;   /* from before the first system call to "running" */
        char socket[96]; /* the monitor's path */
        char error[256]; /* after a failure: what, and why */
};

/* Starts argv[0] (an absolute path) and returns 0 when the guest's processors run.  argv is used as it is;
 * its monitor must be a listening socket that is inherited by number (one word with "fd=N" and "server=on"),
 * and it must have -S, as a driver's has.  Socket and log (output of QEMU) are made in dir.  On failure -1:
 * nothing runs. */
int floor_start(struct Floor *floor, char *const argv[], const char *dir);
/* SIGTERM, wait for the end, reap.  Microseconds from the signal to the reaped child, or -1. */
long floor_stop(struct Floor *floor);

/* ---- floor_main.c ---- */

/* The words of a file, ended by NUL (as /proc/PID/cmdline) or, where there is none, by newline.  Two free()s:
 * the vector and *ret_text, which the words lie in.  NULL: cannot be read. */
char **floor_read_argv(const char *path, char **ret_text);

/* The program: `floor ARGV-FILE [ROUNDS]` prints "start_us end_us" per round; after a failure the log stays.
 */
int floor_main(int argc, char **argv);
