/* The steps of a start.  Their order is the order of dependence; a new one (image ownership, taps, helper
 * processes, cgroup) is one row, before "qemu" when QEMU needs it at exec. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "conf/domain_chardev.h"
#include "conf/domain_hostdev.h"
#include "conf/domain_virtio.h"
#include "qemu/command.h"
#include "qemu/run_devices.h"
#include "qemu/run_graphics.h"
#include "qemu/run_network.h"
#include "qemu/run_memory.h"
#include "qemu/run_private.h"
#include "util/fd.h"
#include "util/file.h"

/* Number of the listening monitor socket inside QEMU. */
#define MONITOR_FD 3
/* … of the socket device. */
#define VSOCK_FD 4
/* … and of what the cards are plugged into. */
#define FIRST_FD 5

/* ---- run-dir: the guest's private directory ---- */

static gboolean make_run_dir(DmRun *run, GError **error)
{
        return dm_make_dirs(run->config.dir, 0700, error);
}

static void remove_run_dir(DmRun *run)
{
        dm_run_remove_dir(run->config.dir);
}

static gboolean adopt_run_dir(DmRun *run, GError **error)
{
        if (g_file_test(run->config.dir, G_FILE_TEST_IS_DIR))
                return TRUE;
        return dm_fail(error, DM_ERROR_NOT_FOUND, "'%s' is gone", run->config.dir);
}

/* ---- intent: what recovery needs is on disk before anything can be lost ---- */

static gboolean write_intent(DmRun *run, GError **error)
{
        return dm_run_write_status(run, "starting", error);
}

/* ---- log: QEMU's stdout and stderr ---- */

static gboolean open_log(DmRun *run, GError **error)
{
        g_autofree char *dir = g_path_get_dirname(run->config.log_path);
        if (!dm_make_dirs(dir, 0700, error))
                return FALSE;
        run->log_fd = open(run->config.log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (run->log_fd < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't open the log '%s'",
                                     run->config.log_path);
        return TRUE;
}

static void close_log(DmRun *run)
{
        dm_close_fd(&run->log_fd);
}

/* ---- monitor: QMP as an inherited, already listening socket ---- */

static gboolean listen_monitor(DmRun *run, GError **error)
{
        run->monitor_fd = dm_listen_unix(run->monitor_path, 1, 0600, error);
        return run->monitor_fd >= 0;
}

static void close_monitor(DmRun *run)
{
        dm_close_fd(&run->monitor_fd);
}

/* ---- devices: what they need of the host ---- */

static gboolean prepare_devices(DmRun *run, GError **error)
{
        run->fds = dm_run_fds_new();
        DmVsock *v = dm_domain_device(run->config.plan->domain, DM_DEVICE_VSOCK, 0);
        if (!dm_run_check_helpers(run->config.plan, error) ||
            !dm_run_check_host_pci(run->config.plan, "", error) ||
            !dm_run_write_security(run->config.plan->domain, run->config.dir, error) ||
            !dm_run_network(run->config.plan, run->fds, error) ||
            !dm_run_graphics_ports(run->config.plan, &dm_settings_none, error))
                return FALSE;
        if (!v || v->auto_cid != DM_YES)
                return TRUE;
        guint32 cid = 0;
        run->vsock_fd = dm_open_vsock(&cid, error);
        if (run->vsock_fd < 0)
                return FALSE;
        v->cid = (DmOptU32)DM_OPT(cid);
        dm_origins_explain(run->config.plan->domain->origins, &v->cid, "free when the guest was started");
        return TRUE;
}

static void release_devices(DmRun *run)
{
        dm_close_fd(&run->vsock_fd);
        g_clear_pointer(&run->fds, g_array_unref);
}

/* ---- qemu: the process ---- */

/* The log tells later what was run; a failure to write it is no reason not to start. */
static void log_command(DmRun *run, const DmCommand *command)
{
        g_autoptr(GDateTime) now = g_date_time_new_now_utc();
        g_autofree char *time = g_date_time_format_iso8601(now), *text = dm_command_format(command);
        g_autofree char *line = g_strdup_printf("%s starting, domus " DOMUS_VERSION "\n%s\n", time, text);
        gssize written = write(run->log_fd, line, strlen(line));
        (void)written;
        run->log_start = lseek(run->log_fd, 0, SEEK_END);
}

static int pass_fd(DmBuild *b, DmFdUse use, const char *path, const DmDevice *device)
{
        const DmRun *run = b->data;
        (void)path;
        if (use == DM_FD_VSOCK)
                return run->vsock_fd >= 0 ? VSOCK_FD : -1;
        int at = run->fds ? dm_run_fds_take(run->fds, use, device) : -1;
        return at >= 0 ? FIRST_FD + at : -1;
}

static char *scsi_generic(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmHostdev *h = (const DmHostdev *)device;
        (void)b;
        return dm_find_scsi_generic("", h->adapter, h->scsi_bus.value, h->scsi_target.value,
                                    h->scsi_unit.value, error);
}

static gboolean host_fips(void)
{
        g_autofree char *text = NULL;
        return g_file_get_contents("/proc/sys/crypto/fips_enabled", &text, NULL, NULL) && text[0] == '1';
}

static gboolean build(DmRun *run, DmCommand *command, GError **error)
{
        g_autoptr(GArray) huge = dm_huge_mounts_load();
        g_autofree char *render_node = dm_find_render_node("");
        DmBuild b = {
                .plan = run->config.plan,
                .command = command,
                .monitor_fd = MONITOR_FD,
                .run_dir = run->config.dir,
                .channel_dir = run->config.dir,
                .nvram_dir = run->config.nvram_dir,
                .secret = dm_run_give_secret,
                .fips = host_fips(),
                .pass_fd = pass_fd,
                .scsi_generic = scsi_generic,
                .data = run,
                .ram_dir = run->config.dir,
                .render_node = render_node,
                .huge_dirs = (const DmHugeDir *)huge->data,
                .page_size = (guint64)sysconf(_SC_PAGESIZE),
        };
        if (!dm_build_command(&b, error))
                return FALSE;
        dm_command_env(command, "DOMUS_TOKEN", run->token);
        return TRUE;
}

static void inherit(GArray *fds, int fd, int target)
{
        const DmSpawnFd f = { fd, target };
        if (fd >= 0)
                g_array_append_val(fds, f);
}

/* What QEMU finds open when it begins. */
static GArray *inherited(const DmRun *run)
{
        GArray *fds = g_array_new(FALSE, FALSE, sizeof(DmSpawnFd));
        inherit(fds, run->log_fd, 1);
        inherit(fds, run->log_fd, 2);
        inherit(fds, run->monitor_fd, MONITOR_FD);
        inherit(fds, run->vsock_fd, VSOCK_FD);
        for (guint i = 0; run->fds && i < run->fds->len; i++)
                inherit(fds, g_array_index(run->fds, DmRunFd, i).fd, FIRST_FD + (int)i);
        return fds;
}

static gboolean spawn_qemu(DmRun *run, GError **error)
{
        g_autoptr(DmCommand) command = dm_command_new(run->config.plan->domain->emulator);
        if (!build(run, command, error))
                return FALSE;
        log_command(run, command);
        g_autofree char *record = g_build_filename(run->config.dir, "pid", NULL);
        dm_autofd int record_fd = open(record, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (record_fd < 0)
                return dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't write '%s'", record);
        /* Held until the child has become QEMU, also when we die first: whoever comes then waits for it, and
         * so finds a pid here that is QEMU's or nobody's (dm_run_read_pid). */
        flock(record_fd, LOCK_EX);
        g_autoptr(GArray) fds = inherited(run);
        g_auto(GStrv) words = dm_command_words(command), env = dm_command_environment(command);
        DmSpawn s = DM_SPAWN_INIT;
        s.words = words;
        s.env = env;
        s.fds = (const DmSpawnFd *)fds->data;
        s.n_fds = fds->len;
        s.drop_caps = TRUE;
        s.no_new_privs = TRUE;
        s.new_session = TRUE;
        s.record_fd = record_fd;
        s.parent_death_signal = run->config.dies_with_owner ? SIGKILL : 0;
        if (!dm_spawn(&s, &run->process, error))
                return FALSE;
        run->spawned = TRUE;
        dm_close_fd(&run->monitor_fd);
        dm_close_fd(&run->log_fd);
        dm_close_fd(&run->vsock_fd);
        g_clear_pointer(&run->fds, g_array_unref);
        dm_run_watch_exit(run);
        return TRUE;
}

/* ---- qmp: talk to it ---- */

static gboolean connect_qmp(DmRun *run, GError **error)
{
        int fd = dm_connect_unix(run->monitor_path, error);
        if (fd < 0)
                return FALSE;
        DmQmpHandlers handlers = { .event = dm_run_on_event, .gone = dm_run_on_gone, .user = run };
        run->qmp = dm_qmp_new(fd, run->context, &handlers);
        dm_qmp_start(run->qmp, dm_run_time_left(run), NULL, NULL);
        return TRUE;
}

static void disconnect_qmp(DmRun *run)
{
        g_clear_pointer(&run->qmp, dm_qmp_free);
}

/* ---- read-back: what QEMU chose (ptys) ---- */

/* "pty:/dev/pts/3" of chardev "charserial0". */
static const char *pty_of(const DmJson *chardevs, const char *alias)
{
        g_autofree char *label = g_strconcat("char", alias, NULL);
        for (gsize i = 0; i < dm_json_length(chardevs); i++) {
                const DmJson *c = dm_json_at(chardevs, i);
                const char *file = dm_json_get_string(c, "filename");
                if (g_strcmp0(dm_json_get_string(c, "label"), label) == 0 && file &&
                    g_str_has_prefix(file, "pty:"))
                        return file + 4;
        }
        return NULL;
}

static gboolean is_pty(const DmDevice *device)
{
        static const DmDeviceKind kinds[] = { DM_DEVICE_SERIAL, DM_DEVICE_PARALLEL, DM_DEVICE_CONSOLE,
                                              DM_DEVICE_CHANNEL };
        for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
                if (device->kind == (int)kinds[i])
                        return ((const DmChardev *)device)->type == DM_CHARDEV_PTY;
        return FALSE;
}

static gboolean any_pty(const DmDomain *d)
{
        DM_FOREACH_DEVICE (d, device)
                if (is_pty(device))
                        return TRUE;
        return FALSE;
}

static void store_ptys(DmRun *run, const DmJson *chardevs)
{
        DM_FOREACH_DEVICE (run->config.plan->domain, device) {
                DmChardev *c = (DmChardev *)device;
                const char *path = is_pty(device) && device->alias ? pty_of(chardevs, device->alias) : NULL;
                if (!path)
                        continue;
                g_free(c->path);
                c->path = g_strdup(path);
                g_free(c->tty);
                c->tty = g_strdup(path);
        }
}

/* Also waits until QEMU has come up: the handshake and these questions left in one go. */
static gboolean read_back(DmRun *run, GError **error)
{
        if (!any_pty(run->config.plan->domain)) {
                g_autoptr(DmJson) status = dm_qmp_call(run->qmp, "query-status", NULL, dm_run_time_left(run),
                                                       run->config.cancel, error);
                dm_run_forget_secrets(run);
                return status != NULL;
        }
        g_autoptr(DmJson) chardevs = dm_qmp_call(run->qmp, "query-chardev", NULL, dm_run_time_left(run),
                                                 run->config.cancel, error);
        dm_run_forget_secrets(run);
        if (!chardevs)
                return FALSE;
        store_ptys(run, chardevs);
        return TRUE;
}

/* ---- reboots, passwords, cables: what is on no command line ---- */

/* With -no-reboot QEMU would leave before anybody decides what follows; emulators without this command only
 * get it where nothing is to be decided (build.c). */
static gboolean set_reboot(DmRun *run, GError **error)
{
        const DmPlan *plan = run->config.plan;
        if (plan->domain->on_reboot != DM_ACTION_DESTROY || !dm_caps_has_command(plan->caps, "set-action"))
                return TRUE;
        DmJson *action = dm_json_object_new();
        dm_json_add_string(action, "reboot", "shutdown");
        return dm_run_command(run, "set-action", action, run->config.cancel, dm_run_time_left(run), error);
}

static gboolean set_links(DmRun *run, GError **error)
{
        DM_FOREACH_DEVICE (run->config.plan->domain, device) {
                DmJson *link = dm_interface_set_link(device);
                if (link &&
                    !dm_run_command(run, "set_link", link, run->config.cancel, dm_run_time_left(run), error))
                        return FALSE;
        }
        return TRUE;
}

static gboolean set_passwords(DmRun *run, GError **error)
{
        DM_FOREACH_DEVICE (run->config.plan->domain, device) {
                g_autoptr(GError) reason = NULL;
                DmJson *set = dm_graphics_set_password(device);
                if (set && !dm_run_command(run, "set_password", set, run->config.cancel,
                                           dm_run_time_left(run), error))
                        return FALSE;
                DmJson *expire = dm_graphics_expire_password(device, &reason);
                if (reason) {
                        g_propagate_error(error, g_steal_pointer(&reason));
                        return FALSE;
                }
                if (expire && !dm_run_command(run, "expire_password", expire, run->config.cancel,
                                              dm_run_time_left(run), error))
                        return FALSE;
        }
        return TRUE;
}

static gboolean tell_prepared(DmRun *run, GError **error G_GNUC_UNUSED)
{
        if (run->config.handlers.prepared)
                run->config.handlers.prepared(run, run->config.handlers.user);
        return TRUE;
}

static gboolean prepared(DmRun *run, GError **error)
{
        if (!dm_run_write_domain(run, error) || !dm_run_write_status(run, "running", error))
                return FALSE;
        return tell_prepared(run, error);
}

/* ---- cpus: let it run ---- */

static gboolean run_cpus(DmRun *run, GError **error)
{
        /* What the guest does from here on is told once the owner has told that it was started
         * (dm_run_release). */
        dm_qmp_hold_events(run->qmp);
        run->expect_resume = !run->config.paused;
        return run->config.paused ||
               dm_run_command(run, "cont", NULL, run->config.cancel, dm_run_time_left(run), error);
}

const DmStep dm_run_steps[] = {
        /* name        make            undo             adopt */
        { "run-dir", make_run_dir, remove_run_dir, adopt_run_dir },
        { "intent", write_intent, NULL, dm_run_adopt_status },
        { "log", open_log, close_log, NULL },
        { "monitor", listen_monitor, close_monitor, NULL },
        { "devices", prepare_devices, release_devices, NULL },
        { "nvram", dm_run_make_nvram, NULL, NULL },
        { "qemu", spawn_qemu, NULL, dm_run_adopt_process },
        { "qmp", connect_qmp, disconnect_qmp, connect_qmp },
        { "read-back", read_back, NULL, dm_run_adopt_state },
        { "reboot", set_reboot, NULL, NULL },
        { "passwords", set_passwords, NULL, NULL },
        { "links", set_links, NULL, NULL },
        { "prepared", prepared, NULL, tell_prepared },
        { "cpus", run_cpus, NULL, NULL },
};
const unsigned dm_run_n_steps = G_N_ELEMENTS(dm_run_steps);
