/* Tells ThreadSanitizer what GLib's locks, queues and reference counts order.
 *
 * GLib is not built with ThreadSanitizer, and its locks are futexes, not pthread mutexes: for the sanitizer
 * they do not exist, and whatever they protect looks like a race.  In the TSan build the linker turns our own
 * calls of the functions below into calls of these (ld --wrap), which do the same and say so.
 *
 * What is not wrapped is rather reported than missed: a new kind of GLib primitive in the sources means a new
 * function here, not a suppression. */
#include <glib-object.h>
#include <glib-unix.h>
#include <sanitizer/tsan_interface.h>

/* The linker's names: __wrap_f is called in place of f, __real_f is f itself.  Visible, since the linker
 * wraps what the shared libraries refer to as well. */
#define WRAPPED(type, f, ...)                                                \
        type __real_##f(__VA_ARGS__);                                        \
        __attribute__((visibility("default"))) type __wrap_##f(__VA_ARGS__); \
        type __wrap_##f(__VA_ARGS__)

/* ---- locks ---- */

#define LOCKS(name, type, lock, trylock, unlock, flags)                                                     \
        WRAPPED(void, lock, type *l)                                                                        \
        {                                                                                                   \
                __tsan_mutex_pre_lock(l, flags);                                                            \
                __real_##lock(l);                                                                           \
                __tsan_mutex_post_lock(l, flags, 1);                                                        \
        }                                                                                                   \
        WRAPPED(gboolean, trylock, type *l)                                                                 \
        {                                                                                                   \
                __tsan_mutex_pre_lock(l, (flags) | __tsan_mutex_try_lock);                                  \
                gboolean done = __real_##trylock(l);                                                        \
                __tsan_mutex_post_lock(                                                                     \
                        l, (flags) | __tsan_mutex_try_lock | (done ? 0 : __tsan_mutex_try_lock_failed), 1); \
                return done;                                                                                \
        }                                                                                                   \
        WRAPPED(void, unlock, type *l)                                                                      \
        {                                                                                                   \
                __tsan_mutex_pre_unlock(l, (flags)&__tsan_mutex_read_lock);                                 \
                __real_##unlock(l);                                                                         \
                __tsan_mutex_post_unlock(l, (flags)&__tsan_mutex_read_lock);                                \
        }

LOCKS(mutex, GMutex, g_mutex_lock, g_mutex_trylock, g_mutex_unlock, 0)
LOCKS(recursive, GRecMutex, g_rec_mutex_lock, g_rec_mutex_trylock, g_rec_mutex_unlock,
      __tsan_mutex_write_reentrant)
LOCKS(writer, GRWLock, g_rw_lock_writer_lock, g_rw_lock_writer_trylock, g_rw_lock_writer_unlock, 0)
LOCKS(reader, GRWLock, g_rw_lock_reader_lock, g_rw_lock_reader_trylock, g_rw_lock_reader_unlock,
      __tsan_mutex_read_lock)

#define CLEARS(type, clear)                 \
        WRAPPED(void, clear, type *l)       \
        {                                   \
                __tsan_mutex_destroy(l, 0); \
                __real_##clear(l);          \
        }

CLEARS(GMutex, g_mutex_clear)
CLEARS(GRecMutex, g_rec_mutex_clear)
CLEARS(GRWLock, g_rw_lock_clear)

/* A wait gives the mutex back and takes it again. */
static void given_back(GMutex *m)
{
        __tsan_mutex_pre_unlock(m, 0);
        __tsan_mutex_post_unlock(m, 0);
}

static void taken_again(GMutex *m)
{
        __tsan_mutex_pre_lock(m, 0);
        __tsan_mutex_post_lock(m, 0, 1);
}

WRAPPED(void, g_cond_wait, GCond *c, GMutex *m)
{
        given_back(m);
        __real_g_cond_wait(c, m);
        taken_again(m);
}

WRAPPED(gboolean, g_cond_wait_until, GCond *c, GMutex *m, gint64 until)
{
        given_back(m);
        gboolean signalled = __real_g_cond_wait_until(c, m, until);
        taken_again(m);
        return signalled;
}

/* ---- once ---- */

/* Readers look at the value with an atomic load of their own, so the writer must have stored it with one. */
WRAPPED(void, g_once_init_leave, volatile void *location, gsize result)
{
        __tsan_release((void *)location);
        __real_g_once_init_leave(location, result);
        __atomic_fetch_add((gsize *)location, 0, __ATOMIC_ACQ_REL);
}

WRAPPED(gboolean, g_once_init_enter, volatile void *location)
{
        gboolean first = __real_g_once_init_enter(location);
        __tsan_acquire((void *)location);
        return first;
}

/* ---- queues ---- */

#define PUSHES(push)                                       \
        WRAPPED(void, push, GAsyncQueue *q, gpointer data) \
        {                                                  \
                __tsan_release(q);                         \
                __real_##push(q, data);                    \
        }
#define POPS(pop)                                \
        WRAPPED(gpointer, pop, GAsyncQueue *q)   \
        {                                        \
                gpointer data = __real_##pop(q); \
                __tsan_acquire(q);               \
                return data;                     \
        }

PUSHES(g_async_queue_push)
PUSHES(g_async_queue_push_front)
POPS(g_async_queue_pop)
POPS(g_async_queue_try_pop)

WRAPPED(gpointer, g_async_queue_timeout_pop, GAsyncQueue *q, guint64 timeout)
{
        gpointer data = __real_g_async_queue_timeout_pop(q, timeout);
        __tsan_acquire(q);
        return data;
}

/* ---- main contexts ---- */

/* Whoever attaches a source has prepared what its callback finds.  A source gets a copy of its functions with
 * another dispatch; copies are few (one per kind of source) and are kept. */
typedef struct Kind {
        GSourceFuncs funcs; /* first: GLib is given its address */
        const GSourceFuncs *original;
} Kind;

#define KINDS_MAX 64
static Kind kinds[KINDS_MAX];
static GMutex kinds_lock;

static gboolean dispatch(GSource *s, GSourceFunc callback, gpointer data)
{
        __tsan_acquire(s);
        const Kind *kind = (const Kind *)s->source_funcs;
        gboolean again = kind->original->dispatch(s, callback, data);
        __tsan_release(s);
        return again;
}

static void finalize(GSource *s)
{
        __tsan_acquire(s);
        const Kind *kind = (const Kind *)s->source_funcs;
        if (kind->original->finalize)
                kind->original->finalize(s);
}

static Kind *kind_of(const GSourceFuncs *original)
{
        g_mutex_lock(&kinds_lock);
        int i = 0;
        while (kinds[i].original && kinds[i].original != original)
                i++;
        g_assert_cmpint(i, <, KINDS_MAX - 1);
        if (!kinds[i].original)
                kinds[i] = (Kind){ .funcs = *original, .original = original };
        kinds[i].funcs.dispatch = dispatch;
        kinds[i].funcs.finalize = finalize;
        g_mutex_unlock(&kinds_lock);
        return &kinds[i];
}

/* These two GLib knows by the address of their functions. */
static gboolean replaceable(const GSource *s)
{
        return s->source_funcs != &g_unix_signal_funcs && s->source_funcs != &g_child_watch_funcs;
}

WRAPPED(guint, g_source_attach, GSource *s, GMainContext *c)
{
        if (replaceable(s))
                s->source_funcs = &kind_of(s->source_funcs)->funcs;
        __tsan_release(s);
        return __real_g_source_attach(s, c);
}

static guint attach(GSource *s, int priority, GSourceFunc f, gpointer data, GDestroyNotify notify,
                    GMainContext *c)
{
        g_source_set_priority(s, priority);
        g_source_set_callback(s, f, data, notify);
        guint id = __wrap_g_source_attach(s, c);
        g_source_unref(s);
        return id;
}

/* GLib attaches inside of these, where the linker does not see it. */
WRAPPED(void, g_main_context_invoke_full, GMainContext *c, int priority, GSourceFunc f, gpointer data,
        GDestroyNotify notify)
{
        if (g_main_context_is_owner(c)) {
                while (f(data))
                        continue;
                if (notify)
                        notify(data);
                return;
        }
        attach(g_idle_source_new(), priority, f, data, notify, c);
}

WRAPPED(void, g_main_context_invoke, GMainContext *c, GSourceFunc f, gpointer data)
{
        __wrap_g_main_context_invoke_full(c, G_PRIORITY_DEFAULT, f, data, NULL);
}

WRAPPED(guint, g_idle_add, GSourceFunc f, gpointer data)
{
        return attach(g_idle_source_new(), G_PRIORITY_DEFAULT_IDLE, f, data, NULL, NULL);
}

WRAPPED(guint, g_timeout_add, guint interval_ms, GSourceFunc f, gpointer data)
{
        return attach(g_timeout_source_new(interval_ms), G_PRIORITY_DEFAULT, f, data, NULL, NULL);
}

/* ---- reference counts ---- */

WRAPPED(gboolean, g_atomic_ref_count_dec, gatomicrefcount *count)
{
        __tsan_release(count);
        gboolean last = __real_g_atomic_ref_count_dec(count);
        __tsan_acquire(count);
        return last;
}

/* The last one frees inside GLib, so what the others did must be known before. */
#define UNREFS(type, unref)                \
        WRAPPED(void, unref, type *object) \
        {                                  \
                __tsan_release(object);    \
                __tsan_acquire(object);    \
                __real_##unref(object);    \
        }

UNREFS(void, g_object_unref)
UNREFS(void, g_atomic_rc_box_release)
UNREFS(GBytes, g_bytes_unref)
UNREFS(GPtrArray, g_ptr_array_unref)
UNREFS(GArray, g_array_unref)
UNREFS(GHashTable, g_hash_table_unref)
UNREFS(GMainContext, g_main_context_unref)
UNREFS(GSource, g_source_unref)

WRAPPED(void, g_atomic_rc_box_release_full, gpointer object, GDestroyNotify clear)
{
        __tsan_release(object);
        __tsan_acquire(object);
        __real_g_atomic_rc_box_release_full(object, clear);
}

/* ---- interned strings ---- */

/* GLib's table of them has a lock that nobody sees: here is one around it. */
static GMutex interned_lock;

WRAPPED(char *, g_ref_string_new_intern, const char *text)
{
        __wrap_g_mutex_lock(&interned_lock);
        char *string = __real_g_ref_string_new_intern(text);
        __wrap_g_mutex_unlock(&interned_lock);
        return string;
}

WRAPPED(void, g_ref_string_release, char *string)
{
        __wrap_g_mutex_lock(&interned_lock);
        __real_g_ref_string_release(string);
        __wrap_g_mutex_unlock(&interned_lock);
}
