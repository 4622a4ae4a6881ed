/* Reading within bounded time and memory.  Both are those of a child process, so that the heap of the test
 * itself does not count. */
#pragma once

#include <glib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Under a sanitizer, or without optimisation, everything takes longer and more; that it ends is tested there
 * as well. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define BOUNDED_SLOW 1
#else
#define BOUNDED_SLOW 0
#endif
#define BOUNDED_SECONDS    (BOUNDED_SLOW ? 60 : 2)
#define BOUNDED_MEMORY_KIB (512 * 1024)

/* Lets @read read @text in a child.  It returns the first error, owned, or NULL; @expected is the beginning
 * of it, "" for none. */
static inline void expect_bounded_by(char *(*read)(const GString *text), const GString *text,
                                     const char *expected)
{
        pid_t pid = fork();
        g_assert_cmpint(pid, >=, 0);
        if (pid == 0) {
                g_autofree char *error = read(text);
                gboolean as_expected = *expected ? error && g_str_has_prefix(error, expected) : !error;
                if (!as_expected)
                        g_printerr("got: %s\n", error ? error : "no error");
                _exit(as_expected ? 0 : 1);
        }
        struct rusage usage;
        int status = 0;
        g_assert_cmpint(wait4(pid, &status, 0, &usage), ==, pid);
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
        double seconds = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
                         (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
        g_test_message("%" G_GSIZE_FORMAT " bytes: %.2f s, %ld MiB", text->len, seconds,
                       usage.ru_maxrss / 1024);
        g_assert_cmpfloat(seconds, <, BOUNDED_SECONDS);
        if (!BOUNDED_SLOW)
                g_assert_cmpint(usage.ru_maxrss, <, BOUNDED_MEMORY_KIB);
}
