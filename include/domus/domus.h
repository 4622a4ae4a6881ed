/* domus: a QEMU/KVM hypervisor driver as a library.
 *
 * Link with `pkg-config --cflags --libs domus`.  The API is C99 and C++ clean and uses GLib's types: GError,
 * GCancellable, GMainContext.  All functions may be called from any thread.
 *
 * Ownership: what a function returns without `const` belongs to the caller (g_free for text, domus_*_unref
 * for objects, close for descriptors), what it returns with `const` is borrowed from the object it was asked
 * of. Arguments are borrowed for the call.
 *
 * Errors: a function that can fail takes `GError **error` last and returns FALSE, NULL or -1 when it does.
 * The domain is DOMUS_ERROR, the code one of DomusError; domus_error_path() and _line() give the place in the
 * XML document where there is one.
 *
 * Waiting: reads (list, info, state, XML) never wait, not even when the guest's QEMU hangs.  Calls that
 * change a guest take a `const DomusCall *`: NULL waits as long as it takes, without a way to cancel. */
#ifndef DOMUS_H
#define DOMUS_H

#include <gio/gio.h>

G_BEGIN_DECLS

#if defined(__GNUC__)
#define DOMUS_API __attribute__((visibility("default")))
#else
#define DOMUS_API
#endif

/* ---- versions ---- */

/* Version of this library, "0.1.0".  Static. */
DOMUS_API const char *domus_version(void);

/* ---- errors ---- */

/* What a caller may want to tell apart.  Values never change. */
typedef enum DomusError {
        DOMUS_ERROR_INTERNAL,
        DOMUS_ERROR_INVALID_XML,
        DOMUS_ERROR_UNSUPPORTED,
        DOMUS_ERROR_INVALID_ARG,
        DOMUS_ERROR_NOT_FOUND,
        DOMUS_ERROR_EXISTS,
        DOMUS_ERROR_BAD_STATE,
        DOMUS_ERROR_BUSY,
        DOMUS_ERROR_DENIED,
        DOMUS_ERROR_FAILED,
        DOMUS_ERROR_TIMED_OUT,
        DOMUS_ERROR_CANCELLED,
        DOMUS_ERROR_GONE,
        DOMUS_ERROR_LIMIT
} DomusError;

#define DOMUS_ERROR (domus_error_quark())
DOMUS_API GQuark domus_error_quark(void);
/* Stable name of the error's code, "invalid-xml"; "unknown" for foreign domains.  Static. */
DOMUS_API const char *domus_error_name(const GError *error);
/* Place in the document: "/domain/devices/disk[1]/target/@bus", NULL when there is none; borrowed from
 * @error. */
DOMUS_API const char *domus_error_path(const GError *error);
/* Line of the document, from 1; 0 when unknown. */
DOMUS_API unsigned domus_error_line(const GError *error);

/* ---- objects ---- */

typedef struct DomusConn DomusConn;     /* a connection to a driver; reference-counted */
typedef struct DomusDomain DomusDomain; /* the name of a guest (connection and uuid), not the guest itself */

/* How long a call may take, and how it can be given up. */
typedef struct DomusCall DomusCall;
/* Called when an asynchronous call has ended: @error is NULL on success, borrowed; @domain is borrowed. */
typedef void (*DomusDone)(DomusDomain *domain, const GError *error, void *data);
struct DomusCall {
        int timeout_ms;       /* 0: no deadline.  At the deadline the call fails with TIMED_OUT */
        GCancellable *cancel; /* nullable; then the call fails with CANCELLED */
        DomusDone done; /* NULL: the call waits.  Else it returns TRUE at once, and done is called exactly
                           once */
        void *data;
        GMainContext *context; /* where done is called; NULL: the thread-default context of the caller */
};

/* ---- connections ---- */

typedef enum DomusOpenFlags {
        DOMUS_OPEN_DEFAULT = 0,
        DOMUS_OPEN_READONLY = 1 << 0, /* calls that change anything answer DENIED */
        /* For qemu:///embed?root=DIR: */
        DOMUS_OPEN_OWNER = 1 << 1, /* own the root in this process, and nobody else is served; else BUSY */
        DOMUS_OPEN_SPAWN_OWNER =
                1 << 2, /* leave the root to a domusd, which is started when nobody owns it, outlives this
                         * process, and ends when no guest runs and nobody is connected */
        DOMUS_OPEN_AUTOSTART = 1 << 3 /* who becomes the owner starts the guests that are marked for it, once
                                       * for each boot of the host, before this returns */
} DomusOpenFlags;

/* Opens the driver at @uri:
 *   qemu:///embed?root=DIR           the driver inside this process, its state below the absolute path DIR
 *                                    (made if missing).  One process owns a root; others that open it become
 *                                    clients of that one, with the same calls
 *   qemu:///system, qemu:///session  the domusd of the machine, of this user
 *   qemu+unix:///system?socket=PATH  the domusd that listens at PATH
 * Opening is recovery: guests that still run are known before this returns.  Errors: INVALID_ARG (uri), BUSY
 * (another process owns the root and does not answer), NOT_FOUND and GONE (no domusd is there), DENIED,
 * FAILED.
 *
 * When the domusd of a connection ends, its calls and jobs fail with GONE; another one has to be opened. */
DOMUS_API DomusConn *domus_open(const char *uri, unsigned flags, GError **error);
DOMUS_API DomusConn *domus_conn_ref(DomusConn *conn);
/* Drops a reference.  With the last one the embedded driver ends; guests started with
 * DOMUS_CREATE_AUTODESTROY are destroyed, others go on running. */
DOMUS_API void domus_conn_unref(DomusConn *conn);
DOMUS_API const char *domus_conn_uri(DomusConn *conn);
/* What opening found wrong (damaged files, guests that ended meanwhile), one message each.  Owned
 * (g_strfreev). */
DOMUS_API char **domus_conn_messages(DomusConn *conn);

/* The <capabilities> document: host, and what guests the installed emulators can run.  Privilege: read. */
DOMUS_API char *domus_conn_capabilities(DomusConn *conn, GError **error);
/* The <domainCapabilities> document of one emulator, architecture, machine and domain type; each may be NULL
 * for the default.  Errors: INVALID_ARG for combinations that are not offered.  Privilege: read. */
DOMUS_API char *domus_conn_domain_capabilities(DomusConn *conn, const char *emulator, const char *arch,
                                               const char *machine, const char *type, GError **error);

/* The machine itself, as virNodeInfo has it. */
typedef struct DomusNodeInfo {
        char model[32];                   /* the architecture, "x86_64" */
        guint64 memory_kib;               /* of the machine */
        unsigned cpus;                    /* usable processors */
        unsigned mhz;                     /* 0: unknown */
        unsigned nodes;                   /* NUMA cells */
        unsigned sockets, cores, threads; /* sockets of a node, cores of a socket, threads of a core */
} DomusNodeInfo;
/* Privilege: read. */
DOMUS_API void domus_conn_node_info(DomusConn *conn, DomusNodeInfo *ret_info);
/* What the machine is doing. */
typedef struct DomusNodeUsage {
        guint64 memory_kib, free_kib, buffers_kib, cached_kib;
        guint64 user_ns, kernel_ns, idle_ns, iowait_ns; /* of all processors since the boot */
        unsigned cpus;       /* processors that there are, those that are switched off included */
        guint8 online[1024]; /* a bit for each, the lowest first */
} DomusNodeUsage;
/* Privilege: read. */
DOMUS_API gboolean domus_conn_node_usage(DomusConn *conn, DomusNodeUsage *ret_usage, GError **error);
/* Version of the emulator that guests of the host's own architecture get when they name none: 7002022 for
 * 7.2.22. 0 with NOT_FOUND when there is none.  May start the emulator to ask it.  Privilege: read. */
DOMUS_API unsigned domus_conn_emulator_version(DomusConn *conn, GError **error);

/* ---- finding guests (privilege: read) ---- */

/* All guests that the driver knows: a GPtrArray of DomusDomain that owns them, ordered by id, then by name.
 */
DOMUS_API GPtrArray *domus_conn_list(DomusConn *conn, GError **error);
DOMUS_API DomusDomain *domus_lookup_name(DomusConn *conn, const char *name, GError **error);
DOMUS_API DomusDomain *domus_lookup_uuid(DomusConn *conn, const char *uuid, GError **error);
DOMUS_API DomusDomain *domus_lookup_id(DomusConn *conn, int id, GError **error);
/* The name of the guest with this uuid, without looking whether it is there: for who has kept it.  NULL when
 * @uuid is none. */
DOMUS_API DomusDomain *domus_domain_named(DomusConn *conn, const char *uuid, const char *name);

DOMUS_API DomusDomain *domus_domain_ref(DomusDomain *domain);
DOMUS_API void domus_domain_unref(DomusDomain *domain);
DOMUS_API const char *domus_domain_name(DomusDomain *domain);
DOMUS_API const char *domus_domain_uuid(DomusDomain *domain); /* canonical text, 36 characters */

/* ---- states: libvirt's numbers ---- */

typedef enum DomusState {
        DOMUS_STATE_NOSTATE = 0,
        DOMUS_STATE_RUNNING = 1,
        DOMUS_STATE_BLOCKED = 2,
        DOMUS_STATE_PAUSED = 3,
        DOMUS_STATE_SHUTDOWN = 4, /* the guest has ended, its QEMU not yet */
        DOMUS_STATE_SHUTOFF = 5,
        DOMUS_STATE_CRASHED = 6,
        DOMUS_STATE_PMSUSPENDED = 7
} DomusState;

typedef struct DomusInfo {
        DomusState state;
        int reason; /* libvirt's virDomain*Reason of that state */
        int id;     /* -1 when not running */
        int pid;    /* of the QEMU; 0 when not running */
        unsigned vcpus;
        guint64 max_memory_kib, memory_kib;
        guint64 cpu_time_ns;    /* host CPU time used since the start */
        gint64 started_us;      /* wall clock, µs since 1970; 0 when not running */
        gint64 unresponsive_us; /* wall clock since when QEMU has not answered; 0 when it does */
        gboolean persistent, autostart;
        unsigned max_vcpus;
        gboolean updated; /* it runs, and the next start would use another definition */
} DomusInfo;

/* State of the guest.  NOT_FOUND when it is no longer known (a transient guest that ended).  Privilege: read.
 */
DOMUS_API gboolean domus_domain_info(DomusDomain *domain, DomusInfo *ret_info, GError **error);
/* "running", "shut off", …; static. */
DOMUS_API const char *domus_state_name(DomusState state);
/* "booted", "user", "shutdown", "crashed", …: libvirt's name of a reason; static. */
DOMUS_API const char *domus_reason_name(DomusState state, int reason);

typedef enum DomusXmlFlags {
        DOMUS_XML_SECURE = 1 << 0,  /* with passwords; privilege: secret */
        DOMUS_XML_INACTIVE = 1 << 1 /* as it would be started again: without what exists only while it runs */
} DomusXmlFlags;
/* The guest's definition, in today's form.  Privilege: read. */
DOMUS_API char *domus_domain_xml(DomusDomain *domain, unsigned flags, GError **error);

/* What the guest's system is booted as: "hvm", "xen".  Owned.  Privilege: read. */
DOMUS_API char *domus_domain_os_type(DomusDomain *domain, GError **error);

/* ---- changing guests (privilege: write) ---- */

typedef enum DomusCreateFlags {
        DOMUS_CREATE_PAUSED = 1 << 0,      /* its processors stand still until resume */
        DOMUS_CREATE_AUTODESTROY = 1 << 1, /* destroyed when the connection is closed, killed when we die */
        DOMUS_CREATE_VALIDATE = 1 << 2     /* unknown elements and attributes are errors, not warnings */
} DomusCreateFlags;

/* Starts a transient guest from @xml.  Returns its name, also when the call is asynchronous.  When it fails
 * nothing of the guest is left, and QEMU's own last words are in the error. */
DOMUS_API DomusDomain *domus_create(DomusConn *conn, const char *xml, unsigned flags, const DomusCall *call,
                                    GError **error);
/* Defines a guest: it stays known, under its name and uuid, until it is undefined.  Over a guest with the
 * same name and uuid it is what the next start uses; a running transient one becomes persistent.  EXISTS:
 * name or uuid belong to another guest. */
DOMUS_API DomusDomain *domus_define(DomusConn *conn, const char *xml, unsigned flags, const DomusCall *call,
                                    GError **error);
/* Forgets the definition.  A running guest goes on as a transient one. */
DOMUS_API gboolean domus_domain_undefine(DomusDomain *domain, const DomusCall *call, GError **error);
/* Starts a defined guest.  Flags: DOMUS_CREATE_PAUSED, DOMUS_CREATE_AUTODESTROY. */
DOMUS_API gboolean domus_domain_start(DomusDomain *domain, unsigned flags, const DomusCall *call,
                                      GError **error);
/* Whether DOMUS_OPEN_AUTOSTART starts the guest. */
DOMUS_API gboolean domus_domain_set_autostart(DomusDomain *domain, gboolean autostart, const DomusCall *call,
                                              GError **error);
/* Gives a defined guest that does not run another name. */
DOMUS_API gboolean domus_domain_rename(DomusDomain *domain, const char *name, const DomusCall *call,
                                       GError **error);
/* Asks the guest to shut down (ACPI power button, or the board's equivalent).  Returns when it was asked, not
 * when it is done: see domus_domain_wait(). */
DOMUS_API gboolean domus_domain_shutdown(DomusDomain *domain, const DomusCall *call, GError **error);
/* Asks the guest to shut down, and starts it again in the same QEMU once it has. */
DOMUS_API gboolean domus_domain_reboot(DomusDomain *domain, const DomusCall *call, GError **error);
/* Presses the reset button: nothing is asked. */
DOMUS_API gboolean domus_domain_reset(DomusDomain *domain, const DomusCall *call, GError **error);
typedef enum DomusDestroyFlags {
        DOMUS_DESTROY_FORCE = 1 << 0 /* SIGKILL at once; else SIGTERM, and SIGKILL after 5 s */
} DomusDestroyFlags;
/* Ends the guest's QEMU and returns when it is gone.  Works while another call hangs on that QEMU. */
DOMUS_API gboolean domus_domain_destroy(DomusDomain *domain, unsigned flags, const DomusCall *call,
                                        GError **error);
DOMUS_API gboolean domus_domain_suspend(DomusDomain *domain, const DomusCall *call, GError **error);
DOMUS_API gboolean domus_domain_resume(DomusDomain *domain, const DomusCall *call, GError **error);

/* How a guest ended. */
typedef struct DomusExit {
        int reason; /* libvirt's virDomainShutoffReason: 1 shutdown, 2 destroyed, 3 crashed, 6 failed, … */
        int exit_code;     /* of QEMU; -1 when unknown or killed */
        int signal;        /* that killed QEMU; 0 */
        char message[256]; /* one sentence, with QEMU's last words where they explain something */
} DomusExit;
/* Waits until the guest does not run any more.  @ret_exit may be NULL, and must be when the call is
 * asynchronous; then a second call, which returns at once, gives it.  Privilege: read. */
DOMUS_API gboolean domus_domain_wait(DomusDomain *domain, const DomusCall *call, DomusExit *ret_exit,
                                     GError **error);

/* One run of a defined guest. */
typedef struct DomusRun {
        gint64 started_us; /* wall clock; 0: the start failed */
        gint64 ended_us;   /* 0: it runs */
        DomusExit end;     /* when it has ended */
} DomusRun;
/* The last runs of a defined guest, oldest first, at most 16: a GArray of DomusRun, owned.  Privilege: read.
 */
DOMUS_API GArray *domus_domain_runs(DomusDomain *domain, GError **error);

/* ---- console (privilege: write) ---- */

typedef enum DomusConsoleFlags {
        DOMUS_CONSOLE_HISTORY = 1 << 0, /* what was printed so far (at most 64 KiB) comes first */
        DOMUS_CONSOLE_FORCE = 1 << 1    /* close the stream of whoever is connected; else BUSY */
} DomusConsoleFlags;
/* A connected socket: what the guest prints can be read, what is written the guest gets; end of file when the
 * guest ends.
 * @device is the alias of a serial or console device with <… type='pty'>, NULL for the first.  A reader that
 * does not read loses output, never stalls the guest.  Close it with close(). */
DOMUS_API int domus_domain_open_console(DomusDomain *domain, const char *device, unsigned flags,
                                        GError **error);

/* ---- what a definition says besides, and changing it ---- */

/* Which of a guest's two definitions is meant: libvirt's numbers. */
typedef enum DomusAffect {
        DOMUS_AFFECT_CURRENT = 0,     /* the running one of a running guest, else the stored one */
        DOMUS_AFFECT_LIVE = 1 << 0,   /* BAD_STATE when it does not run */
        DOMUS_AFFECT_CONFIG = 1 << 1, /* BAD_STATE when it is transient */
        DOMUS_AFFECT_MAXIMUM = 1 << 2 /* memory, processors: the limit, not what is used of it */
} DomusAffect;

typedef enum DomusMetadata {
        DOMUS_METADATA_DESCRIPTION = 0,
        DOMUS_METADATA_TITLE = 1,
        DOMUS_METADATA_ELEMENT = 2 /* an application's own element, told by the URI of its namespace */
} DomusMetadata;
/* NOT_FOUND when there is none.  @uri is needed for elements only.  Owned.  Privilege: read. */
DOMUS_API char *domus_domain_metadata(DomusDomain *domain, DomusMetadata what, const char *uri,
                                      unsigned affect, GError **error);
/* @text NULL takes it out.  An element gets the namespace @uri with the prefix @key.  Privilege: write. */
DOMUS_API gboolean domus_domain_set_metadata(DomusDomain *domain, DomusMetadata what, const char *text,
                                             const char *key, const char *uri, unsigned affect,
                                             const DomusCall *call, GError **error);
/* LIVE asks the guest's balloon; the memory follows when the guest gives it.  Privilege: write. */
DOMUS_API gboolean domus_domain_set_memory(DomusDomain *domain, guint64 kib, unsigned affect,
                                           const DomusCall *call, GError **error);
/* UNSUPPORTED for LIVE.  Privilege: write. */
DOMUS_API gboolean domus_domain_set_vcpus(DomusDomain *domain, unsigned vcpus, unsigned affect,
                                          const DomusCall *call, GError **error);

/* ---- statistics (privilege: read) ----
 *
 * Results are stored before the call returns, or before `done` is called: then they have to stay valid until
 * it is.  When the call fails they are unchanged. */

typedef enum DomusStatsGroup { /* libvirt's numbers */
                               DOMUS_STATS_STATE = 1 << 0,
                               DOMUS_STATS_CPU = 1 << 1,
                               DOMUS_STATS_BALLOON = 1 << 2,
                               DOMUS_STATS_VCPU = 1 << 3,
                               DOMUS_STATS_INTERFACE = 1 << 4,
                               DOMUS_STATS_BLOCK = 1 << 5,
                               DOMUS_STATS_ALL = (1 << 6) - 1
} DomusStatsGroup;
typedef enum DomusStatsFlags {
        DOMUS_STATS_NOWAIT = 1 << 0 /* without asking QEMU: what it alone knows is left out */
} DomusStatsFlags;
/* Named figures, as libvirt names them ("block.0.rd.bytes"), in order: an a{sv} whose values are u, i, t, x,
 * d, b or s.  Owned (g_variant_unref). */
DOMUS_API gboolean domus_domain_stats(DomusDomain *domain, unsigned groups, unsigned flags,
                                      GVariant **ret_stats, const DomusCall *call, GError **error);

typedef struct DomusBlockStats {
        guint64 read_requests, read_bytes, read_ns;
        guint64 write_requests, write_bytes, write_ns;
        guint64 flush_requests, flush_ns;
        guint64 capacity, allocation, physical; /* of the image, bytes */
} DomusBlockStats;
/* @disk: a target ("vda") or a path of the guest's definition; "" sums up what was read and written of all.
 */
DOMUS_API gboolean domus_domain_block_stats(DomusDomain *domain, const char *disk, DomusBlockStats *ret_stats,
                                            const DomusCall *call, GError **error);
/* The image of @disk, whether the guest runs or not; the other figures are 0.  Looks at the file. */
DOMUS_API gboolean domus_domain_block_info(DomusDomain *domain, const char *disk, DomusBlockStats *ret_info,
                                           GError **error);

typedef struct DomusInterfaceStats { /* as the guest sees them */
        guint64 rx_bytes, rx_packets, rx_errors, rx_dropped;
        guint64 tx_bytes, tx_packets, tx_errors, tx_dropped;
} DomusInterfaceStats;
/* @interface: the host's name of it ("vnet0") or the card's MAC. */
DOMUS_API gboolean domus_domain_interface_stats(DomusDomain *domain, const char *interface,
                                                DomusInterfaceStats *ret_stats, GError **error);

typedef struct DomusVcpu {
        unsigned number;
        int cpu; /* of the host, where it ran last */
        guint64 time_ns;
        guint8 affinity[128]; /* a bit for each host processor that it may use, the lowest first */
} DomusVcpu;
/* The processors of a running guest: a GArray of DomusVcpu, owned. */
DOMUS_API gboolean domus_domain_vcpus(DomusDomain *domain, GArray **ret_vcpus, const DomusCall *call,
                                      GError **error);

/* ---- at the running guest (privilege: write); results as for statistics ---- */

typedef enum DomusMonitorFlags {
        DOMUS_MONITOR_HMP = 1 << 0 /* a line for people; else a QMP command in JSON */
} DomusMonitorFlags;
/* Passes @command to QEMU, whatever it does.  QMP: the whole reply or error of QEMU's as JSON; HMP: its text.
 * Owned. */
DOMUS_API gboolean domus_domain_monitor(DomusDomain *domain, const char *command, unsigned flags,
                                        char **ret_reply, const DomusCall *call, GError **error);

typedef enum DomusKeySet { /* libvirt's numbers */
                           DOMUS_KEYS_LINUX = 0,
                           DOMUS_KEYS_XT = 1,
                           DOMUS_KEYS_QNUM = 9
} DomusKeySet;
#define DOMUS_KEYS_MAX 16
/* Presses all @keys together, for @hold_ms (0: QEMU's default). */
DOMUS_API gboolean domus_domain_send_keys(DomusDomain *domain, DomusKeySet set, const unsigned *keys,
                                          unsigned n_keys, unsigned hold_ms, const DomusCall *call,
                                          GError **error);
DOMUS_API gboolean domus_domain_inject_nmi(DomusDomain *domain, const DomusCall *call, GError **error);
/* A picture of the @screen-th video card: *ret_fd is a file to read from its beginning, *ret_mime (static)
 * says what is in it.  Privilege: write, as libvirt has it. */
DOMUS_API gboolean domus_domain_screenshot(DomusDomain *domain, unsigned screen, int *ret_fd,
                                           const char **ret_mime, const DomusCall *call, GError **error);

typedef enum DomusGraphicsFlags {
        DOMUS_GRAPHICS_NO_PASSWORD = 1 << 0 /* who asks for it here has shown who he is */
} DomusGraphicsFlags;
/* A connection to the @index-th VNC or SPICE display, as if it had come through the network: a connected
 * socket that speaks its protocol.  Close it with close(). */
DOMUS_API gboolean domus_domain_open_graphics(DomusDomain *domain, unsigned index, unsigned flags,
                                              int *ret_fd, const DomusCall *call, GError **error);

/* ---- events (privilege: read) ---- */

typedef enum DomusEventType {
        DOMUS_EVENT_DEFINED =
                0, /* lifecycle events: libvirt's numbers, details are virDomainEvent*DetailType */
        DOMUS_EVENT_UNDEFINED = 1,
        DOMUS_EVENT_STARTED = 2,
        DOMUS_EVENT_SUSPENDED = 3,
        DOMUS_EVENT_RESUMED = 4,
        DOMUS_EVENT_STOPPED = 5,
        DOMUS_EVENT_SHUTDOWN = 6,
        DOMUS_EVENT_PMSUSPENDED = 7,
        DOMUS_EVENT_CRASHED = 8,
        DOMUS_EVENT_REBOOT = 100, /* others */
        DOMUS_EVENT_WATCHDOG = 101,
        DOMUS_EVENT_RTC_CHANGE = 102,
        DOMUS_EVENT_BALLOON_CHANGE = 103,
        DOMUS_EVENT_UNRESPONSIVE = 104, /* detail 1: QEMU stopped answering, 0: it answers again */
        DOMUS_EVENT_IO_ERROR = 105
} DomusEventType;

typedef struct DomusEvent {
        guint64 epoch, sequence; /* grow; never repeated for one root */
        gint64 time_us;          /* wall clock */
        DomusEventType type;
        int detail;
        gint64 value;        /* RTC offset in s, balloon in KiB; else 0 */
        DomusDomain *domain; /* borrowed */
        const char *text;    /* nullable: disk alias, watchdog action, QEMU's words */
} DomusEvent;
typedef void (*DomusEventFn)(DomusConn *conn, const DomusEvent *event, void *data);

/* Calls @fn for each event of @domain (NULL: of all) in @context (NULL: the caller's thread-default one), in
 * order. Returns a number for domus_events_remove().  @destroy (nullable) frees @data. */
DOMUS_API guint domus_events_add(DomusConn *conn, DomusDomain *domain, DomusEventFn fn, void *data,
                                 GDestroyNotify destroy, GMainContext *context);
/* After it returned, and when called in the context's own thread, @fn is not called any more. */
DOMUS_API void domus_events_remove(DomusConn *conn, guint id);
/* "started", "reboot", …; static. */
DOMUS_API const char *domus_event_name(DomusEventType type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DomusConn, domus_conn_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DomusDomain, domus_domain_unref)

G_END_DECLS

#endif
