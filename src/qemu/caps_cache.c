/* Theory of operation.  An Entry stands for one program; what is known of it (Known: capabilities or the
 * reason why there are none, with the identity that it had) is immutable and replaced as a whole.  A caller
 * takes a reference to what is known, checks its identity without the lock, and returns it; if it does not
 * hold, he makes himself the one who finds out (entry->busy), waits for a slot, and probes in his own thread
 * without the lock.  The others wait for him on the condition and look again.
 *
 * Paths that lead to the same file share an entry, and each gets a view with its own path.  Scripts do not: a
 * script may do different things by the name that it is called with.
 *
 * The lock is held for table look-ups only.  Entries are never removed: there are as many as paths were asked
 * for. */
#include "qemu/caps_cache.h"

#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <sys/stat.h>

#include "qemu/caps_identity.h"
#include "qemu/caps_private.h"
#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"

#define FILE_FORMAT 1
#define FILE_BYTES  (16u << 20)

typedef struct Known {
        gatomicrefcount refs;
        DmCaps *caps; /* or */
        GError *failure;
        gint64 since_us; /* of the failure */
        char *identity;
} Known;

typedef struct Entry {
        Known *known;  /* nullable */
        gboolean busy; /* somebody is finding out */
} Entry;

struct DmCapsCache {
        DmCapsSource source; /* must be first */
        char *dir;           /* nullable */
        char *kvm_device;
        gint64 failure_us;
        DmProbeOptions options;
        gid_t *groups; /* of options */
        char *identity_base;

        GMutex lock; /* for what follows */
        GCond changed;
        GHashTable *entries;         /* key -> Entry */
        guint64 next_ticket, served; /* tickets below served + DM_CAPS_PROBES may probe */
        guint probes;
};

/* ---- what is known ---- */

static Known *known_ref(Known *k)
{
        if (k)
                g_atomic_ref_count_inc(&k->refs);
        return k;
}

static void known_unref(Known *k)
{
        if (!k || !g_atomic_ref_count_dec(&k->refs))
                return;
        dm_caps_unref(k->caps);
        g_clear_error(&k->failure);
        g_free(k->identity);
        g_free(k);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Known, known_unref)

static char *identity(const DmCapsCache *c, const char *path, const DmCaps *caps)
{
        return dm_caps_identity(c->identity_base, path, c->kvm_device, caps);
}

/* Takes @caps or @failure, and @id. */
static Known *known_new(DmCaps *caps, GError *failure, char *id)
{
        Known *k = g_new0(Known, 1);
        g_atomic_ref_count_init(&k->refs);
        k->caps = caps;
        k->failure = failure;
        k->since_us = g_get_monotonic_time();
        k->identity = id;
        return k;
}

static gboolean holds(const DmCapsCache *c, const char *path, const Known *k)
{
        if (!k || (k->failure && g_get_monotonic_time() - k->since_us > c->failure_us))
                return FALSE;
        g_autofree char *now = identity(c, path, k->caps);
        return strcmp(now, k->identity) == 0;
}

static DmCaps *answer(const Known *k, const char *path, GError **error)
{
        if (k->failure) {
                g_propagate_error(error, g_error_copy(k->failure));
                return NULL;
        }
        return strcmp(k->caps->path, path) == 0 ? dm_caps_ref(k->caps) : dm_caps_view(k->caps, path);
}

/* ---- which entry ---- */

static gboolean is_script(const char *path)
{
        char start[2];
        dm_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        return fd < 0 || read(fd, start, 2) != 2 ||
               memcmp(start, "#!", 2) == 0; /* unreadable: assume the worst */
}

static char *entry_key(const char *path, const struct stat *s)
{
        if (is_script(path))
                return g_strdup(path);
        return g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64)s->st_dev,
                               (guint64)s->st_ino);
}

/* Called with the lock. */
static Entry *entry_of(DmCapsCache *c, const char *key)
{
        Entry *e = g_hash_table_lookup(c->entries, key);
        if (!e) {
                e = g_new0(Entry, 1);
                g_hash_table_insert(c->entries, g_strdup(key), e);
        }
        return e;
}

static void entry_free(void *entry)
{
        known_unref(((Entry *)entry)->known);
        g_free(entry);
}

/* ---- files ---- */

/* By the name of the program, which links to it share, unless it is a script.  Owned; NULL without a
 * directory. */
static char *file_of(const DmCapsCache *c, const char *path)
{
        if (!c->dir)
                return NULL;
        g_autofree char *real = is_script(path) ? g_strdup(path) : realpath(path, NULL);
        g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, real ? real : path, -1);
        hash[32] = '\0';
        g_autofree char *name = g_strconcat(hash, ".json", NULL);
        return g_build_filename(c->dir, name, NULL);
}

/* NULL when there is none that holds: it is written anew then. */
static Known *load(const DmCapsCache *c, const char *path)
{
        g_autofree char *file = file_of(c, path), *text = NULL;
        gsize length = 0;
        if (!file || !dm_file_read(file, FILE_BYTES, &text, &length, NULL))
                return NULL;
        g_autoptr(DmJson) j = dm_json_parse(text, length, NULL);
        const char *id = dm_json_get_string(j, "identity");
        if (!id || dm_json_get_i64(j, "format", 0) != FILE_FORMAT)
                return NULL;
        g_autoptr(DmCaps) caps = dm_caps_from_json(dm_json_get(j, "capabilities"), NULL);
        if (!caps)
                return NULL;
        g_autoptr(Known) k = known_new(g_steal_pointer(&caps), NULL, g_strdup(id));
        return holds(c, path, k) ? g_steal_pointer(&k) : NULL;
}

static void save(const DmCapsCache *c, const char *path, const Known *k)
{
        g_autofree char *file = file_of(c, path);
        g_autoptr(GError) error = NULL;
        if (!file || !k->caps)
                return;
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_json_add_int(j, "format", FILE_FORMAT);
        dm_json_add_string(j, "identity", k->identity);
        dm_json_add_take(j, "capabilities", dm_caps_to_json(k->caps));
        g_autofree char *text = dm_json_to_string(j);
        if (!dm_make_dirs(c->dir, 0755, &error) ||
            !dm_file_write_atomic(file, text, strlen(text), 0644, DM_FILE_PLAIN, &error))
                g_debug("capabilities of '%s' are not kept: %s", path, error->message);
}

/* ---- finding out ---- */

/* What a caller wants beyond the plain probe; NULL members: nothing. */
typedef struct Want {
        gboolean tcg;
        const char *machine; /* nullable */
} Want;

static gboolean satisfies(const DmCaps *caps, const Want *want)
{
        if (want->tcg && !caps->tcg_models)
                return FALSE;
        if (!want->machine)
                return TRUE;
        g_autofree char *type = g_strconcat(want->machine, "-machine", NULL);
        return dm_caps_has_prop(caps, type, "type"); /* every QOM object has that one */
}

/* Called with the lock, which is dropped while waiting. */
static void take_slot(DmCapsCache *c)
{
        guint64 ticket = c->next_ticket++;
        while (ticket >= c->served + DM_CAPS_PROBES)
                g_cond_wait(&c->changed, &c->lock);
        c->probes++;
}

/* Answers are large for a moment (10 MB as JSON values) and hardly ever come: after the last one the memory
 * goes back to the system. */
static void give_slot(DmCapsCache *c)
{
        g_mutex_lock(&c->lock);
        c->served++;
        gboolean last = c->served == c->next_ticket;
        g_cond_broadcast(&c->changed);
        g_mutex_unlock(&c->lock);
        if (last)
                malloc_trim(0);
}

/* Without the lock.  The identity is what it was before the probe: a program that is replaced meanwhile is
 * probed again by the next caller. */
static Known *probe(DmCapsCache *c, const char *path)
{
        g_autoptr(GError) failure = NULL;
        g_autofree char *before = identity(c, path, NULL);
        DmCaps *caps = dm_caps_probe(path, &c->options, &failure);
        g_autofree char *after = identity(c, path, NULL);
        gboolean same = strcmp(before, after) == 0;
        char *id = !same ? g_strdup("") : caps ? identity(c, path, caps) : g_strdup(after);
        return known_new(caps, g_steal_pointer(&failure), id);
}

/* @k with more in it; NULL with the reason, which is not remembered. */
static Known *extend(const DmCapsCache *c, const char *path, const Known *k, const Want *want, GError **error)
{
        g_autoptr(DmCaps) caps = answer(k, path, NULL);
        if (want->tcg && !caps->tcg_models) {
                DmCaps *more = dm_caps_probe_tcg(caps, &c->options, error);
                if (!more)
                        return NULL;
                dm_caps_unref(caps);
                caps = more;
        }
        if (want->machine && !satisfies(caps, want)) {
                DmCaps *more = dm_caps_probe_machine(caps, want->machine, &c->options, error);
                if (!more)
                        return NULL;
                dm_caps_unref(caps);
                caps = more;
        }
        return known_new(g_steal_pointer(&caps), NULL, g_strdup(k->identity));
}

/* The one caller who finds out, without the lock.  @old does not hold or is not enough; nullable.  Sets
 * @error when the result is not what he wants; it is to be remembered all the same. */
static Known *find_out(DmCapsCache *c, const char *path, Known *old, const Want *want, GError **error)
{
        g_autoptr(Known) k = holds(c, path, old) ? known_ref(old) : load(c, path);
        if (k && (k->failure || satisfies(k->caps, want)))
                return g_steal_pointer(&k);
        g_mutex_lock(&c->lock);
        take_slot(c);
        g_mutex_unlock(&c->lock);
        if (!k)
                k = probe(c, path);
        if (k->caps && !satisfies(k->caps, want)) {
                Known *more = extend(c, path, k, want, error);
                if (more) {
                        known_unref(k);
                        k = more;
                }
        }
        give_slot(c);
        save(c, path, k);
        return g_steal_pointer(&k);
}

static DmCaps *get(DmCapsCache *c, const char *path, const Want *want, GError **error)
{
        struct stat s;
        if (stat(path, &s) < 0)
                return dm_caps_probe(path, &c->options,
                                     error); /* it says best what is wrong, and starts nothing */
        g_autofree char *key = entry_key(path, &s);
        for (;;) {
                g_mutex_lock(&c->lock);
                Entry *e = entry_of(c, key);
                while (e->busy)
                        g_cond_wait(&c->changed, &c->lock);
                g_autoptr(Known) k = known_ref(e->known);
                g_mutex_unlock(&c->lock);
                if (holds(c, path, k) && (k->failure || satisfies(k->caps, want)))
                        return answer(k, path, error);

                g_mutex_lock(&c->lock);
                gboolean mine = !e->busy && e->known == k;
                e->busy = e->busy || mine;
                g_mutex_unlock(&c->lock);
                if (!mine) /* somebody was faster: look at what he finds */
                        continue;
                g_autoptr(GError) lacking = NULL;
                g_autoptr(Known) found = find_out(c, path, k, want, &lacking);
                g_mutex_lock(&c->lock);
                known_unref(e->known);
                e->known = known_ref(found);
                e->busy = FALSE;
                g_cond_broadcast(&c->changed);
                g_mutex_unlock(&c->lock);
                if (!lacking)
                        return answer(found, path, error);
                g_propagate_error(error, g_steal_pointer(&lacking));
                return NULL;
        }
}

/* ---- the interface ---- */

static DmCaps *get_plain(DmCapsSource *source, const char *path, GError **error)
{
        return get((DmCapsCache *)source, path, &(Want){}, error);
}

static DmCaps *get_tcg(DmCapsSource *source, const char *path, GError **error)
{
        return get((DmCapsCache *)source, path, &(Want){ .tcg = TRUE }, error);
}

DmCaps *dm_caps_cache_get_tcg(DmCapsCache *cache, const char *path, GError **error)
{
        return get_tcg(&cache->source, path, error);
}

DmCaps *dm_caps_cache_get_machine(DmCapsCache *cache, const char *path, const char *machine, GError **error)
{
        return get(cache, path, &(Want){ .machine = machine }, error);
}

DmCapsSource *dm_caps_cache_source(DmCapsCache *cache)
{
        return &cache->source;
}

DmCapsCache *dm_caps_cache_new(const DmCapsCacheOptions *options)
{
        DmCapsCache *c = g_new0(DmCapsCache, 1);
        c->source.get = get_plain;
        c->source.get_tcg = get_tcg;
        c->dir = g_strdup(options->dir);
        c->kvm_device = g_strdup(options->kvm_device ? options->kvm_device : DM_KVM_DEVICE);
        c->failure_us =
                (options->failure_ms ? options->failure_ms : DM_CAPS_FAILURE_MS) * G_GINT64_CONSTANT(1000);
        c->options = options->probe;
        c->options.record = NULL;
        c->groups = g_memdup2(options->probe.groups, options->probe.n_groups * sizeof(gid_t));
        c->options.groups = c->groups;
        c->identity_base = dm_caps_identity_base(&c->options);
        g_mutex_init(&c->lock);
        g_cond_init(&c->changed);
        c->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
        return c;
}

void dm_caps_cache_free(DmCapsCache *c)
{
        if (!c)
                return;
        g_hash_table_unref(c->entries);
        g_cond_clear(&c->changed);
        g_mutex_clear(&c->lock);
        g_free(c->identity_base);
        g_free(c->groups);
        g_free(c->kvm_device);
        g_free(c->dir);
        g_free(c);
}

guint dm_caps_cache_probes(DmCapsCache *cache)
{
        g_mutex_lock(&cache->lock);
        guint probes = cache->probes;
        g_mutex_unlock(&cache->lock);
        return probes;
}

/* ---- many at once ---- */

typedef struct Warming {
        DmCapsCache *cache;
        char *const *paths;
        gint next; /* atomic */
        gint n;
} Warming;

static void *warm_some(void *data)
{
        Warming *w = data;
        for (gint i = g_atomic_int_add(&w->next, 1); i < w->n; i = g_atomic_int_add(&w->next, 1))
                dm_caps_unref(get_plain(&w->cache->source, w->paths[i], NULL));
        return NULL;
}

void dm_caps_cache_warm(DmCapsCache *cache, char *const *paths)
{
        Warming w = { .cache = cache, .paths = paths, .n = (gint)g_strv_length((char **)paths) };
        GThread *threads[DM_CAPS_PROBES - 1];
        for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
                threads[i] = g_thread_new("dm-probe", warm_some, &w);
        warm_some(&w);
        for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
                g_thread_join(threads[i]);
}
