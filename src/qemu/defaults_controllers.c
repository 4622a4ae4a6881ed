/* Controllers that a definition gains: the board's own and the customary ones, their numbers and their order.
 */
#include "qemu/plan_private.h"

#include <string.h>

static gboolean is_controller(const DmDevice *device, DmControllerType type)
{
        return device->kind == DM_DEVICE_CONTROLLER && ((const DmController *)device)->type == type;
}

DmController *dm_plan_find_controller(const DmPlan *p, DmControllerType type, unsigned index)
{
        return (DmController *)dm_plan_controller(p, type, index);
}

/* ---- order ---- */

/* The parts of one USB 2 controller: they share an index, and a slot. */
static gboolean is_usb2(const DmController *c)
{
        return c->type == DM_CONTROLLER_USB &&
               (c->model == DM_USB_ICH9_EHCI1 || c->model == DM_USB_ICH9_UHCI1 ||
                c->model == DM_USB_ICH9_UHCI2 || c->model == DM_USB_ICH9_UHCI3);
}

static int type_of(const DmDevice *device)
{
        return (int)((const DmController *)device)->type;
}

/* Companions stand behind their controller. */
static gint64 place_of(const DmDevice *device)
{
        const DmController *c = (const DmController *)device;
        return (gint64)c->index.value * 2 + (c->master_start_port.set ? 1 : 0);
}

/* Of each type by index, as libvirt keeps them. */
static void sort(DmDomain *d)
{
        dm_plan_sort(d, DM_DEVICE_CONTROLLER, FALSE, type_of, place_of);
}

/* The indexes of @type that are taken, as a set. */
static GHashTable *taken_indexes(const DmPlan *p, DmControllerType type)
{
        GHashTable *taken = g_hash_table_new(NULL, NULL);
        DM_FOREACH_DEVICE (p->domain, device)
                if (is_controller(device, type) && ((DmController *)device)->index.set)
                        g_hash_table_add(taken, GUINT_TO_POINTER(((DmController *)device)->index.value));
        return taken;
}

unsigned dm_plan_free_index(const DmPlan *p, DmControllerType type)
{
        g_autoptr(GHashTable) taken = taken_indexes(p, type);
        unsigned index = 0;
        while (g_hash_table_contains(taken, GUINT_TO_POINTER(index)))
                index++;
        return index;
}

/* The parts of a USB 2 controller that follow each other without an index belong together, until a model
 * comes twice. */
static gboolean joins(const DmPlan *p, const DmController *c, const DmController *previous)
{
        if (!previous || !is_usb2(c) || !is_usb2(previous))
                return FALSE;
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmController *other = (const DmController *)device;
                if (is_controller(device, DM_CONTROLLER_USB) && other->index.set &&
                    other->index.value == previous->index.value && other->model == c->model)
                        return FALSE;
        }
        return TRUE;
}

/* Gives @c the first index from *@next that is not in @taken. */
static void number(DmPlan *p, DmController *c, GHashTable *taken, unsigned *next)
{
        while (g_hash_table_contains(taken, GUINT_TO_POINTER(*next)))
                (*next)++;
        c->index = (DmOptU32)DM_OPT((*next)++);
        dm_origins_explain(p->domain->origins, &c->index, "the first free one");
}

/* The controllers of one type without an index, in the order of the document. */
static void number_type(DmPlan *p, DmControllerType type)
{
        g_autoptr(GHashTable) taken = taken_indexes(p, type);
        const DmController *previous = NULL;
        unsigned next = 0;
        DM_FOREACH_DEVICE (p->domain, device) {
                DmController *c = (DmController *)device;
                if (!is_controller(device, type))
                        continue;
                if (!c->index.set && previous && joins(p, c, previous)) {
                        c->index = previous->index;
                        dm_origins_explain(p->domain->origins, &c->index, "goes with the one before it");
                } else if (!c->index.set) {
                        number(p, c, taken, &next);
                }
                previous = c;
        }
}

static gboolean has_usb2(const DmPlan *p, unsigned index)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmController *c = (const DmController *)device;
                if (is_controller(device, DM_CONTROLLER_USB) && c->model == DM_USB_ICH9_EHCI1 &&
                    c->index.value == index)
                        return TRUE;
        }
        return FALSE;
}

/* Which ports of the USB 2 controller a companion serves follows from its model. */
static void bind_companions(DmPlan *p)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                DmController *c = (DmController *)device;
                if (!is_controller(device, DM_CONTROLLER_USB) || !is_usb2(c) ||
                    c->model == DM_USB_ICH9_EHCI1 || c->master_start_port.set || !has_usb2(p, c->index.value))
                        continue;
                c->master_start_port = (DmOptU32)DM_OPT(2 * (c->model - DM_USB_ICH9_UHCI1));
                dm_origins_explain(p->domain->origins, &c->master_start_port, "follows from the model");
        }
}

void dm_defaults_number_controllers(DmPlan *p)
{
        for (int type = DM_CONTROLLER_UNSET + 1; type < dm_controller_type.n; type++)
                number_type(p, (DmControllerType)type);
        bind_companions(p);
        sort(p->domain);
}

/* ---- additions ---- */

DmController *dm_plan_add_controller(DmPlan *p, DmControllerType type, unsigned index,
                                     DmControllerModel model, DmResolveFlags flags, const char *why,
                                     GError **error)
{
        DmController *c = dm_domain_add_device(p->domain, DM_DEVICE_CONTROLLER);
        c->type = type;
        c->index = (DmOptU32)DM_OPT(index);
        c->model = model;
        dm_origins_explain(p->domain->origins, c, "%s", why);
        sort(p->domain);
        return dm_plan_own_defaults(p, &c->dev, flags, error) ? c : NULL;
}

gboolean dm_plan_need_controller(DmPlan *p, DmControllerType type, unsigned index, const char *why,
                                 GError **error)
{
        return dm_plan_find_controller(p, type, index) ||
               dm_plan_add_controller(p, type, index, DM_MODEL_UNSET, 0, why, error);
}

/* ---- the board ---- */

/* q35 gets USB 3, or 2 where the emulator has no 3; unset: it has neither. */
static DmControllerModel q35_usb(const DmPlan *p)
{
        static const struct {
                const char *driver;
                DmControllerModel model;
        } models[] = {
                { "qemu-xhci", DM_USB_QEMU_XHCI },
                { "nec-usb-xhci", DM_USB_NEC_XHCI },
                { "ich9-usb-ehci1", DM_USB_ICH9_EHCI1 },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(models); i++)
                if (dm_caps_has_type(p->caps, models[i].driver))
                        return models[i].model;
        return DM_MODEL_UNSET;
}

/* The three USB 1 companions, which serve slow devices on the ports of the USB 2 controller. */
static gboolean add_companions(DmPlan *p, unsigned index, DmResolveFlags flags, GError **error)
{
        static const DmControllerModel models[] = { DM_USB_ICH9_UHCI1, DM_USB_ICH9_UHCI2, DM_USB_ICH9_UHCI3 };
        for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
                if (!dm_plan_add_controller(p, DM_CONTROLLER_USB, index, models[i], flags,
                                            "companion of the USB 2 controller", error))
                        return FALSE;
        }
        bind_companions(p);
        sort(p->domain);
        return TRUE;
}

static gboolean add_usb(DmPlan *p, DmResolveFlags flags, GError **error)
{
        gboolean q35 = dm_plan_x86(p) && p->board->flags & DM_BOARD_PCIE;
        DmControllerModel model = q35 ? q35_usb(p) : DM_MODEL_UNSET;
        if (!(p->board->flags & DM_BOARD_USB) || dm_plan_find_controller(p, DM_CONTROLLER_USB, 0) ||
            (q35 && !model))
                return TRUE;
        if (!dm_plan_add_controller(p, DM_CONTROLLER_USB, 0, model, flags, "guests of this board get USB",
                                    error))
                return FALSE;
        return model != DM_USB_ICH9_EHCI1 || add_companions(p, 0, flags, error);
}

/* What has to be in the emulator for the board to have PCI; NULL: it has it always. */
static const char *pci_host(const DmPlan *p)
{
        if (p->board->flags & DM_BOARD_CCW)
                return "zpci";
        return p->board->flags & DM_BOARD_PCIE && !dm_plan_x86(p) ? "gpex-pcihost" : NULL;
}

static gboolean add_pci_root(DmPlan *p, DmResolveFlags flags, GError **error)
{
        const char *host = pci_host(p);
        if (!dm_plan_pci(p) || (host && !dm_caps_has_type(p->caps, host)))
                return TRUE;
        DmControllerModel model = p->board->flags & DM_BOARD_PCIE ? DM_PCIE_ROOT : DM_PCI_ROOT;
        DmController *root = dm_plan_find_controller(p, DM_CONTROLLER_PCI, 0);
        if (!root)
                return dm_plan_add_controller(p, DM_CONTROLLER_PCI, 0, model, flags, "on the board", error) !=
                       NULL;
        if (!root->model) {
                root->model = model;
                dm_origins_explain(p->domain->origins, &root->model, "what the board has");
        }
        return root->model == model ||
               dm_plan_fail(p, &root->dev, &root->model, error,
                            "the PCI controller with index 0 is model '%s' on machine '%s', not '%s'",
                            dm_enum_name(&dm_pci_model, (int)model), p->board_name,
                            dm_enum_name(&dm_pci_model, (int)root->model));
}

gboolean dm_defaults_board_controllers(DmPlan *p, DmResolveFlags flags, GError **error)
{
        if (!add_usb(p, flags, error))
                return FALSE;
        if (dm_plan_x86(p) && p->board->flags & DM_BOARD_SATA &&
            !dm_plan_need_controller(p, DM_CONTROLLER_SATA, 0, "on the board", error))
                return FALSE;
        return add_pci_root(p, flags, error);
}
