/* What devices need of the host when a guest is started: programs beside QEMU, numbers of sockets, names of
 * SCSI devices. */
#include "qemu/run_devices.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <string.h>
#include <sys/ioctl.h>

#include "conf/domain_hostdev.h"
#include "conf/domain_interface.h"
#include "conf/domain_virtio.h"
#include "qemu/device_ops.h"
#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"

gboolean dm_run_check_helpers(const DmPlan *p, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmDeviceOps *ops = dm_device_ops(device->kind);
                const char *program = ops->helper ? ops->helper(device) : NULL;
                if (program)
                        return dm_plan_fail(
                                p, device, device, error,
                                "the driver does not start '%s'; start it, and name its socket in "
                                "the document",
                                program);
                const DmHostdev *h = (const DmHostdev *)device;
                if (device->kind == DM_DEVICE_HOSTDEV && h->startup_policy == DM_STARTUP_OPTIONAL)
                        return dm_plan_fail(p, device, &h->startup_policy, error,
                                            "a guest is not started without its devices; leave "
                                            "startupPolicy='optional' out");
        }
        return TRUE;
}

/* ---- PCI devices of the host ---- */

#define VFIO_DRIVER "vfio-pci"

static gboolean check_bound(const DmPlan *p, const DmDevice *device, const char *root, const char *place,
                            GError **error)
{
        g_autofree char *dir = g_strdup_printf("%s/sys/bus/pci/devices/%s", root, place);
        g_autofree char *link = g_build_filename(dir, "driver", NULL);
        g_autofree char *target = g_file_read_link(link, NULL);
        g_autofree char *driver = target ? g_path_get_basename(target) : NULL;
        if (!g_file_test(dir, G_FILE_TEST_IS_DIR))
                return dm_plan_fail(p, device, device, error, "the host has no PCI device %s", place);
        if (g_strcmp0(driver, VFIO_DRIVER) == 0)
                return TRUE;
        return dm_plan_fail(p, device, device, error,
                            "PCI device %s of the host belongs to %s%s%s, and the driver takes none away; "
                            "bind it to '" VFIO_DRIVER "' (driver_override, drivers_probe)",
                            place, driver ? "'" : "nobody", driver ? driver : "", driver ? "'" : "");
}

gboolean dm_run_check_host_pci(const DmPlan *p, const char *root, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmHostdev *h = (const DmHostdev *)device;
                const DmInterface *n = (const DmInterface *)device;
                g_autofree char *place = NULL;
                if (device->kind == DM_DEVICE_HOSTDEV && h->type == DM_HOSTDEV_PCI)
                        place = g_strdup_printf("%04x:%02x:%02x.%x", h->pci.domain.value, h->pci.bus.value,
                                                h->pci.slot.value, h->pci.function.value);
                if (device->kind == DM_DEVICE_INTERFACE && n->type == DM_INTERFACE_HOSTDEV)
                        place = g_strdup_printf("%04x:%02x:%02x.%x", n->host.domain.value, n->host.bus.value,
                                                n->host.slot.value, n->host.function.value);
                if (place && !check_bound(p, device, root, place, error))
                        return FALSE;
        }
        return TRUE;
}

/* ---- launchSecurity ---- */

gboolean dm_run_write_security(const DmDomain *d, const char *dir, GError **error)
{
        const DmLaunchSecurity *l = d->launch_security;
        const struct {
                const char *text, *file;
        } blobs[] = {
                { l ? l->dh_cert : NULL, DM_DH_CERT_FILE },
                { l ? l->session : NULL, DM_SESSION_FILE },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(blobs); i++) {
                g_autofree char *path = g_build_filename(dir, blobs[i].file, NULL);
                if (blobs[i].text && !dm_file_write_atomic(path, blobs[i].text, strlen(blobs[i].text), 0600,
                                                           DM_FILE_PLAIN, error))
                        return FALSE;
        }
        return TRUE;
}

/* ---- vsock ---- */

#define VHOST_VSOCK "/dev/vhost-vsock"
/* More guests than any host has. */
#define CID_TRIES 65536u

static gboolean take_cid(int fd, guint32 cid)
{
        guint64 value = cid;
        return ioctl(fd, VHOST_VSOCK_SET_GUEST_CID, &value) == 0;
}

int dm_open_vsock(guint32 *cid, GError **error)
{
        dm_autofd int fd = open(VHOST_VSOCK, O_RDWR | O_CLOEXEC);
        if (fd < 0) {
                dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't open '" VHOST_VSOCK "'");
                return -1;
        }
        guint32 first = *cid ? *cid : DM_VSOCK_CID_MIN, tries = *cid ? 1 : CID_TRIES;
        for (guint32 n = 0; n < tries; n++) {
                if (take_cid(fd, first + n)) {
                        *cid = first + n;
                        return dm_steal_fd(&fd);
                }
                if (errno != EADDRINUSE)
                        break;
        }
        dm_fail_errno(error, DM_ERROR_FAILED, errno, "can't take the vsock address %u", first);
        return -1;
}

/* ---- scsi ---- */

#define ADAPTER "scsi_host"

char *dm_find_scsi_generic(const char *root, const char *adapter, unsigned bus, unsigned target, guint64 unit,
                           GError **error)
{
        guint64 host = 0;
        const char *digits = g_str_has_prefix(adapter, ADAPTER) ? adapter + sizeof(ADAPTER) - 1 : "";
        if (!g_ascii_string_to_unsigned(digits, 10, 0, G_MAXUINT32, &host, NULL)) {
                dm_fail(error, DM_ERROR_INVALID_XML, "'%s' names no adapter; they are called scsi_host0, …",
                        adapter);
                return NULL;
        }
        g_autofree char *path =
                g_strdup_printf("%s/sys/bus/scsi/devices/%u:%u:%u:%" G_GUINT64_FORMAT "/scsi_generic", root,
                                (unsigned)host, bus, target, unit);
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        const char *name = dir ? g_dir_read_name(dir) : NULL;
        if (name)
                return g_strdup_printf("/dev/%s", name);
        dm_fail(error, DM_ERROR_NOT_FOUND, "the host has no SCSI device %u:%u:%" G_GUINT64_FORMAT " on '%s'",
                bus, target, unit, adapter);
        return NULL;
}
