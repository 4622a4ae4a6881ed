/* The embedded driver: opening and closing a root, and the registry of guests (see driver.h). */
#include "driver/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "driver/guest_owner.h"
#include "driver/recover.h"
#include "driver/serve.h"
#include "qemu/caps_cache.h"
#include "qemu/host_cache.h"
#include "util/fd.h"
#include "util/file.h"

/* Last views of transient guests that have ended: whoever waited for one still learns how. */
#define MAX_GONE 64

typedef struct Gone {
        char *uuid;
        DmView *view;
} Gone;

struct DmDriver {
        gint refs;          /* atomic */
        gint users;         /* under open_lock: connections of this process, without those of `serving` */
        DmServing *serving; /* nullable: other processes are our clients */
        char *root;
        int lock_fd;
        DmFindings *findings; /* of recovery; own lock-free: written before anybody else sees the driver */
        DmEventBus *bus;
        DmExecutorGroup executors;
        DmHostCache *host;
        DmCapsCache *caps;
        GMutex lock;                   /* the tables and the counter */
        GHashTable *by_uuid, *by_name; /* DmGuest, referenced by by_uuid */
        GQueue gone;                   /* Gone, newest first */
        int last_id;
};

/* Drivers of this process by root: a second open shares the first one's driver. */
static GMutex open_lock;
static GHashTable *open_drivers;

/* ---- opening ---- */

/* A number that grows with each opening of the root: events of different lives never look the same.  A root
 * that can't be written is opened all the same, its guests want to be known: then time alone keeps numbers
 * apart. */
static guint64 next_epoch(const char *root, DmFindings *findings)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_build_filename(root, "epoch", NULL), *text = NULL;
        gsize length = 0;
        guint64 last = 0, now = (guint64)g_get_real_time();
        if (dm_file_read(path, 32, &text, &length, NULL))
                last = g_ascii_strtoull(text, NULL, 10);
        guint64 epoch = last == G_MAXUINT64 ? now : MAX(last + 1, now);
        g_autofree char *line = g_strdup_printf("%" G_GUINT64_FORMAT "\n", epoch);
        if (!dm_file_write_atomic(path, line, strlen(line), 0600, DM_FILE_PLAIN, &error))
                dm_findings_add(findings, DM_SEVERITY_WARNING, DM_ERROR_FAILED, 0, path, "%s",
                                error->message);
        return epoch;
}

static int lock_root(const char *root, GError **error)
{
        g_autofree char *path = g_build_filename(root, "lock", NULL);
        dm_autofd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EROFS)
                fd = open(path, O_RDONLY | O_CLOEXEC); /* enough to lock it */
        if (fd < 0) {
                dm_fail_errno(error, dm_error_code_of_errno(errno), errno, "can't open '%s'", path);
                return -1;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                dm_fail(error, DM_ERROR_BUSY,
                        "another process owns the root '%s': use another root, or end it", root);
                return -1;
        }
        return dm_steal_fd(&fd);
}

static int read_last_id(const char *root)
{
        g_autofree char *path = g_build_filename(root, "ids", NULL), *text = NULL;
        gsize length = 0;
        if (!dm_file_read(path, 128, &text, &length, NULL))
                return 0;
        g_auto(GStrv) words = g_strsplit(g_strchomp(text), " ", 2);
        guint64 id = 0;
        return g_strv_length(words) == 2 && strcmp(words[0], dm_boot_id()) == 0 &&
                               g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXINT / 2, &id, NULL)
                       ? (int)id
                       : 0;
}

static DmDriver *driver_new(const char *root, const char *cache_dir, GError **error)
{
        if (!dm_make_dirs(root, 0700, error))
                return NULL;
        dm_autofd int lock_fd = lock_root(root, error);
        if (lock_fd < 0)
                return NULL;
        g_autofree char *cache = cache_dir ? g_strdup(cache_dir) : g_build_filename(root, "cache", NULL);
        DmDriver *d = g_new0(DmDriver, 1);
        d->refs = 1;
        d->root = g_strdup(root);
        d->lock_fd = dm_steal_fd(&lock_fd);
        d->findings = dm_findings_new();
        d->bus = dm_event_bus_new(next_epoch(root, d->findings));
        dm_executor_group_init(&d->executors);
        d->host = dm_host_cache_new();
        d->caps = dm_caps_cache_new(&(DmCapsCacheOptions){ .dir = cache });
        g_mutex_init(&d->lock);
        d->by_uuid = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)dm_guest_unref);
        d->by_name = g_hash_table_new(g_str_hash, g_str_equal);
        d->last_id = read_last_id(root);
        return d;
}

/* The driver is whole: from now on others may use it too.  That they can't is no reason not to open. */
static void serve_others(DmDriver *d)
{
        g_autoptr(GError) error = NULL;
        if (!dm_serve_begin)
                return;
        d->serving = dm_serve_begin(d, &error);
        if (!d->serving)
                dm_findings_add(d->findings, DM_SEVERITY_WARNING, DM_ERROR_FAILED, 0, NULL,
                                "other processes can't use '%s' meanwhile: %s", d->root, error->message);
}

DmDriver *dm_driver_open(const char *root, const char *cache_dir, DmDriverFlags flags, GError **error)
{
        g_autofree char *canonical = g_canonicalize_filename(root, "/");
        g_mutex_lock(&open_lock);
        if (!open_drivers)
                open_drivers = g_hash_table_new(g_str_hash, g_str_equal);
        DmDriver *d = g_hash_table_lookup(open_drivers, canonical);
        if (d) {
                dm_driver_ref(d);
        } else {
                d = driver_new(canonical, cache_dir, error);
                if (d)
                        g_hash_table_insert(open_drivers, d->root, d);
                /* Under the lock: nobody is answered before the guests that run are known. */
                if (d)
                        dm_driver_recover(d);
                if (d && (flags & DM_DRIVER_AUTOSTART))
                        dm_driver_autostart(d);
                if (d && (flags & DM_DRIVER_SERVE))
                        serve_others(d);
        }
        if (d)
                d->users++;
        g_mutex_unlock(&open_lock);
        return d;
}

DmDriver *dm_driver_ref(DmDriver *d)
{
        g_atomic_int_inc(&d->refs);
        return d;
}

static void gone_free(void *p)
{
        Gone *g = p;
        g_free(g->uuid);
        dm_view_unref(g->view);
        g_free(g);
}

/* ---- closing ---- */

typedef struct Countdown {
        GMutex lock;
        GCond cond;
        guint left;
} Countdown;

static void count_down(DmGuest *g G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED, void *data)
{
        Countdown *c = data;
        g_mutex_lock(&c->lock);
        if (--c->left == 0)
                g_cond_signal(&c->cond);
        g_mutex_unlock(&c->lock);
}

/* Lets go of a guest's QEMU, or ends it when it was started to end with us. */
static gboolean leave(DmGuest *g, DmJob *job G_GNUC_UNUSED, void *args G_GNUC_UNUSED,
                      GError **error G_GNUC_UNUSED)
{
        if (!g->run)
                return TRUE;
        if (g->autodestroy) {
                g->destroying = TRUE;
                dm_guest_finish(g, DM_RUN_GRACE_MS);
                return TRUE;
        }
        dm_guest_stop_ping(g);
        g_ptr_array_set_size(g->consoles, 0);
        g_clear_pointer(&g->run, dm_run_free);
        return TRUE;
}

static void leave_guests(DmDriver *d)
{
        g_autoptr(GPtrArray) guests = dm_driver_guests(d);
        Countdown c = { .left = guests->len + 1 };
        g_mutex_init(&c.lock);
        g_cond_init(&c.cond);
        for (guint i = 0; i < guests->len; i++)
                dm_guest_submit(g_ptr_array_index(guests, i), leave, NULL, NULL, 0, NULL, count_down, &c);
        count_down(NULL, NULL, &c);
        g_mutex_lock(&c.lock);
        while (c.left)
                g_cond_wait(&c.cond, &c.lock);
        g_mutex_unlock(&c.lock);
        g_mutex_clear(&c.lock);
        g_cond_clear(&c.cond);
}

void dm_driver_leave(DmDriver *d)
{
        DmServing *serving = NULL;
        g_mutex_lock(&open_lock);
        if (--d->users == 0) {
                serving = g_steal_pointer(&d->serving);
                g_hash_table_remove(open_drivers, d->root); /* who opens it now gets another */
        }
        g_mutex_unlock(&open_lock);
        if (serving)
                dm_serve_end(serving); /* with its references */
        dm_driver_unref(d);
}

void dm_driver_unref(DmDriver *d)
{
        if (!d || !g_atomic_int_dec_and_test(&d->refs))
                return;
        leave_guests(d);
        dm_executor_group_wait(&d->executors); /* their threads still unwind: they borrow from us */
        dm_executor_group_clear(&d->executors);
        g_hash_table_unref(d->by_name);
        g_hash_table_unref(d->by_uuid);
        g_queue_clear_full(&d->gone, gone_free);
        dm_event_bus_free(d->bus);
        dm_findings_unref(d->findings);
        dm_caps_cache_free(d->caps);
        dm_host_cache_free(d->host);
        dm_close_fd(&d->lock_fd);
        g_mutex_clear(&d->lock);
        g_free(d->root);
        g_free(d);
}

/* ---- what guests share ---- */

const char *dm_driver_root(const DmDriver *d)
{
        return d->root;
}

DmEventBus *dm_driver_bus(DmDriver *d)
{
        return d->bus;
}

DmFindings *dm_driver_findings(DmDriver *d)
{
        return d->findings;
}

DmExecutorGroup *dm_driver_executors(DmDriver *d)
{
        return &d->executors;
}

DmCapsSource *dm_driver_caps(DmDriver *d)
{
        return dm_caps_cache_source(d->caps);
}

DmHost *dm_driver_host(DmDriver *d, gboolean test_kvm)
{
        return dm_host_cache_get(d->host, test_kvm);
}

char *dm_driver_run_dir(const DmDriver *d, const char *uuid)
{
        return g_build_filename(d->root, "run", uuid, NULL);
}

char *dm_driver_log_path(const DmDriver *d, const char *name)
{
        g_autofree char *file = g_strconcat(name, ".log", NULL);
        return g_build_filename(d->root, "log", file, NULL);
}

char *dm_driver_nvram_dir(const DmDriver *d)
{
        return g_build_filename(d->root, "nvram", NULL);
}

/* ---- registry ---- */

/* Under the lock. */
static gboolean is_free(DmDriver *d, const char *uuid, const char *name, GError **error)
{
        DmGuest *same_name = g_hash_table_lookup(d->by_name, name),
                *same_uuid = g_hash_table_lookup(d->by_uuid, uuid);
        if (same_name)
                dm_fail(error, DM_ERROR_EXISTS,
                        "domain '%s' exists already with uuid %s: give this one another name", name,
                        dm_guest_uuid(same_name));
        else if (same_uuid)
                dm_fail(error, DM_ERROR_EXISTS,
                        "uuid %s belongs to domain '%s' already: leave <uuid> out to get a new one", uuid,
                        dm_guest_name(same_uuid));
        return !same_name && !same_uuid;
}

/* Under the lock; the table takes a reference. */
static void enter(DmDriver *d, DmGuest *g)
{
        g_hash_table_insert(d->by_uuid, (char *)dm_guest_uuid(g), dm_guest_ref(g));
        g_hash_table_insert(d->by_name, (char *)dm_guest_name(g), g);
}

/* The same. */
static DmGuest *reserve(DmDriver *d, const char *uuid, const char *name, GError **error)
{
        DmGuest *g = is_free(d, uuid, name, error) ? dm_guest_new(d, uuid, name) : NULL;
        if (g)
                enter(d, g);
        return g;
}

DmGuest *dm_driver_reserve(DmDriver *d, const char *uuid, const char *name, GError **error)
{
        g_mutex_lock(&d->lock);
        DmGuest *g = reserve(d, uuid, name, error);
        g_mutex_unlock(&d->lock);
        return g;
}

DmGuest *dm_driver_find_or_reserve(DmDriver *d, const char *uuid, const char *name, gboolean *ret_new,
                                   GError **error)
{
        g_mutex_lock(&d->lock);
        DmGuest *g = g_hash_table_lookup(d->by_uuid, uuid);
        *ret_new = !g || strcmp(dm_guest_name(g), name) != 0;
        DmGuest *result = *ret_new ? reserve(d, uuid, name, error) : dm_guest_ref(g);
        g_mutex_unlock(&d->lock);
        return result;
}

void dm_driver_forget(DmDriver *d, DmGuest *g)
{
        g_autoptr(DmGuest) keep = dm_guest_ref(g);
        Gone *gone = g_new(Gone, 1);
        *gone = (Gone){ g_strdup(dm_guest_uuid(g)), dm_guest_view(g) };
        g_mutex_lock(&d->lock);
        g_queue_push_head(&d->gone, gone);
        if (d->gone.length > MAX_GONE)
                gone_free(g_queue_pop_tail(&d->gone));
        if (g_hash_table_lookup(d->by_uuid, dm_guest_uuid(g)) == g) {
                g_hash_table_remove(d->by_name, dm_guest_name(g));
                g_hash_table_remove(d->by_uuid, dm_guest_uuid(g));
        }
        g_mutex_unlock(&d->lock);
}

gboolean dm_driver_replace(DmDriver *d, DmGuest *from, DmGuest *to, GError **error)
{
        g_autoptr(DmGuest) keep = dm_guest_ref(from);
        g_mutex_lock(&d->lock);
        gboolean ok = !g_hash_table_lookup(d->by_name, dm_guest_name(to));
        if (ok) {
                g_hash_table_remove(d->by_name, dm_guest_name(from));
                g_hash_table_remove(d->by_uuid, dm_guest_uuid(from));
                enter(d, to);
        }
        g_mutex_unlock(&d->lock);
        return ok || dm_fail(error, DM_ERROR_EXISTS, "domain '%s' exists already", dm_guest_name(to));
}

DmView *dm_driver_last_view(DmDriver *d, const char *uuid)
{
        DmView *result = NULL;
        g_mutex_lock(&d->lock);
        for (GList *l = d->gone.head; l && !result; l = l->next) {
                const Gone *g = l->data;
                if (strcmp(g->uuid, uuid) == 0)
                        result = dm_view_ref(g->view);
        }
        g_mutex_unlock(&d->lock);
        return result;
}

static DmGuest *find(DmDriver *d, GHashTable *table, const char *key)
{
        g_mutex_lock(&d->lock);
        DmGuest *g = g_hash_table_lookup(table, key);
        if (g)
                dm_guest_ref(g);
        g_mutex_unlock(&d->lock);
        return g;
}

DmGuest *dm_driver_find_name(DmDriver *d, const char *name)
{
        return find(d, d->by_name, name);
}

DmGuest *dm_driver_find_uuid(DmDriver *d, const char *uuid)
{
        return find(d, d->by_uuid, uuid);
}

GPtrArray *dm_driver_guests(DmDriver *d)
{
        GPtrArray *result = g_ptr_array_new_with_free_func((GDestroyNotify)dm_guest_unref);
        GHashTableIter iter;
        gpointer value;
        g_mutex_lock(&d->lock);
        g_hash_table_iter_init(&iter, d->by_uuid);
        while (g_hash_table_iter_next(&iter, NULL, &value))
                g_ptr_array_add(result, dm_guest_ref(value));
        g_mutex_unlock(&d->lock);
        return result;
}

DmGuest *dm_driver_find_id(DmDriver *d, int id)
{
        g_autoptr(GPtrArray) guests = dm_driver_guests(d);
        for (guint i = 0; i < guests->len; i++) {
                DmGuest *g = g_ptr_array_index(guests, i);
                g_autoptr(DmView) v = dm_guest_view(g);
                if (v->id == id && id >= 0)
                        return dm_guest_ref(g);
        }
        return NULL;
}

/* Ids are not used again until the host restarts, whoever owns the root meanwhile. */
int dm_driver_next_id(DmDriver *d)
{
        g_autofree char *path = g_build_filename(d->root, "ids", NULL);
        g_mutex_lock(&d->lock);
        int id = ++d->last_id;
        g_autofree char *text = g_strdup_printf("%s %d\n", dm_boot_id(), id);
        dm_file_write_atomic(path, text, strlen(text), 0600, DM_FILE_PLAIN,
                             NULL); /* else an id may come again */
        g_mutex_unlock(&d->lock);
        return id;
}

void dm_driver_saw_id(DmDriver *d, int id)
{
        g_mutex_lock(&d->lock);
        d->last_id = MAX(d->last_id, id);
        g_mutex_unlock(&d->lock);
}
