/* Rules of a domain that span devices or sections and hold on any emulator.  What one element can say by
 * itself stands in its own `check`; what depends on the emulator or the board is the resolver's. */
#include "conf/domain_check_private.h"

#include <string.h>

#include "conf/domain_audio.h"
#include "conf/domain_chardev.h"
#include "conf/domain_controller.h"
#include "conf/domain_disk.h"
#include "conf/domain_graphics.h"
#include "conf/domain_hostdev.h"

/* Remembers @key -> @device and returns the device that had it before, or NULL.  Takes @key. */
static const DmDevice *claim(GHashTable *taken, char *key, const DmDevice *device)
{
        const DmDevice *other = g_hash_table_lookup(taken, key);
        if (other)
                g_free(key);
        else
                g_hash_table_insert(taken, key, (void *)device);
        return other;
}

static GHashTable *new_claims(void)
{
        return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void fail_taken(const DmXmlCheck *c, const void *value, const char *what, const DmDevice *other)
{
        g_autofree char *holder = dm_device_describe(other);
        unsigned line = dm_origins_line(c->origins, other);
        if (line)
                dm_check_fail(c, value, DM_ERROR_INVALID_XML, "%s is already taken by %s (line %u)", what,
                              holder, line);
        else
                dm_check_fail(c, value, DM_ERROR_INVALID_XML, "%s is already taken by %s", what, holder);
}

/* ---- identity of devices ---- */

static void check_disk_targets(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) targets = new_claims(), serials = new_claims();
        DM_FOREACH_DEVICE (d, device) {
                if (device->kind != DM_DEVICE_DISK)
                        continue;
                const DmDisk *disk = (const DmDisk *)device;
                const DmDevice *other = disk->dst ? claim(targets, g_strdup(disk->dst), device) : NULL;
                g_autofree char *what = g_strdup_printf("the target '%s'", disk->dst);
                if (other)
                        fail_taken(c, &disk->dst, what, other);
                other = disk->wwn ? claim(serials, g_strdup(disk->wwn), device) : NULL;
                g_autofree char *wwn = g_strdup_printf("the wwn '%s'", disk->wwn);
                if (other)
                        fail_taken(c, &disk->wwn, wwn, other);
        }
}

static void check_controllers(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) taken = new_claims();
        const DmController *none = NULL, *usb = NULL;
        DM_FOREACH_DEVICE (d, device) {
                if (device->kind != DM_DEVICE_CONTROLLER)
                        continue;
                const DmController *t = (const DmController *)device;
                const char *type = dm_enum_name(&dm_controller_type, t->type);
                if (t->type == DM_CONTROLLER_USB && t->model == DM_USB_NONE)
                        none = t;
                else if (t->type == DM_CONTROLLER_USB)
                        usb = t;
                /* Companions of one usb controller share its index. */
                if (!t->index.set || t->master_start_port.set || t->model == DM_USB_ICH9_UHCI1 ||
                    t->model == DM_USB_ICH9_UHCI2 || t->model == DM_USB_ICH9_UHCI3)
                        continue;
                g_autofree char *what = g_strdup_printf("the %s controller's index %u", type, t->index.value);
                const DmDevice *other = claim(taken, g_strdup_printf("%s %u", type, t->index.value), device);
                if (other)
                        fail_taken(c, &t->index, what, other);
        }
        if (none && usb)
                dm_check_fail(c, &none->model, DM_ERROR_INVALID_XML,
                              "model 'none' switches usb off, yet there is another usb controller");
}

static void check_aliases(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) taken = new_claims();
        DM_FOREACH_DEVICE (d, device) {
                /* A running guest's first <console> is its first <serial> again, under the same name. */
                gboolean shared = device->kind == DM_DEVICE_CONSOLE;
                const DmDevice *other =
                        device->alias && !shared ? claim(taken, g_strdup(device->alias), device) : NULL;
                g_autofree char *what = g_strdup_printf("the alias '%s'", device->alias);
                if (other)
                        fail_taken(c, &device->alias, what, other);
        }
}

/* Sound cards and screens name the backend that they play through. */
/* What a device of the host is on the host; NULL when that is not told.  Owned. */
static char *hostdev_key(const DmHostdev *h)
{
        const DmPciAddress *pci = &h->pci;
        switch (h->type) {
        case DM_HOSTDEV_PCI:
                return g_strdup_printf("PCI device %04x:%02x:%02x.%x", pci->domain.value, pci->bus.value,
                                       pci->slot.value, pci->function.value);
        case DM_HOSTDEV_USB:
                return h->usb_bus.set
                               ? g_strdup_printf("USB device %u:%u", h->usb_bus.value, h->usb_device.value)
                               : g_strdup_printf("USB device %04x:%04x", h->usb_vendor.value,
                                                 h->usb_product.value);
        case DM_HOSTDEV_SCSI:
                return h->adapter
                               ? g_strdup_printf("SCSI device %s:%u:%u:%" G_GUINT64_FORMAT, h->adapter,
                                                 h->scsi_bus.value, h->scsi_target.value, h->scsi_unit.value)
                               : NULL;
        case DM_HOSTDEV_SCSI_HOST:
                return h->wwpn ? g_strdup_printf("SCSI target %s", h->wwpn) : NULL;
        case DM_HOSTDEV_MDEV:
                return h->mdev_uuid ? g_strdup_printf("mediated device %s", h->mdev_uuid) : NULL;
        case DM_HOSTDEV_STORAGE:
        case DM_HOSTDEV_MISC:
        case DM_HOSTDEV_NET:
        case DM_HOSTDEV_UNSET:
                break;
        }
        return NULL;
}

/* A device of the host can be given away once. */
static void check_hostdevs(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) taken = new_claims();
        DM_FOREACH_DEVICE (d, device) {
                char *key = device->kind == DM_DEVICE_HOSTDEV ? hostdev_key((const DmHostdev *)device) : NULL;
                g_autofree char *what = g_strdup_printf("the %s", key ? key : "");
                const DmDevice *other = key ? claim(taken, key, device) : NULL;
                if (other)
                        fail_taken(c, device, what, other);
        }
}

static void check_audio_id(const DmOptU32 *id, GHashTable *known, const DmXmlCheck *c)
{
        if (id->set && !g_hash_table_contains(known, GUINT_TO_POINTER(id->value)))
                dm_check_fail(c, id, DM_ERROR_INVALID_XML, "there is no <audio id='%u'>", id->value);
}

static void check_audio(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) ids = g_hash_table_new(NULL, NULL);
        DM_FOREACH_DEVICE (d, device) {
                const DmAudio *a = (const DmAudio *)device;
                if (device->kind == DM_DEVICE_AUDIO && a->id.set &&
                    !g_hash_table_add(ids, GUINT_TO_POINTER(a->id.value)))
                        dm_check_fail(c, &a->id, DM_ERROR_INVALID_XML, "the audio id %u is given twice",
                                      a->id.value);
        }
        DM_FOREACH_DEVICE (d, device) {
                if (device->kind == DM_DEVICE_SOUND)
                        check_audio_id(&((const DmSound *)device)->audio_id, ids, c);
                else if (device->kind == DM_DEVICE_GRAPHICS)
                        check_audio_id(&((const DmGraphics *)device)->audio, ids, c);
        }
}

/* ---- addresses ---- */

/* What the guest would find at the address, such that two of the same text collide; NULL when the address is
 * not complete (the resolver will fill it in), or of a type that cannot collide.  @kind tells buses of one
 * address type apart.  Owned. */
static char *address_key(const DmDevice *device)
{
        const DmAddress *a = &device->address;
        switch (a->type) {
        case DM_ADDRESS_PCI:
                if (!a->slot.set && !a->bus.set)
                        return NULL;
                return dm_address_describe(a);
        case DM_ADDRESS_DRIVE: {
                /* Each bus of disks counts its own controllers. */
                if (device->kind != DM_DEVICE_DISK)
                        return NULL;
                DmDiskBus bus = ((const DmDisk *)device)->bus;
                if (!bus)
                        return NULL;
                g_autofree char *text = dm_address_describe(a);
                return g_strdup_printf("%s %s", dm_enum_name(&dm_disk_bus, bus), text);
        }
        case DM_ADDRESS_VIRTIO_SERIAL:
                return a->port.value ? dm_address_describe(a) : NULL; /* 0: assigned */
        case DM_ADDRESS_CCID:
                return dm_address_describe(a);
        case DM_ADDRESS_USB:
                return a->usb_port ? dm_address_describe(a) : NULL;
        case DM_ADDRESS_SPAPR_VIO:
                return a->reg.set ? dm_address_describe(a) : NULL;
        case DM_ADDRESS_CCW:
                return a->devno.set ? dm_address_describe(a) : NULL;
        case DM_ADDRESS_DIMM:
                return a->slot.set ? dm_address_describe(a) : NULL;
        case DM_ADDRESS_ISA:
        case DM_ADDRESS_VIRTIO_S390:
        case DM_ADDRESS_VIRTIO_MMIO:
        case DM_ADDRESS_UNASSIGNED:
        case DM_ADDRESS_NONE:
                break;
        }
        return NULL;
}

/* A console is another view of the first serial line, so it may repeat that one's address. */
static gboolean same_hardware(const DmDevice *a, const DmDevice *b)
{
        return (a->kind == DM_DEVICE_CONSOLE && b->kind == DM_DEVICE_SERIAL) ||
               (a->kind == DM_DEVICE_SERIAL && b->kind == DM_DEVICE_CONSOLE);
}

static void check_addresses(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) taken = new_claims();
        DM_FOREACH_DEVICE (d, device) {
                char *key = address_key(device);
                if (!key)
                        continue;
                const DmDevice *other = claim(taken, key, device);
                g_autofree char *text = dm_address_describe(&device->address);
                g_autofree char *what = g_strdup_printf("the address %s", text);
                if (other && !same_hardware(device, other))
                        fail_taken(c, &device->address, what, other);
        }
}

/* ---- boot ---- */

static void check_boot(const DmDomain *d, const DmXmlCheck *c)
{
        g_autoptr(GHashTable) taken = new_claims();
        const DmDevice *first = NULL;
        DM_FOREACH_DEVICE (d, device) {
                if (!device->boot_order.set)
                        continue;
                g_autofree char *what = g_strdup_printf("the boot order %u", device->boot_order.value);
                const DmDevice *other = claim(taken, g_strdup_printf("%u", device->boot_order.value), device);
                if (other)
                        fail_taken(c, &device->boot_order, what, other);
                first = first ? first : device;
        }
        if (first && d->os.boot)
                dm_check_fail(c, &first->boot_order, DM_ERROR_INVALID_XML,
                              "<boot order> of a device and <os><boot> exclude each other: keep one of them");
}

/* ---- how many ---- */

static void check_counts(const DmDomain *d, const DmXmlCheck *c)
{
        static const DmDeviceKind single[] = { DM_DEVICE_MEMBALLOON, DM_DEVICE_REDIRFILTER, DM_DEVICE_NVRAM,
                                               DM_DEVICE_IOMMU, DM_DEVICE_VSOCK };
        for (gsize i = 0; i < G_N_ELEMENTS(single); i++) {
                const DmDevice *second = dm_domain_device(d, single[i], 1);
                if (second)
                        dm_check_fail(c, second, DM_ERROR_INVALID_XML, "a guest has one %s at most",
                                      dm_device_element(single[i]));
        }
}

static void check_graphics(const DmDomain *d, const DmXmlCheck *c)
{
        const DmGraphics *first[DM_GRAPHICS_DESKTOP + 1] = { 0 };
        g_autoptr(GHashTable) ports = g_hash_table_new(NULL, NULL);
        DM_FOREACH_DEVICE (d, device) {
                if (device->kind != DM_DEVICE_GRAPHICS)
                        continue;
                const DmGraphics *g = (const DmGraphics *)device;
                if (first[g->type])
                        dm_check_fail(c, &g->type, DM_ERROR_UNSUPPORTED,
                                      "only one <graphics type='%s'> is possible",
                                      dm_enum_name(&dm_graphics_type, g->type));
                first[g->type] = g;
                const DmOptI64 *numbers[] = { &g->port, &g->websocket, &g->tls_port };
                for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
                        /* 0 counts as "automatic" in old documents, as -1 does. */
                        if (numbers[i]->value <= 0 || g->autoport == DM_YES)
                                continue;
                        if (!g_hash_table_add(ports, GINT_TO_POINTER(numbers[i]->value)))
                                dm_check_fail(c, numbers[i], DM_ERROR_INVALID_XML,
                                              "the port %" G_GINT64_FORMAT " is given twice",
                                              numbers[i]->value);
                }
        }
}

/* ---- processors and memory ---- */

static void check_topology(const DmDomain *d, const DmXmlCheck *c)
{
        const DmCpu *cpu = d->cpu;
        if (!cpu || !cpu->sockets.set || !cpu->cores.set || !cpu->threads.set)
                return;
        guint32 dies = cpu->dies.set ? cpu->dies.value : 1, vcpus = d->vcpus.set ? d->vcpus.value : 1;
        guint64 product = (guint64)cpu->sockets.value * dies * cpu->cores.value;
        product = product > G_MAXUINT32 ? G_MAXUINT64 : product * cpu->threads.value;
        if (product == vcpus)
                return;
        dm_check_fail(
                c, &cpu->sockets, DM_ERROR_INVALID_XML,
                "the topology (%u sockets × %u dies × %u cores × %u threads) has not the %u CPUs of <vcpu>",
                cpu->sockets.value, dies, cpu->cores.value, cpu->threads.value, vcpus);
}

static void check_memory(const DmDomain *d, const DmXmlCheck *c)
{
        if (d->memory.set && d->current_memory.set && d->current_memory.value > d->memory.value)
                dm_check_fail(c, &d->current_memory, DM_ERROR_INVALID_XML,
                              "the current memory, %" G_GUINT64_FORMAT
                              " KiB, is more than the %" G_GUINT64_FORMAT " KiB of <memory>",
                              d->current_memory.value / 1024, d->memory.value / 1024);
        if (d->max_memory.set && d->memory.value > d->max_memory.value)
                dm_check_fail(c, &d->max_memory, DM_ERROR_INVALID_XML,
                              "the memory, %" G_GUINT64_FORMAT " KiB, is more than the %" G_GUINT64_FORMAT
                              " KiB of <maxMemory>",
                              d->memory.value / 1024, d->max_memory.value / 1024);
        if (d->max_memory.set != d->memory_slots.set)
                dm_check_fail(c, &d->max_memory, DM_ERROR_INVALID_XML, "<maxMemory> needs slots, at least 1");
}

/* ---- NUMA, I/O threads ---- */

/* The highest number of a CPU set in canonical form. */
static guint64 last_cpu(const char *set)
{
        const char *comma = strrchr(set, ','), *dash = strrchr(set, '-');
        const char *last = MAX(comma, dash);
        return g_ascii_strtoull(last ? last + 1 : set, NULL, 10);
}

static void check_numa(const DmDomain *d, const DmXmlCheck *c)
{
        const DmNuma *numa = d->cpu ? d->cpu->numa : NULL;
        guint32 vcpus = d->vcpus.set ? d->vcpus.value : 1;
        for (guint i = 0; numa && numa->cells && i < numa->cells->len; i++) {
                const DmNumaCell *cell = g_ptr_array_index(numa->cells, i);
                if (cell->cpus && last_cpu(cell->cpus) >= vcpus)
                        dm_check_fail(c, &cell->cpus, DM_ERROR_INVALID_XML,
                                      "the NUMA cell has the CPU %" G_GUINT64_FORMAT ", but <vcpu> says %u",
                                      last_cpu(cell->cpus), vcpus);
        }
        const GPtrArray *memnodes = d->numatune ? d->numatune->memnodes : NULL;
        for (guint i = 0; memnodes && i < memnodes->len; i++) {
                const DmMemnode *node = g_ptr_array_index(memnodes, i);
                if (!numa || !numa->cells || node->cell.value >= numa->cells->len)
                        dm_check_fail(c, &node->cell, DM_ERROR_INVALID_XML, "there is no NUMA cell %u",
                                      node->cell.value);
        }
}

/* <iothreadids> names some; the others of <iothreads> get the lowest free numbers. */
static gboolean iothread_exists(const DmDomain *d, guint32 id)
{
        const GPtrArray *named = d->iothread_ids ? d->iothread_ids->list : NULL;
        guint32 below = 0, n = named ? named->len : 0;
        for (guint i = 0; i < n; i++) {
                const DmIothread *t = g_ptr_array_index(named, i);
                if (t->id.value == id)
                        return TRUE;
                below += t->id.value < id;
        }
        guint32 unnamed = d->iothreads.set && d->iothreads.value > n ? d->iothreads.value - n : 0;
        return id - below <= unnamed;
}

/* Disks and controllers are asked by their operations. */
static void check_iothread_pins(const DmDomain *d, const DmXmlCheck *c)
{
        const GPtrArray *pins = d->cputune ? d->cputune->iothread_pins : NULL;
        for (guint i = 0; pins && i < pins->len; i++) {
                const DmPin *pin = g_ptr_array_index(pins, i);
                if (pin->id.set && !iothread_exists(d, pin->id.value))
                        dm_check_fail(c, &pin->id, DM_ERROR_INVALID_XML,
                                      "there is no I/O thread %u: raise <iothreads>", pin->id.value);
        }
}

void dm_domain_check(const DmDomain *d, DmFindings *findings)
{
        DmXmlCheck c = { d->origins, findings, d };
        check_memory(d, &c);
        check_topology(d, &c);
        check_numa(d, &c);
        check_iothread_pins(d, &c);
        check_disk_targets(d, &c);
        check_controllers(d, &c);
        check_aliases(d, &c);
        check_hostdevs(d, &c);
        check_audio(d, &c);
        check_addresses(d, &c);
        check_boot(d, &c);
        check_counts(d, &c);
        check_graphics(d, &c);
        dm_check_disks(d, &c);
        dm_check_interfaces(d, &c);
        dm_check_lines(d, &c);
        dm_check_displays(d, &c);
        dm_check_others(d, &c);
        dm_check_memory(d, &c);
        dm_check_head(d, &c);
        dm_check_tuning(d, &c);
}
