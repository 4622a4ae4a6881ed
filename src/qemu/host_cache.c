/* Knows what the facts were read from, and what the kernel said of each such file then (see host_cache.h).
 *
 * The stamp of a host is the list of those files with identity, rights, size and times; directories are in
 * it, so that a file that appears counts too.  Equal stamps: equal facts. */
#include "qemu/host_cache.h"

#include <string.h>
#include <sys/stat.h>

#include "qemu/host_private.h"

/* What says how many processors there are, by content: sysfs has no times that mean something. */
#define CPUS_ONLINE "/sys/devices/system/cpu/online"
/* Files' times may lag the clock by a timer tick. */
#define CLOCK_GRAIN_US 20000

struct DmHostCache {
        GMutex lock;
        DmHost *host;  /* never changed once it is here; NULL before the first question */
        GArray *stamp; /* of Stamp */
        gboolean racy; /* not to be trusted the next time */
};

/* What of struct stat tells a change; eleven words without a hole, so that bytes can be compared. */
typedef struct Stamp {
        guint64 device, inode, special, size;
        gint64 changed_s, changed_ns, modified_s, modified_ns;
        guint64 mode, uid, gid;
} Stamp;

static void stamp_path(GArray *stamp, const char *path)
{
        struct stat st;
        Stamp s = { 0 };
        if (stat(path, &st) == 0)
                s = (Stamp){ st.st_dev,         st.st_ino,          st.st_rdev,        (guint64)st.st_size,
                             st.st_ctim.tv_sec, st.st_ctim.tv_nsec, st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                             st.st_mode,        st.st_uid,          st.st_gid };
        g_array_append_val(stamp, s);
}

/* What is no file's state is compared by a hash of its text. */
static void stamp_text(GArray *stamp, const char *text)
{
        Stamp s = { .inode = text ? g_str_hash(text) : 0, .size = text ? strlen(text) : 0 };
        g_array_append_val(stamp, s);
}

static void take_stamp(GArray *stamp, const DmHost *h)
{
        g_array_set_size(stamp, 0);
        g_autofree char *cpus = dm_host_read_trimmed(CPUS_ONLINE);
        stamp_text(stamp, cpus);
        stamp_text(stamp, g_getenv("PATH"));
        for (guint i = 0; i < h->sources->len; i++)
                stamp_path(stamp, g_ptr_array_index(h->sources, i));
        GHashTableIter iter;
        gpointer path;
        g_hash_table_iter_init(&iter, h->files);
        while (g_hash_table_iter_next(&iter, &path, NULL))
                stamp_path(stamp, path);
}

static gint64 newest_us(const GArray *stamp)
{
        gint64 newest = 0;
        for (guint i = 0; i < stamp->len; i++) {
                const Stamp *s = &g_array_index(stamp, Stamp, i);
                newest = MAX(newest, s->changed_s * G_USEC_PER_SEC + s->changed_ns / 1000);
        }
        return newest;
}

static void load(DmHostCache *c)
{
        gint64 begin_us = g_get_real_time();
        g_clear_pointer(&c->host, dm_host_unref);
        c->host = dm_host_load(NULL);
        take_stamp(c->stamp, c->host);
        /* Changed while it was being read: the stamp may be of what was not seen yet. */
        c->racy = newest_us(c->stamp) >= begin_us - CLOCK_GRAIN_US;
}

DmHost *dm_host_cache_get(DmHostCache *c, gboolean test_kvm)
{
        g_mutex_lock(&c->lock);
        gboolean good = c->host && !c->racy;
        if (good) {
                g_autoptr(GArray) now = g_array_new(FALSE, FALSE, sizeof(Stamp));
                take_stamp(now, c->host);
                good = now->len == c->stamp->len &&
                       memcmp(now->data, c->stamp->data, now->len * sizeof(Stamp)) == 0;
        }
        if (!good)
                load(c);
        DmHost *copy = dm_host_copy(c->host);
        g_mutex_unlock(&c->lock);
        if (good && test_kvm)
                dm_host_load_kvm(copy);
        return copy;
}

DmHostCache *dm_host_cache_new(void)
{
        DmHostCache *c = g_new0(DmHostCache, 1);
        g_mutex_init(&c->lock);
        c->stamp = g_array_new(FALSE, FALSE, sizeof(Stamp));
        return c;
}

void dm_host_cache_free(DmHostCache *c)
{
        if (!c)
                return;
        dm_host_unref(c->host);
        g_array_unref(c->stamp);
        g_mutex_clear(&c->lock);
        g_free(c);
}
