/* The domain documents under tests/data: found, read, compared, and with UPDATE=1 in the environment
 * rewritten. */
#pragma once

#include <string.h>

#include "conf/domain.h"

/* "tests/data/xml/x.xml" from the top of the tree, or where the suite says that tests stand.  Owned. */
static inline char *data_path(const char *dir, const char *name)
{
        const char *tests = g_getenv("G_TEST_SRCDIR");
        return g_build_filename(tests ? tests : "tests", "data", dir, name, NULL);
}

/* Contents of a file; NULL when there is none.  Owned. */
static inline char *data_read(const char *path)
{
        char *text = NULL;
        return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static inline int compare_names(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted names in tests/data/@dir that end with @suffix and do not hold @without, each without the suffix. */
static inline GPtrArray *data_names(const char *dir, const char *suffix, const char *without)
{
        g_autofree char *path = data_path(dir, NULL);
        g_autoptr(GDir) d = g_dir_open(path, 0, NULL);
        GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
        const char *name;
        g_assert_nonnull(d);
        while ((name = g_dir_read_name(d)))
                if (g_str_has_suffix(name, suffix) && !strstr(name, without))
                        g_ptr_array_add(names, g_strndup(name, strlen(name) - strlen(suffix)));
        g_ptr_array_sort(names, compare_names);
        g_assert_cmpuint(names->len, >, 0);
        return names;
}

/* "line path message\n" for each finding; warnings say so.  Owned. */
static inline char *findings_text(const DmFindings *f)
{
        GString *s = g_string_new(NULL);
        for (gsize i = 0; i < dm_findings_count(f); i++) {
                const DmFinding *x = dm_findings_at(f, i);
                g_string_append_printf(s, "%u %s %s%s\n", x->line, x->path ? x->path : "-",
                                       x->severity == DM_SEVERITY_ERROR ? "" : "warning: ", x->message);
        }
        return g_string_free(s, FALSE);
}

/* @actual must be what stands in @path; UPDATE=1 writes it there.  The first line that differs is named. */
static inline void expect_file(const char *path, const char *actual)
{
        if (g_getenv("UPDATE"))
                g_assert_true(g_file_set_contents(path, actual, -1, NULL));
        g_autofree char *expected = data_read(path);
        g_auto(GStrv) is = g_strsplit(actual, "\n", -1),
                      should = g_strsplit(expected ? expected : "", "\n", -1);
        for (gsize i = 0; is[i] || should[i]; i++) {
                if (g_strcmp0(is[i], should[i]) != 0)
                        g_test_message("%s:%" G_GSIZE_FORMAT ": UPDATE=1 rewrites what is expected", path,
                                       i + 1);
                g_assert_cmpstr(is[i], ==, should[i]);
                if (!is[i] || !should[i])
                        break;
        }
}
