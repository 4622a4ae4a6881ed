/* Jobs that pass something to QEMU: commands as they are, keys, an NMI; and a picture of the screen. */
#include "driver/guest_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/domain_graphics.h"
#include "conf/domain_video.h"
#include "driver/guest_owner.h"
#include "util/fd.h"

#define PICTURE_MAX (64 << 20) /* bytes; 4096 × 2160 in three bytes each have 27 MB */
#define FDSET       "9001"     /* no other use of sets is made while a job runs */

static DmJson *call_fd(DmGuest *g, DmJob *job, const char *command, DmJson *args, int fd, GError **error)
{
        if (!g->run || g->finishing || dm_run_exited(g->run) || !dm_run_qmp(g->run)) {
                dm_json_unref(args);
                if (fd >= 0)
                        close(fd);
                return dm_fail_null(error, DM_ERROR_BAD_STATE, "domain '%s' is not running", g->name);
        }
        int deadline_ms = dm_job_time_left(job, DM_RUN_COMMAND_TIMEOUT_MS);
        DmQmp *qmp = dm_run_qmp(g->run);
        DmJson *reply =
                fd < 0 ? dm_qmp_call(qmp, command, args, deadline_ms, dm_job_cancel(job), error)
                       : dm_qmp_call_fd(qmp, command, args, fd, deadline_ms, dm_job_cancel(job), error);
        if (!reply)
                g_prefix_error(error, "domain '%s': ", g->name);
        return reply;
}

static DmJson *call(DmGuest *g, DmJob *job, const char *command, DmJson *args, GError **error)
{
        return call_fd(g, job, command, args, -1, error);
}

/* ---- monitor ---- */

void dm_monitor_args_free(void *args)
{
        g_free(((DmMonitorArgs *)args)->command);
        g_free(args);
}

static gboolean monitor_hmp(DmGuest *g, DmJob *job, const DmMonitorArgs *a, GError **error)
{
        DmJson *args = dm_json_object_new();
        dm_json_add_string(args, "command-line", a->command);
        g_autoptr(DmJson) reply = call(g, job, "human-monitor-command", args, error);
        if (!reply)
                return FALSE;
        const char *text = dm_json_string(reply);
        *a->ret = g_strdup(text ? text : "");
        return TRUE;
}

/* A reply as it was on the wire; QEMU's errors are replies too. */
static char *qmp_reply(const char *command, DmJson *value, const GError *failure, DmJson *id)
{
        g_autoptr(DmJson) reply = dm_json_object_new();
        if (value) {
                dm_json_add_take(reply, "return", dm_json_ref(value));
        } else {
                DmJson *e = dm_json_object_new();
                dm_json_add_string(e, "class", dm_error_qmp_class(failure));
                /* Without what our client says of it. */
                g_autofree char *ours = g_strdup_printf("QEMU refused '%s': ", command);
                gboolean known = g_str_has_prefix(failure->message, ours);
                dm_json_add_string(e, "desc", failure->message + (known ? strlen(ours) : 0));
                dm_json_add_take(reply, "error", e);
        }
        dm_json_add_take(reply, "id", id ? dm_json_ref(id) : NULL);
        return dm_json_to_string(reply);
}

static gboolean monitor_qmp(DmGuest *g, DmJob *job, const DmMonitorArgs *a, GError **error)
{
        g_autoptr(DmJson) command = dm_json_parse(a->command, strlen(a->command), error);
        if (!command)
                return FALSE;
        const char *name = dm_json_get_string(command, "execute");
        if (!name)
                return dm_fail(error, DM_ERROR_INVALID_ARG,
                               "a QMP command is an object with \"execute\"; for others use --hmp");
        DmJson *args = dm_json_get(command, "arguments");
        g_autoptr(GError) failure = NULL;
        if (!g->run || !dm_run_qmp(g->run))
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is not running", g->name);
        g_autoptr(DmJson) value =
                dm_qmp_call(dm_run_qmp(g->run), name, args ? dm_json_copy(args) : NULL,
                            dm_job_time_left(job, DM_RUN_COMMAND_TIMEOUT_MS), dm_job_cancel(job), &failure);
        if (!value && !dm_error_qmp_class(failure)) {
                g_propagate_prefixed_error(error, g_steal_pointer(&failure), "domain '%s': ", g->name);
                return FALSE;
        }
        *a->ret = qmp_reply(name, value, failure, dm_json_get(command, "id"));
        return TRUE;
}

gboolean dm_job_monitor(DmGuest *g, DmJob *job, void *args, GError **error)
{
        const DmMonitorArgs *a = args;
        return a->hmp ? monitor_hmp(g, job, a, error) : monitor_qmp(g, job, a, error);
}

/* ---- keys ---- */

/* Linux's numbers up to 83 and the function keys are those of the XT keyboard; what keyboards got later has
 * numbers of its own.  QEMU's are the XT's with 0x80 for the prefix e0. */
static const struct {
        guint8 linux_key, qnum;
} later_keys[] = {
        { 86, 0x56 },  { 87, 0x57 },  { 88, 0x58 },  { 89, 0x73 },  { 96, 0x9c },  { 97, 0x9d },
        { 98, 0xb5 },  { 99, 0x54 },  { 100, 0xb8 }, { 102, 0xc7 }, { 103, 0xc8 }, { 104, 0xc9 },
        { 105, 0xcb }, { 106, 0xcd }, { 107, 0xcf }, { 108, 0xd0 }, { 109, 0xd1 }, { 110, 0xd2 },
        { 111, 0xd3 }, { 113, 0xa0 }, { 114, 0xae }, { 115, 0xb0 }, { 116, 0xde }, { 117, 0x59 },
        { 119, 0xc6 }, { 121, 0x7e }, { 124, 0x7d }, { 125, 0xdb }, { 126, 0xdc }, { 127, 0xdd },
        { 142, 0xdf }, { 143, 0xe3 },
};

unsigned dm_key_qnum(DomusKeySet set, unsigned key)
{
        enum { LAST_COMMON = 83, EXTENDED = 0xe000 };
        switch (set) {
        case DOMUS_KEYS_LINUX:
                for (gsize i = 0; i < G_N_ELEMENTS(later_keys); i++)
                        if (later_keys[i].linux_key == key)
                                return later_keys[i].qnum;
                return key <= LAST_COMMON ? key : 0;
        case DOMUS_KEYS_XT:
                if ((key & 0xff00) == EXTENDED)
                        return (key & 0x7f) | 0x80;
                return key < 0x80 ? key : 0;
        case DOMUS_KEYS_QNUM:
                return key <= 0xff ? key : 0;
        }
        return 0;
}

gboolean dm_job_send_keys(DmGuest *g, DmJob *job, void *args, GError **error)
{
        const DmKeysArgs *a = args;
        DmJson *keys = dm_json_array_new(), *object = dm_json_object_new();
        for (unsigned i = 0; i < a->n; i++) {
                DmJson *key = dm_json_object_new();
                dm_json_add_string(key, "type", "number");
                dm_json_add_uint(key, "data", a->qnums[i]);
                dm_json_append_take(keys, key);
        }
        dm_json_add_take(object, "keys", keys);
        if (a->hold_ms)
                dm_json_add_uint(object, "hold-time", a->hold_ms);
        g_autoptr(DmJson) reply = call(g, job, "send-key", object, error);
        return reply != NULL;
}

gboolean dm_job_inject_nmi(DmGuest *g, DmJob *job, void *args G_GNUC_UNUSED, GError **error)
{
        g_autoptr(DmJson) reply = call(g, job, "inject-nmi", NULL, error);
        return reply != NULL;
}

/* ---- screen ---- */

/* QEMU gets a descriptor that it can only write to, which opens the file anew: with its own position. */
static gboolean give_file(DmGuest *g, DmJob *job, int file, GError **error)
{
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", file);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't open a file in memory again");
        DmJson *args = dm_json_object_new();
        dm_json_add_uint(args, "fdset-id", g_ascii_strtoull(FDSET, NULL, 10));
        g_autoptr(DmJson) reply = call_fd(g, job, "add-fd", args, fd, error);
        return reply != NULL;
}

static void take_file_back(DmGuest *g, DmJob *job)
{
        DmJson *args = dm_json_object_new();
        dm_json_add_uint(args, "fdset-id", g_ascii_strtoull(FDSET, NULL, 10));
        dm_json_unref(call(g, job, "remove-fd", args, NULL));
}

static DmJson *dump_args(const DmDevice *video, gboolean png)
{
        DmJson *args = dm_json_object_new();
        dm_json_add_string(args, "filename", "/dev/fdset/" FDSET);
        if (video) {
                dm_json_add_string(args, "device", video->alias);
                dm_json_add_uint(args, "head", 0);
        }
        if (png)
                dm_json_add_string(args, "format", "png");
        return args;
}

/* Emulators before 7.1 know no format but PPM, and say so of the argument. */
static gboolean dump(DmGuest *g, DmJob *job, const DmDevice *video, const char **ret_mime, GError **error)
{
        g_autoptr(GError) refused = NULL;
        g_autoptr(DmJson) png = call(g, job, "screendump", dump_args(video, TRUE), &refused);
        *ret_mime = "image/png";
        if (png)
                return TRUE;
        if (!strstr(refused->message, "'format'")) {
                g_propagate_error(error, g_steal_pointer(&refused));
                return FALSE;
        }
        g_autoptr(DmJson) ppm = call(g, job, "screendump", dump_args(video, FALSE), error);
        *ret_mime = "image/x-portable-pixmap";
        return ppm != NULL;
}

gboolean dm_job_screenshot(DmGuest *g, DmJob *job, void *args, GError **error)
{
        const DmScreenshotArgs *a = args;
        const DmDevice *video = NULL;
        if (g->run && a->screen > 0 &&
            !(video = dm_domain_device(g->view->domain, DM_DEVICE_VIDEO, a->screen)))
                return dm_fail(error, DM_ERROR_INVALID_ARG, "domain '%s' has no screen %u", g->name,
                               a->screen);
        dm_autofd int file = memfd_create("screen", MFD_CLOEXEC);
        if (file < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't make a file in memory");
        if (!give_file(g, job, file, error))
                return FALSE;
        const char *mime = NULL;
        gboolean ok = dump(g, job, video, &mime, error);
        take_file_back(g, job);
        struct stat st;
        if (!ok)
                return FALSE;
        if (fstat(file, &st) < 0 || st.st_size > PICTURE_MAX)
                return dm_fail(error, DM_ERROR_NO_MEMORY,
                               "the picture of domain '%s' is larger than %d bytes", g->name, PICTURE_MAX);
        *a->ret_fd = dm_steal_fd(&file);
        *a->ret_mime = mime;
        return TRUE;
}

/* ---- displays ---- */

#define FDNAME "domus-display" /* until add_client has taken it */

static const char *protocol_of(const DmGuest *g, unsigned index, GError **error)
{
        const DmGraphics *d = dm_domain_device(g->view->domain, DM_DEVICE_GRAPHICS, index);
        if (d && d->type == DM_GRAPHICS_VNC)
                return "vnc";
        if (d && d->type == DM_GRAPHICS_SPICE)
                return "spice";
        return dm_fail_null(error, DM_ERROR_INVALID_ARG, "domain '%s' has no VNC or SPICE display %u",
                            g->name, index);
}

static gboolean add_client(DmGuest *g, DmJob *job, const DmGraphicsArgs *a, const char *protocol, int fd,
                           GError **error)
{
        DmJson *name = dm_json_object_new(), *args = dm_json_object_new();
        dm_json_add_string(name, "fdname", FDNAME);
        dm_json_add_string(args, "protocol", protocol);
        dm_json_add_string(args, "fdname", FDNAME);
        dm_json_add_bool(args, "skipauth", a->no_password);
        g_autoptr(DmJson) given = call_fd(g, job, "getfd", name, fd, error);
        if (!given) {
                dm_json_unref(args);
                return FALSE;
        }
        g_autoptr(DmJson) added = call(g, job, "add_client", args, error);
        if (added)
                return TRUE;
        DmJson *again = dm_json_object_new();
        dm_json_add_string(again, "fdname", FDNAME);
        dm_json_unref(call(g, job, "closefd", again, NULL));
        return FALSE;
}

gboolean dm_job_open_graphics(DmGuest *g, DmJob *job, void *args, GError **error)
{
        const DmGraphicsArgs *a = args;
        if (!g->run)
                return dm_fail(error, DM_ERROR_BAD_STATE, "domain '%s' is not running", g->name);
        const char *protocol = protocol_of(g, a->index, error);
        int fds[2];
        if (!protocol)
                return FALSE;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't make a pair of sockets");
        dm_autofd int ours = fds[0];
        if (!add_client(g, job, a, protocol, fds[1], error))
                return FALSE;
        *a->ret_fd = dm_steal_fd(&ours);
        return TRUE;
}
