/* What a definition gains after it is known what it runs on: the head's defaults, controllers and devices
 * that the board or other devices imply, and each device's own defaults.  Every addition is explained. */
#include <string.h>

#include "conf/domain_chardev.h"
#include "conf/domain_controller.h"
#include "conf/domain_disk.h"
#include "conf/domain_graphics.h"
#include "conf/domain_misc.h"
#include "conf/domain_video.h"
#include "qemu/device_ops.h"

/* ---- the head ---- */

static void default_action(DmDomain *d, DmAction *member, DmAction value)
{
        if (*member)
                return;
        *member = value;
        dm_origins_explain(d->origins, member, "default");
}

static void head_defaults(DmDomain *d)
{
        if (!d->vcpus.set) {
                d->vcpus = (DmOptU32)DM_OPT(1);
                dm_origins_explain(d->origins, &d->vcpus, "default");
        }
        if (!d->placement)
                d->placement = DM_PLACEMENT_STATIC;
        if (!d->current_memory.set) {
                d->current_memory = d->memory;
                dm_origins_explain(d->origins, &d->current_memory, "all of <memory>");
        }
        default_action(d, &d->on_poweroff, DM_ACTION_DESTROY);
        default_action(d, &d->on_reboot, DM_ACTION_RESTART);
        default_action(d, &d->on_crash, DM_ACTION_DESTROY);
        if (!d->clock)
                d->clock = g_new0(DmClock, 1);
        if (!d->clock->offset) {
                d->clock->offset = DM_CLOCK_UTC;
                dm_origins_explain(d->origins, &d->clock->offset, "default");
        }
}

/* ---- controllers ---- */

static DmController *find_controller(const DmDomain *d, DmControllerType type, unsigned index)
{
        DM_FOREACH_DEVICE (d, device) {
                DmController *c = (DmController *)device;
                if (device->kind == DM_DEVICE_CONTROLLER && c->type == type && c->index.value == index)
                        return c;
        }
        return NULL;
}

static DmController *need_controller(DmPlan *p, DmControllerType type, unsigned index, const char *why)
{
        DmController *c = find_controller(p->domain, type, index);
        if (c)
                return c;
        c = dm_domain_add_device(p->domain, DM_DEVICE_CONTROLLER);
        c->type = type;
        c->index = (DmOptU32)DM_OPT(index);
        dm_origins_explain(p->domain->origins, c, "%s", why);
        return c;
}

static gboolean has_controller(const DmDomain *d, DmControllerType type)
{
        DM_FOREACH_DEVICE (d, device)
                if (device->kind == DM_DEVICE_CONTROLLER && ((DmController *)device)->type == type)
                        return TRUE;
        return FALSE;
}

/* Controllers without an index get the first free one of their type. */
static void number_controllers(DmPlan *p)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                DmController *c = (DmController *)device;
                if (device->kind != DM_DEVICE_CONTROLLER || c->index.set)
                        continue;
                unsigned index = 0;
                c->index = (DmOptU32)DM_OPT(G_MAXUINT32);
                while (find_controller(p->domain, c->type, index))
                        index++;
                c->index = (DmOptU32)DM_OPT(index);
        }
}

static void board_controllers(DmPlan *p)
{
        if (p->board->flags & DM_BOARD_PCI) {
                gboolean express = p->board->flags & DM_BOARD_PCIE;
                DmController *c = need_controller(p, DM_CONTROLLER_PCI, 0, "the board's own");
                if (!c->model)
                        c->model = express ? DM_PCIE_ROOT : DM_PCI_ROOT;
        }
        if (p->board->flags & DM_BOARD_SATA)
                need_controller(p, DM_CONTROLLER_SATA, 0, "the board's own");
        if ((p->board->flags & DM_BOARD_USB) && p->board->usb &&
            !has_controller(p->domain, DM_CONTROLLER_USB)) {
                DmController *c = need_controller(p, DM_CONTROLLER_USB, 0, "default of the board");
                c->model = p->board->usb;
        }
}

/* ---- serial lines and consoles ---- */

static void pair_consoles(DmPlan *p)
{
        DmDomain *d = p->domain;
        DmChardev *console = dm_domain_device(d, DM_DEVICE_CONSOLE, 0);
        DmChardev *serial = dm_domain_device(d, DM_DEVICE_SERIAL, 0);
        if (console && !serial && (!console->console_type || console->console_type == DM_CONSOLE_SERIAL)) {
                DmChardev *s = dm_domain_add_device(d, DM_DEVICE_SERIAL);
                dm_xml_copy(dm_device_schema(DM_DEVICE_CONSOLE), console, s, d->origins);
                s->dev.kind = DM_DEVICE_SERIAL;
                s->console_type = DM_CONSOLE_UNSET;
                g_clear_pointer(&s->dev.alias, g_free);
                dm_origins_explain(d->origins, s, "the line that <console> shows");
        } else if (serial && !console) {
                DmChardev *c = dm_domain_add_device(d, DM_DEVICE_CONSOLE);
                dm_xml_copy(dm_device_schema(DM_DEVICE_SERIAL), serial, c, NULL);
                c->dev.kind = DM_DEVICE_CONSOLE;
                c->serial_type = DM_SERIAL_UNSET;
                c->serial_model = DM_SERIAL_MODEL_UNSET;
                g_clear_pointer(&c->dev.alias, g_free);
                memset(&c->dev.address, 0, sizeof c->dev.address);
                c->console_type = DM_CONSOLE_SERIAL;
                c->port = (DmOptU32)DM_OPT(0);
                dm_origins_explain(d->origins, c, "shows the first serial line");
        }
}

/* ---- devices ---- */

static void implied_devices(DmPlan *p)
{
        DmDomain *d = p->domain;
        if (dm_domain_count(d, DM_DEVICE_GRAPHICS) && !dm_domain_count(d, DM_DEVICE_VIDEO) &&
            p->board->video) {
                DmVideo *v = dm_domain_add_device(d, DM_DEVICE_VIDEO);
                v->model = p->board->video;
                dm_origins_explain(d->origins, v, "graphics need a display; the board's default model");
        }
        if ((p->board->flags & DM_BOARD_BALLOON) && !dm_domain_count(d, DM_DEVICE_MEMBALLOON)) {
                DmMemballoon *b = dm_domain_add_device(d, DM_DEVICE_MEMBALLOON);
                b->model = DM_BALLOON_VIRTIO;
                dm_origins_explain(d->origins, b, "default");
        }
}

static gboolean own_defaults(DmPlan *p, DmResolveFlags flags, GError **error)
{
        /* A device's defaults may add none, so the list is stable here. */
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmDeviceOps *ops = dm_device_ops(device->kind);
                if (ops->defaults && !ops->defaults(p, device, flags, error))
                        return FALSE;
        }
        return TRUE;
}

gboolean dm_plan_defaults(DmPlan *p, const DmHost *host G_GNUC_UNUSED, DmResolveFlags flags,
                          DmFindings *findings G_GNUC_UNUSED, GError **error)
{
        head_defaults(p->domain);
        pair_consoles(p);
        implied_devices(p);
        number_controllers(p);
        board_controllers(p);
        return own_defaults(p, flags, error);
}
