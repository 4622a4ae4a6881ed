/* Rules of the other devices, and of what all have (addresses, virtio options, names), that hold on any
 * emulator. */
#include "conf/domain_check_private.h"

#include <string.h>

#include "conf/domain_controller.h"
#include "conf/domain_disk.h"
#include "conf/domain_filesystem.h"
#include "conf/domain_graphics.h"
#include "conf/domain_hostdev.h"
#include "conf/domain_interface.h"
#include "conf/domain_misc.h"
#include "conf/domain_platform.h"
#include "conf/domain_redir.h"
#include "conf/domain_shmem.h"
#include "conf/domain_tpm.h"
#include "conf/domain_video.h"

#define CCW_CSSID   0xfe
#define TAG_MAX     31 /* of a 9p filesystem */
#define ALIAS_CHARS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-"
#define USER_ALIAS  "ua-"

/* Complains when @device has an address of another type than @type. */
static void need_address(const DmDevice *device, DmAddressType type, const DmXmlCheck *c)
{
        static const char *const names[] = { [DM_ADDRESS_PCI] = "pci",
                                             [DM_ADDRESS_DRIVE] = "drive",
                                             [DM_ADDRESS_USB] = "usb",
                                             [DM_ADDRESS_CCID] = "ccid",
                                             [DM_ADDRESS_ISA] = "isa",
                                             [DM_ADDRESS_CCW] = "ccw",
                                             [DM_ADDRESS_UNASSIGNED] = "unassigned" };
        if (!device->address.type || device->address.type == type)
                return;
        if (type == DM_ADDRESS_NONE)
                CANNOT(&device->address, "it has no address; leave <address> out");
        else
                CANNOT(&device->address, "it can have an address of type '%s' only", names[type]);
}

/* ---- devices of the host ---- */

static char *hostdev_source(const DmHostdev *h)
{
        if (h->type == DM_HOSTDEV_PCI)
                return g_strdup_printf("pci %x:%x:%x.%x", h->pci.domain.value, h->pci.bus.value,
                                       h->pci.slot.value, h->pci.function.value);
        if (h->type == DM_HOSTDEV_USB && h->usb_bus.set)
                return g_strdup_printf("usb %u.%u", h->usb_bus.value, h->usb_device.value);
        if (h->type == DM_HOSTDEV_USB)
                return g_strdup_printf("usb %x:%x", h->usb_vendor.value, h->usb_product.value);
        if (h->type == DM_HOSTDEV_SCSI && h->scsi_protocol != DM_SCSI_ISCSI)
                return g_strdup_printf("scsi %s %u:%u:%" G_GUINT64_FORMAT, h->adapter, h->scsi_bus.value,
                                       h->scsi_target.value, h->scsi_unit.value);
        if (h->type == DM_HOSTDEV_MDEV && h->mdev_uuid)
                return g_strdup_printf("mdev %s", h->mdev_uuid);
        if (h->type == DM_HOSTDEV_SCSI_HOST && h->wwpn)
                return g_strdup_printf("vhost %s", h->wwpn);
        return NULL;
}

static void check_hostdev(const DmHostdev *h, const DmXmlCheck *c)
{
        gboolean rom = h->rom_bar || h->rom_enabled || h->rom_file;
        const void *rom_place = h->rom_bar       ? (const void *)&h->rom_bar
                                : h->rom_enabled ? (const void *)&h->rom_enabled
                                                 : (const void *)&h->rom_file;
        if (h->type == DM_HOSTDEV_MDEV && h->mdev_model == DM_MDEV_VFIO_AP)
                need_address(&h->dev, DM_ADDRESS_NONE, c);
        if (rom && h->type != DM_HOSTDEV_PCI)
                CANNOT(rom_place, "<rom> is for PCI devices only");
        if (h->type == DM_HOSTDEV_USB && h->usb_vendor.set && !h->usb_vendor.value)
                BAD(&h->usb_vendor, "the vendor id cannot be 0");
        if (h->dev.boot_order.set && (h->type == DM_HOSTDEV_SCSI_HOST ||
                                      (h->type == DM_HOSTDEV_MDEV && h->mdev_model == DM_MDEV_VFIO_AP)))
                CANNOT(&h->dev.boot_order, "nothing can be booted from it");
        if (h->type == DM_HOSTDEV_SCSI_HOST && h->wwpn && !g_str_has_prefix(h->wwpn, "naa."))
                BAD(&h->wwpn, "the wwpn '%s' must begin with naa.", h->wwpn);
}

static void check_hostdevs(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) sources = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        const DmHostdev *ramfb = NULL;
        DM_FOREACH_DEVICE (d, device) {
                const DmHostdev *h = (const DmHostdev *)device;
                if (device->kind != DM_DEVICE_HOSTDEV)
                        continue;
                check_hostdev(h, c);
                char *source = hostdev_source(h);
                if (source && !g_hash_table_add(sources, source))
                        BAD(h, "the host's device is given to the guest twice");
                if (h->ramfb == DM_ON && ramfb)
                        CANNOT(&h->ramfb, "only one device can have ramfb='on'");
                ramfb = h->ramfb == DM_ON ? h : ramfb;
        }
}

/* Disks and SCSI devices of the host share the units of their controllers. */
static void check_scsi_units(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) units = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        DM_FOREACH_DEVICE (d, device) {
                const DmAddress *a = &device->address;
                gboolean disk =
                        device->kind == DM_DEVICE_DISK && ((const DmDisk *)device)->bus == DM_DISK_BUS_SCSI;
                gboolean host = device->kind == DM_DEVICE_HOSTDEV &&
                                ((const DmHostdev *)device)->type == DM_HOSTDEV_SCSI;
                if (a->type != DM_ADDRESS_DRIVE || (!disk && !host))
                        continue;
                char *key = g_strdup_printf("%u:%u:%u:%u", a->controller.value, a->bus.value, a->target.value,
                                            a->unit.value);
                const DmDevice *other = g_hash_table_lookup(units, key);
                g_autofree char *name = other ? dm_device_describe(other) : NULL;
                if (!other) {
                        g_hash_table_insert(units, key, device);
                        continue;
                }
                if (host || other->kind == DM_DEVICE_HOSTDEV)
                        CANNOT(a, "the SCSI address %s is already taken by %s (line %u)", key, name,
                               dm_origins_line(c->origins, other));
                g_free(key);
        }
}

/* ---- filesystems ---- */

static void check_filesystem(const DmFilesystem *f, const DmXmlCheck *c)
{
        gboolean virtiofs = f->driver == DM_FILESYSTEM_VIRTIOFS;
        gboolean mapped = f->accessmode == DM_ACCESS_MAPPED;
        if (f->queue.set && virtiofs && !dm_is_power_of_two(f->queue.value))
                CANNOT(&f->queue, "'%u' is not a power of two", f->queue.value);
        if (f->write_policy && virtiofs)
                CANNOT(&f->write_policy, "virtiofs has no wrpolicy");
        if (f->multidevs && virtiofs)
                CANNOT(&f->multidevs, "virtiofs has no multidevs");
        if ((f->fmode || f->dmode) && !virtiofs && !mapped)
                CANNOT(f->fmode ? &f->fmode : &f->dmode, "modes need accessmode='mapped'");
        if (f->dev.boot_order.set && !virtiofs)
                CANNOT(&f->dev.boot_order, "guests boot from virtiofs only");
        if (virtiofs && f->socket && f->binary)
                BAD(&f->binary,
                    "the daemon behind the socket is started by somebody else: leave <binary> out");
        if (f->target && !virtiofs && strlen(f->target) > TAG_MAX)
                CANNOT(&f->target, "the target '%s' has more than %d characters", f->target, TAG_MAX);
}

/* ---- small devices ---- */

static void check_watchdogs(const DmDomain *d, const DmXmlCheck *c)
{
        const DmWatchdog *itco = NULL;
        DM_FOREACH_DEVICE (d, device) {
                const DmWatchdog *w = (const DmWatchdog *)device;
                if (device->kind != DM_DEVICE_WATCHDOG)
                        continue;
                if (w->model && w->model != DM_WATCHDOG_I6300ESB)
                        need_address(device, DM_ADDRESS_NONE, c);
                if (w->model == DM_WATCHDOG_ITCO && itco)
                        CANNOT(&w->model, "the chipset has one itco watchdog only");
                itco = w->model == DM_WATCHDOG_ITCO ? w : itco;
        }
}

static void check_tpm(const DmTpm *t, const DmXmlCheck *c)
{
        gboolean spapr = t->model == DM_TPM_SPAPR;
        if (spapr && t->version == DM_TPM_1_2)
                CANNOT(&t->version, "tpm-spapr needs version 2.0");
        if (!t->backend || t->backend == DM_TPM_EMULATOR)
                return;
        const char *backend = dm_enum_name(&dm_tpm_backend, (int)t->backend);
        if (t->version)
                CANNOT(&t->version, "the version of a %s TPM is its own", backend);
        if (t->secret)
                CANNOT(&t->secret, "only the state of an emulated TPM is encrypted");
        if (t->persistent_state)
                CANNOT(&t->persistent_state, "only an emulated TPM has a state that is kept");
}

static void check_shmems(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
        DM_FOREACH_DEVICE (d, device) {
                const DmShmem *s = (const DmShmem *)device;
                if (device->kind == DM_DEVICE_SHMEM && s->name && !g_hash_table_add(names, s->name))
                        BAD(&s->name, "there is another shmem of the name '%s'", s->name);
        }
}

static void check_small(const DmDevice *device, const DmXmlCheck *c)
{
        const DmMemballoon *balloon = (const DmMemballoon *)device;
        const DmRng *rng = (const DmRng *)device;
        if (device->kind == DM_DEVICE_MEMBALLOON && balloon->model == DM_BALLOON_NONE &&
            (balloon->autodeflate || balloon->free_page_reporting || device->address.type))
                CANNOT(&balloon->model, "model 'none' is no balloon, so it has no options");
        if (device->kind == DM_DEVICE_RNG && rng->backend == DM_RNG_RANDOM && rng->path &&
            rng->path[0] != '/')
                CANNOT(&rng->path, "the path '%s' must be absolute", rng->path);
        if (device->kind == DM_DEVICE_HUB)
                need_address(device, DM_ADDRESS_USB, c);
        if (device->kind == DM_DEVICE_SMARTCARD)
                need_address(device, DM_ADDRESS_CCID, c);
        if (device->kind == DM_DEVICE_REDIRDEV)
                need_address(device, DM_ADDRESS_USB, c);
        if (device->kind == DM_DEVICE_IOMMU && ((const DmIommu *)device)->model != DM_IOMMU_VIRTIO &&
            ((const DmIommu *)device)->model)
                need_address(device, DM_ADDRESS_NONE, c);
        if (device->kind == DM_DEVICE_TPM)
                check_tpm((const DmTpm *)device, c);
}

static void check_redirfilter(const DmDevice *device, const DmXmlCheck *c)
{
        const DmRedirfilter *f = (const DmRedirfilter *)device;
        if (device->kind != DM_DEVICE_REDIRFILTER)
                return;
        for (guint i = 0; f->rules && i < f->rules->len; i++) {
                const DmUsbFilter *rule = g_ptr_array_index(f->rules, i);
                const char *v = rule->version, *dot = v ? strchr(v, '.') : NULL;
                if (!v || !strcmp(v, "-1"))
                        continue;
                gboolean digits = strspn(v, G_CSET_DIGITS ".") == strlen(v);
                if (!digits || (dot && (strlen(dot + 1) > 2 || strchr(dot + 1, '.'))) ||
                    (!dot && strlen(v) > 2) || (dot && (dot - v > 2 || dot == v)))
                        BAD(&rule->version, "the version '%s' is neither -1 nor such as 1.10", v);
        }
}

/* ---- what all have ---- */

static void check_pci(const DmDevice *device, const DmXmlCheck *c)
{
        const DmAddress *a = &device->address;
        if (a->type == DM_ADDRESS_CCW && a->cssid.set && a->cssid.value != CCW_CSSID)
                BAD(&a->cssid, "virtio devices are on cssid 0xfe, not 0x%x", a->cssid.value);
        gboolean part = a->cssid.set || a->ssid.set || a->devno.set,
                 all = a->cssid.set && a->ssid.set && a->devno.set;
        if (a->type == DM_ADDRESS_CCW && part && !all)
                BAD(a, "cssid, ssid and devno go together");
        if (device->acpi_index.set && a->type && a->type != DM_ADDRESS_PCI)
                CANNOT(&device->acpi_index, "an ACPI index is for PCI devices only");
}

static void check_names(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) indexes = g_hash_table_new(NULL, NULL);
        DM_FOREACH_DEVICE (d, device) {
                if (device->alias && g_str_has_prefix(device->alias, USER_ALIAS) &&
                    strspn(device->alias, ALIAS_CHARS) != strlen(device->alias))
                        BAD(&device->alias, "the alias '%s' may hold letters, digits, _ and - only",
                            device->alias);
                if (device->acpi_index.value &&
                    !g_hash_table_add(indexes, GUINT_TO_POINTER(device->acpi_index.value)))
                        BAD(&device->acpi_index, "the ACPI index %u is given twice",
                            device->acpi_index.value);
        }
}

/* zPCI: the uid is from 1; that all differ is seen when addresses are given. */
static void check_zpci(const DmDomain *d, const DmXmlCheck *c)
{
        DM_FOREACH_DEVICE (d, device) {
                const DmAddress *a = &device->address;
                if (a->type == DM_ADDRESS_PCI && a->zpci_uid.set && !a->zpci_uid.value)
                        BAD(&a->zpci_uid, "the zPCI uid is from 0x0001 to 0xffff, not 0");
        }
}

/* What the models of PCI controllers can be told, and the devices that they are. */
static void check_pci_options(const DmController *t, const DmXmlCheck *c)
{
        static const guint64 names[] = {
                [DM_PCI_ROOT] = DM_MASK(DM_PCI_NAME_SPAPR_PCI_HOST_BRIDGE),
                [DM_PCIE_ROOT] = DM_MASK(DM_PCI_NAME_UNSET),
                [DM_PCI_BRIDGE] = DM_MASK(DM_PCI_NAME_PCI_BRIDGE),
                [DM_DMI_TO_PCI_BRIDGE] = DM_MASK(DM_PCI_NAME_I82801B11_BRIDGE),
                [DM_PCIE_TO_PCI_BRIDGE] = DM_MASK(DM_PCI_NAME_PCIE_PCI_BRIDGE),
                [DM_PCIE_ROOT_PORT] = DM_MASK(DM_PCI_NAME_IOH3420, DM_PCI_NAME_PCIE_ROOT_PORT),
                [DM_PCIE_SWITCH_UPSTREAM_PORT] = DM_MASK(DM_PCI_NAME_X3130_UPSTREAM),
                [DM_PCIE_SWITCH_DOWNSTREAM_PORT] = DM_MASK(DM_PCI_NAME_XIO3130_DOWNSTREAM),
                [DM_PCI_EXPANDER_BUS] = DM_MASK(DM_PCI_NAME_PXB),
                [DM_PCIE_EXPANDER_BUS] = DM_MASK(DM_PCI_NAME_PXB_PCIE),
        };
        const struct {
                gboolean set;
                const void *place;
                const char *name;
                guint64 models;
        } rows[] = {
                { t->chassis_nr.set, &t->chassis_nr, "chassisNr", DM_MASK(DM_PCI_BRIDGE) },
                { t->chassis.set, &t->chassis, "chassis",
                  DM_MASK(DM_PCIE_ROOT_PORT, DM_PCIE_SWITCH_DOWNSTREAM_PORT) },
                { t->port.set, &t->port, "port", DM_MASK(DM_PCIE_ROOT_PORT, DM_PCIE_SWITCH_DOWNSTREAM_PORT) },
                { t->bus_nr.set, &t->bus_nr, "busNr", DM_MASK(DM_PCI_EXPANDER_BUS, DM_PCIE_EXPANDER_BUS) },
                { t->target_index.set, &t->target_index, "index", DM_MASK(DM_PCI_ROOT) },
                { t->numa_node.set, &t->numa_node, "<node>",
                  DM_MASK(DM_PCI_ROOT, DM_PCI_EXPANDER_BUS, DM_PCIE_EXPANDER_BUS) },
                { t->hotplug != 0, &t->hotplug, "hotplug",
                  DM_MASK(DM_PCI_ROOT, DM_PCIE_ROOT_PORT, DM_PCIE_SWITCH_DOWNSTREAM_PORT) },
        };
        if (t->type != DM_CONTROLLER_PCI || !t->model)
                return;
        const char *model = dm_enum_name(dm_controller_models(DM_CONTROLLER_PCI), (int)t->model);
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (rows[i].set && !(rows[i].models & DM_MASK_1(t->model)))
                        CANNOT(rows[i].place, "a PCI controller of model '%s' has no %s", model,
                               rows[i].name);
        if (t->pci_name && !(names[t->model] & DM_MASK_1(t->pci_name)))
                CANNOT(&t->pci_name, "this device is no %s", model);
}

static void check_controllers(const DmDomain *d, const DmXmlCheck *c)
{
        gboolean usb2 = FALSE;
        DM_FOREACH_DEVICE (d, device) {
                const DmController *t = (const DmController *)device;
                if (device->kind == DM_DEVICE_CONTROLLER && t->type == DM_CONTROLLER_USB && t->model &&
                    t->model == DM_USB_ICH9_EHCI1)
                        usb2 = TRUE;
        }
        DM_FOREACH_DEVICE (d, device) {
                const DmController *t = (const DmController *)device;
                if (device->kind != DM_DEVICE_CONTROLLER)
                        continue;
                gboolean root = t->type == DM_CONTROLLER_PCI && t->index.set && t->index.value &&
                                t->model == DM_PCIE_ROOT;
                if (root)
                        BAD(&t->index, "pcie-root is the controller with index 0, not %u", t->index.value);
                check_pci_options(t, c);
                gboolean virtio = t->model == DM_SCSI_VIRTIO_SCSI ||
                                  t->model == DM_SCSI_VIRTIO_TRANSITIONAL ||
                                  t->model == DM_SCSI_VIRTIO_NON_TRANSITIONAL || t->model == DM_SCSI_AUTO;
                if (t->type == DM_CONTROLLER_SCSI && t->model && !virtio &&
                    (t->virtio.iommu || t->virtio.ats || t->virtio.packed))
                        CANNOT(t->virtio.iommu ? &t->virtio.iommu
                               : t->virtio.ats ? &t->virtio.ats
                                               : &t->virtio.packed,
                               "virtio options are for models of virtio-scsi only");
                if (t->master_start_port.set && t->type == DM_CONTROLLER_USB && !usb2)
                        BAD(&t->master_start_port,
                            "a companion needs a USB 2 controller of model 'ich9-ehci1'");
        }
}

void dm_check_others(const DmDomain *d, const DmXmlCheck *c)
{
        DM_FOREACH_DEVICE (d, device) {
                check_pci(device, c);
                check_small(device, c);
                check_redirfilter(device, c);
                if (device->kind == DM_DEVICE_FILESYSTEM)
                        check_filesystem((const DmFilesystem *)device, c);
        }
        check_hostdevs(d, c);
        check_scsi_units(d, c);
        check_watchdogs(d, c);
        check_shmems(d, c);
        check_names(d, c);
        check_zpci(d, c);
        check_controllers(d, c);
}
