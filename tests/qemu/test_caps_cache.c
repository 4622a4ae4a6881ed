/* The cache of capabilities: who starts an emulator, how often, and what makes it do so again. */
#include "qemu/caps_cache.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fake_qmp.h"
#include "qemu/caps_identity.h"
#include "qemu/caps_private.h"
#include "util/error.h"
#include "util/file.h"

#define LIMIT_MS  60000
#define N_THREADS 8

typedef struct Fixture {
        char *dir;   /* for programs */
        char *files; /* of the cache */
        char *kvm;   /* stands for /dev/kvm */
} Fixture;

static void set_up(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        f->dir = g_dir_make_tmp("domus-cache-test-XXXXXX", &error);
        g_assert_no_error(error);
        f->files = g_build_filename(f->dir, "cache", "capabilities", NULL);
        f->kvm = g_build_filename(f->dir, "kvm", NULL);
        g_assert_true(g_file_set_contents(f->kvm, "", 0, NULL));
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        dm_remove_tree(f->dir, &error);
        g_assert_no_error(error);
        g_free(f->dir);
        g_free(f->files);
        g_free(f->kvm);
}

static DmCapsCache *cache_new(const Fixture *f, gboolean on_disk)
{
        DmCapsCacheOptions options = { .dir = on_disk ? f->files : NULL,
                                       .probe.limit_ms = LIMIT_MS,
                                       .kvm_device = f->kvm };
        return dm_caps_cache_new(&options);
}

static DmCaps *get(DmCapsCache *cache, const char *path)
{
        g_autoptr(GError) error = NULL;
        DmCaps *c = dm_caps_source_get(dm_caps_cache_source(cache), path, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(c->path, ==, path);
        return c;
}

/* Asks and drops the answer. */
static void touch(DmCapsCache *cache, const char *path)
{
        g_autoptr(DmCaps) c = get(cache, path);
        g_assert_cmpuint(c->machines->len, >, 0);
}

static void assert_fails(DmCapsCache *cache, const char *path, DmErrorCode code, const char *text)
{
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_caps_source_get(dm_caps_cache_source(cache), path, &error));
        g_assert_error(error, DM_ERROR, (int)code);
        if (!strstr(error->message, text))
                g_error("'%s' does not say '%s'", error->message, text);
}

static char *copy_program(const Fixture *f, const char *from, const char *name)
{
        g_autofree char *bytes = NULL;
        gsize length = 0;
        char *path = g_build_filename(f->dir, name, NULL);
        g_assert_true(g_file_get_contents(from, &bytes, &length, NULL));
        g_assert_true(g_file_set_contents_full(path, bytes, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT,
                                               0755, NULL));
        return path;
}

/* The one file of the cache, owned. */
static char *only_file(const Fixture *f)
{
        g_autoptr(GDir) dir = g_dir_open(f->files, 0, NULL);
        g_assert_nonnull(dir);
        const char *name = g_dir_read_name(dir);
        g_assert_true(name && g_str_has_suffix(name, ".json"));
        char *path = g_build_filename(f->files, name, NULL);
        g_assert_null(g_dir_read_name(dir));
        return path;
}

/* ---- hits ---- */

static void test_memory(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "qemu", "", "");
        g_autoptr(DmCapsCache) cache = cache_new(f, FALSE);
        g_autoptr(DmCaps) first = get(cache, path);
        g_autoptr(DmCaps) second = get(cache, path);
        g_assert_true(first == second);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 1);
        g_assert_cmpuint(dm_caps_cache_probes(cache), ==, 1);
        g_assert_false(g_file_test(f->files, G_FILE_TEST_EXISTS));
}

static void test_disk(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "qemu", "", "");
        g_autoptr(DmCapsCache) first = cache_new(f, TRUE);
        g_autoptr(DmCaps) a = get(first, path);
        g_autoptr(DmCapsCache) second = cache_new(f, TRUE);
        g_autoptr(DmCaps) b = get(second, path);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 1);
        g_assert_cmpuint(dm_caps_cache_probes(second), ==, 0);
        g_autoptr(DmJson) a_json = dm_caps_to_json(a), b_json = dm_caps_to_json(b);
        g_assert_true(dm_json_equal(a_json, b_json));
        g_autofree char *file = only_file(f);
        struct stat s;
        g_assert_cmpint(stat(file, &s), ==, 0);
        g_assert_cmpuint(s.st_mode & 07777, ==, 0644);
}

/* A file that is no good is as good as none, and is replaced by a good one. */
static void test_damaged_file(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "qemu", "", "");
        {
                g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
                touch(cache, path);
        }
        g_autofree char *file = only_file(f);
        g_autofree char *good = NULL;
        g_assert_true(g_file_get_contents(file, &good, NULL, NULL));
        g_autofree char *half = g_strndup(good, strlen(good) / 2);
        g_autofree char *future = g_strdup(good), *other = g_strdup(good);
        char *format = strstr(future, "\"format\":1");
        g_assert_nonnull(format);
        format[strlen("\"format\":")] = '9';
        char *base = strstr(other, "base ");
        g_assert_nonnull(base);
        base[5] = base[5] == '0' ? '1' : '0'; /* made by another domus, kernel or processor */
        const char *bad[] = {
                "",   "rubbish", half,  "{\"format\":1}",
                "[]", future,    other, "{\"format\":1,\"identity\":\"x\",\"capabilities\":{}}"
        };
        for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
                g_assert_true(g_file_set_contents(file, bad[i], -1, NULL));
                g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
                touch(cache, path);
                g_assert_cmpuint(fake_qmp_starts(path), ==, 2 + i);
                g_autofree char *now = NULL;
                g_assert_true(g_file_get_contents(file, &now, NULL, NULL));
                g_assert_cmpstr(now, ==, good);
        }
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        touch(cache, path);
        g_assert_cmpuint(dm_caps_cache_probes(cache), ==, 0);
}

static void test_no_room(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "qemu", "", "");
        g_autofree char *in_the_way = g_build_filename(f->dir, "cache", NULL);
        g_assert_true(g_file_set_contents(in_the_way, "a file, no directory", -1, NULL));
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        touch(cache, path);
        touch(cache, path);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 1);
}

/* ---- changes ---- */

static void test_program_changes(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "qemu", "", "");
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        touch(cache, path);
        g_free(fake_qmp(f->dir, "qemu", "", "query-target) answer='{\"arch\":\"ppc\"}' ;;"));
        g_autoptr(DmCaps) ppc = get(cache, path);
        g_assert_cmpstr(ppc->target, ==, "ppc");
        g_assert_cmpuint(fake_qmp_starts(path), ==, 2);

        const struct timespec times[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
        g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
        touch(cache, path);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 3);

        g_assert_cmpint(g_unlink(path), ==, 0);
        assert_fails(cache, path, DM_ERROR_NOT_FOUND, "No such file");
        g_free(fake_qmp(f->dir, "qemu", "", ""));
        g_autoptr(DmCaps) back = get(cache, path);
        g_assert_cmpstr(back->target, ==, "x86_64");
        g_assert_cmpuint(fake_qmp_starts(path), ==, 4);
}

/* The wrapper stays as it is, what it starts does not. */
static void test_wrapped_program_changes(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *shell = copy_program(f, "/bin/sh", "shell");
        g_autofree char *real = fake_qmp(f->dir, "real", "", "");
        g_autofree char *text = g_strdup_printf("#!/bin/sh\nexec '%s' '%s' \"$@\"\n", shell, real);
        g_autofree char *wrapper = g_build_filename(f->dir, "wrapper", NULL);
        g_assert_true(
                g_file_set_contents_full(wrapper, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0755, NULL));
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        touch(cache, wrapper);
        touch(cache, wrapper);
        g_assert_cmpuint(fake_qmp_starts(real), ==, 1);
        g_free(copy_program(f, "/bin/sh", "shell"));
        touch(cache, wrapper);
        g_assert_cmpuint(fake_qmp_starts(real), ==, 2);
}

static void test_kvm_changes(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "qemu", "", "");
        g_autofree char *tcg = fake_qmp(f->dir, "tcg", "accel=tcg",
                                        "qom-list-types) answer='[{\"name\":\"tcg-accel\"}]' ;;");
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        touch(cache, path);
        touch(cache, tcg);
        g_assert_cmpint(g_chmod(f->kvm, 0600), ==, 0);
        touch(cache, path);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 2);
        g_assert_cmpint(g_unlink(f->kvm), ==, 0);
        touch(cache, path);
        touch(cache, path);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 3);
        touch(cache, tcg);
        g_assert_cmpuint(fake_qmp_starts(tcg), ==, 1); /* it has no kvm to lose */
}

static void test_identity(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *program = copy_program(f, "/bin/sh", "program");
        g_autofree char *modules = g_build_filename(f->dir, "modules", NULL);
        g_autoptr(DmCaps) c = dm_caps_new(program);
        c->program = g_strdup(program);
        c->module_dirs = g_strsplit(modules, " ", -1);
        g_autofree char *absent = dm_caps_identity("b", program, f->kvm, c);
        g_assert_cmpint(g_mkdir(modules, 0755), ==, 0);
        g_autofree char *empty = dm_caps_identity("b", program, f->kvm, c);
        g_assert_cmpstr(absent, !=, empty);
        g_autofree char *module = g_build_filename(modules, "accel-tcg.so", NULL);
        const struct timespec times[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
        g_assert_cmpint(utimensat(AT_FDCWD, modules, times, 0), ==, 0);
        g_autofree char *old = dm_caps_identity("b", program, f->kvm, c);
        g_assert_true(g_file_set_contents(module, "", 0, NULL));
        g_autofree char *more = dm_caps_identity("b", program, f->kvm, c);
        g_assert_cmpstr(more, !=, old);
        g_autofree char *same = dm_caps_identity("b", program, f->kvm, c);
        g_assert_cmpstr(more, ==, same);
        g_autofree char *other = dm_caps_identity("c", program, f->kvm, c);
        g_assert_cmpstr(more, !=, other);

        DmProbeOptions ours = {}, user = { .set_ids = TRUE, .uid = 4711, .gid = 4711 };
        g_autofree char *a = dm_caps_identity_base(&ours), *b = dm_caps_identity_base(&user);
        g_autofree char *again = dm_caps_identity_base(&ours);
        g_assert_cmpstr(a, !=, b);
        g_assert_cmpstr(a, ==, again);
}

/* ---- failures ---- */

static void test_failure(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "qemu", "exit 1", "");
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        assert_fails(cache, path, DM_ERROR_UNSUPPORTED, "did not answer as QEMU");
        guint starts = fake_qmp_starts(path);
        assert_fails(cache, path, DM_ERROR_UNSUPPORTED, "did not answer as QEMU");
        g_assert_cmpuint(fake_qmp_starts(path), ==, starts);
        g_assert_cmpuint(dm_caps_cache_probes(cache), ==, 1);
        g_assert_false(g_file_test(f->files, G_FILE_TEST_EXISTS)); /* not on disk */
        g_free(fake_qmp(f->dir, "qemu", "", ""));                  /* mended */
        touch(cache, path);
        g_assert_cmpuint(dm_caps_cache_probes(cache), ==, 2);
}

static void test_failure_expires(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "qemu", "exit 1", "");
        DmCapsCacheOptions options = { .probe.limit_ms = LIMIT_MS, .kvm_device = f->kvm, .failure_ms = 1000 };
        g_autoptr(DmCapsCache) cache = dm_caps_cache_new(&options);
        assert_fails(cache, path, DM_ERROR_UNSUPPORTED, "did not answer as QEMU");
        assert_fails(cache, path, DM_ERROR_UNSUPPORTED, "did not answer as QEMU");
        g_assert_cmpuint(dm_caps_cache_probes(cache), ==, 1);
        g_usleep(1100 * 1000);
        assert_fails(cache, path, DM_ERROR_UNSUPPORTED, "did not answer as QEMU");
        g_assert_cmpuint(dm_caps_cache_probes(cache), ==, 2);
}

/* ---- names ---- */

/* Links to one program share a probe; links to a script do not, as it may go by its name. */
static void test_links(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        const char *real = "/usr/bin/qemu-system-avr";
        g_autofree char *one = g_build_filename(f->dir, "one", NULL),
                        *two = g_build_filename(f->dir, "two", NULL);
        if (!g_file_test(real, G_FILE_TEST_IS_EXECUTABLE)) {
                g_test_skip("qemu-system-avr is not installed");
                return;
        }
        g_assert_cmpint(symlink(real, one), ==, 0);
        g_assert_cmpint(symlink(real, two), ==, 0);
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        g_autoptr(DmCaps) a = get(cache, one);
        g_autoptr(DmCaps) b = get(cache, two);
        g_assert_cmpuint(dm_caps_cache_probes(cache), ==, 1);
        g_assert_cmpstr(a->target, ==, "avr");
        g_assert_true(a->machines == b->machines);
        g_autofree char *file = only_file(f);
        g_autoptr(DmCapsCache) later = cache_new(f, TRUE);
        g_autoptr(DmCaps) c = get(later, real);
        g_assert_cmpuint(dm_caps_cache_probes(later), ==, 0);
}

static void test_script_links(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *real =
                fake_qmp(f->dir, "real", "", "query-target) answer='{\"arch\":\"'${0##*-}'\"}' ;;");
        g_autofree char *ppc = g_build_filename(f->dir, "qemu-ppc", NULL);
        g_autofree char *mips = g_build_filename(f->dir, "qemu-mips", NULL);
        g_assert_cmpint(symlink(real, ppc), ==, 0);
        g_assert_cmpint(symlink(real, mips), ==, 0);
        for (int on_disk = 0; on_disk < 2; on_disk++) {
                g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
                g_autoptr(DmCaps) a = get(cache, ppc);
                g_autoptr(DmCaps) b = get(cache, mips);
                g_assert_cmpstr(a->target, ==, "ppc");
                g_assert_cmpstr(b->target, ==, "mips");
        }
}

/* ---- threads ---- */

typedef struct Job {
        DmCapsCache *cache;
        const char *path;
        gboolean fails;
} Job;

static void *run_job(void *data)
{
        const Job *job = data;
        if (job->fails)
                assert_fails(job->cache, job->path, DM_ERROR_UNSUPPORTED, "did not answer as QEMU");
        else
                touch(job->cache, job->path);
        return NULL;
}

static void run_jobs(Job *jobs, guint n)
{
        g_autofree GThread **threads = g_new(GThread *, n);
        for (guint i = 0; i < n; i++)
                threads[i] = g_thread_new("job", run_job, &jobs[i]);
        for (guint i = 0; i < n; i++)
                g_thread_join(threads[i]);
}

static void test_single_flight(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *good = fake_qmp(f->dir, "good", "sleep 0.3", "");
        g_autofree char *bad =
                fake_qmp(f->dir, "bad", "[ $accel != none ] || exit 1; sleep 0.3; echo rubbish", "");
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        Job jobs[2 * N_THREADS];
        for (guint i = 0; i < G_N_ELEMENTS(jobs); i++)
                jobs[i] = (Job){ cache, i % 2 ? bad : good, i % 2 };
        run_jobs(jobs, G_N_ELEMENTS(jobs));
        g_assert_cmpuint(fake_qmp_starts(good), ==, 1);
        g_assert_cmpuint(dm_caps_cache_probes(cache), ==, 2);
}

/* The most that ran at once, by what each wrote at its start and its end. */
static int most_at_once(const char *log)
{
        int running = 0, most = 0;
        for (const char *c = log; *c; c++) {
                running += *c == '+' ? 1 : *c == '-' ? -1 : 0;
                most = MAX(most, running);
        }
        g_assert_cmpint(running, ==, 0);
        return most;
}

static void test_two_at_a_time(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
        Job jobs[N_THREADS];
        for (guint i = 0; i < N_THREADS; i++) {
                g_autofree char *name = g_strdup_printf("qemu-%u", i);
                char *path = fake_qmp(f->dir, name, "echo + >> \"${0%/*}/log\"; sleep 0.1",
                                      "quit) echo - >> \"${0%/*}/log\"; answer='{}'\n"
                                      "printf '{\"return\":{},\"id\":%s}\\r\\n' \"$id\"; exit ;;");
                g_ptr_array_add(paths, path);
                jobs[i] = (Job){ cache, path, FALSE };
        }
        run_jobs(jobs, N_THREADS);
        g_autofree char *log_path = g_build_filename(f->dir, "log", NULL), *log = NULL;
        g_assert_true(g_file_get_contents(log_path, &log, NULL, NULL));
        g_assert_cmpint(most_at_once(log), ==, DM_CAPS_PROBES);
        for (guint i = 0; i < N_THREADS; i++)
                g_assert_cmpuint(fake_qmp_starts(paths->pdata[i]), ==, 1);
}

static void test_warm(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *one = fake_qmp(f->dir, "one", "", ""), *two = fake_qmp(f->dir, "two", "exit 1", "");
        g_autofree char *three = fake_qmp(f->dir, "three", "", "");
        char *paths[] = { one, two, (char *)"/no/such/program", three, one, NULL };
        char *none[] = { NULL };
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        dm_caps_cache_warm(cache, none);
        dm_caps_cache_warm(cache, paths);
        g_assert_cmpuint(dm_caps_cache_probes(cache), ==, 3);
        touch(cache, one);
        touch(cache, three);
        assert_fails(cache, two, DM_ERROR_UNSUPPORTED, "did not answer as QEMU");
        g_assert_cmpuint(dm_caps_cache_probes(cache), ==, 3);
}

/* Many callers, while the program is replaced again and again. */
static void *ask_often(void *data)
{
        const Job *job = data;
        for (int i = 0; i < 100; i++)
                touch(job->cache, job->path);
        return NULL;
}

static void test_changing(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autofree char *path = fake_qmp(f->dir, "qemu", "", "");
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        Job job = { cache, path, FALSE };
        GThread *threads[4];
        for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
                threads[i] = g_thread_new("ask", ask_often, &job);
        for (int i = 0; i < 5; i++) {
                g_free(fake_qmp(f->dir, "qemu", "", ""));
                g_usleep(20 * 1000);
        }
        g_free(fake_qmp(f->dir, "qemu", "", "query-target) answer='{\"arch\":\"ppc\"}' ;;"));
        for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
                g_thread_join(threads[i]);
        g_autoptr(DmCaps) last = get(cache, path);
        g_assert_cmpstr(last->target, ==, "ppc");
}

/* ---- more of it ---- */

static void test_tcg(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *path = fake_qmp(f->dir, "qemu", "", "");
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        g_autoptr(DmCaps) plain = get(cache, path);
        g_assert_null(plain->tcg_models);
        g_autoptr(DmCaps) more = dm_caps_cache_get_tcg(cache, path, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(more->tcg_models->len, ==, 1);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 2);
        g_autoptr(DmCaps) again = dm_caps_cache_get_tcg(cache, path, &error);
        g_assert_true(again == more);
        g_autoptr(DmCapsCache) later = cache_new(f, TRUE);
        g_autoptr(DmCaps) loaded = dm_caps_cache_get_tcg(later, path, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(loaded->tcg_models->len, ==, 1);
        g_assert_nonnull(loaded->tcg_model);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 2);

        /* Both at once, from nothing. */
        g_free(fake_qmp(f->dir, "qemu", "", ""));
        g_autoptr(DmCaps) both = dm_caps_cache_get_tcg(cache, path, &error);
        g_assert_no_error(error);
        g_assert_nonnull(both->tcg_models);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 4);
}

static void test_machine(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *path = fake_qmp(f->dir, "qemu", "",
                                         "qom-list-properties) case $line in *isapc*) exit 1 ;; esac\n"
                                         "answer='[{\"name\":\"type\"},{\"name\":\"hpet\"}]' ;;");
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        g_autoptr(DmCaps) more = dm_caps_cache_get_machine(cache, path, "pc-1", &error);
        g_assert_no_error(error);
        g_assert_true(dm_caps_has_prop(more, "pc-1-machine", "hpet"));
        g_assert_cmpuint(fake_qmp_starts(path), ==, 2);
        g_autoptr(DmCaps) again = dm_caps_cache_get_machine(cache, path, "pc-1", &error);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 2);

        g_assert_null(dm_caps_cache_get_machine(cache, path, "isapc", &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_GONE);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 3);
        touch(cache, path); /* what was known still is */
        g_assert_cmpuint(fake_qmp_starts(path), ==, 3);
}

/* The first answer is wanted although the second cannot be had. */
static void test_machine_first(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *path = fake_qmp(f->dir, "qemu", "", "qom-list-properties) ;;");
        g_autoptr(DmCapsCache) cache = cache_new(f, TRUE);
        g_assert_null(dm_caps_cache_get_machine(cache, path, "pc-1", &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_UNSUPPORTED);
        g_assert_nonnull(strstr(error->message, "asked for machine 'pc-1': "));
        g_assert_cmpuint(fake_qmp_starts(path), ==, 2);
        touch(cache, path);
        g_assert_cmpuint(fake_qmp_starts(path), ==, 2);
}

#define ADD(name, function) g_test_add("/qemu/caps/cache/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        ADD("memory", test_memory);
        ADD("disk", test_disk);
        ADD("damaged-file", test_damaged_file);
        ADD("no-room", test_no_room);
        ADD("program-changes", test_program_changes);
        ADD("wrapped-program-changes", test_wrapped_program_changes);
        ADD("kvm-changes", test_kvm_changes);
        ADD("identity", test_identity);
        ADD("failure", test_failure);
        ADD("failure-expires", test_failure_expires);
        ADD("links", test_links);
        ADD("script-links", test_script_links);
        ADD("single-flight", test_single_flight);
        ADD("two-at-a-time", test_two_at_a_time);
        ADD("warm", test_warm);
        ADD("changing", test_changing);
        ADD("tcg", test_tcg);
        ADD("machine", test_machine);
        ADD("machine-first", test_machine_first);
        return g_test_run();
}
