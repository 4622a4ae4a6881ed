/* Plans for tests of defaults and addresses: any board with any devices, on an emulator that has every device
 * type, or lacks those that a test takes away.  No emulator is looked for and nothing is probed. */
#pragma once

#include "conf/domain_hub.h"
#include "conf/domain_interface.h"
#include "conf/domain_misc.h"
#include "conf/domain_video.h"
#include "plan_fixture.h"
#include "qemu/address_private.h"

/* What tests/data/caps/types.json does not have. */
static const char *const fixture_types[] = { "gpex-pcihost", "virtio-mmio", "zpci", "usb-hub" };

typedef struct FixtureBoard {
        const char *arch, *machine; /* libvirt's and QEMU's */
        const char *without;        /* device types that the emulator lacks, separated by spaces; nullable */
        const char *head;           /* elements of <domain> beside the usual ones; nullable */
        const char *type;           /* "qemu" unless given */
        DmResolveFlags flags;
        gboolean no_uuid;
        const char *gic; /* what the emulator says of interrupt controllers; nullable */
} FixtureBoard;

static inline void fixture_types_of(DmCaps *caps, const char *without)
{
        for (gsize i = 0; i < G_N_ELEMENTS(fixture_types); i++)
                g_hash_table_add(caps->types, g_ref_string_new_intern(fixture_types[i]));
        g_auto(GStrv) names = g_strsplit(without ? without : "", " ", -1);
        for (char **name = names; *name; name++)
                g_assert_true(!**name || g_hash_table_remove(caps->types, *name));
}

/* The plan of @domain (taken) on @b, checked, NULL with the reason. */
static inline DmPlan *fixture_complete(const FixtureBoard *b, DmDomain *domain, GError **error)
{
        g_autoptr(DmPlan) p = g_new0(DmPlan, 1);
        g_autoptr(DmHost) host = dm_host_new("x86_64");
        p->domain = domain;
        p->caps = fixture_caps("x86_64-7.2");
        fixture_types_of(p->caps, b->without);
        if (b->gic)
                p->caps->gic = dm_json_parse(b->gic, strlen(b->gic), NULL);
        p->arch = dm_arch_find(b->arch);
        g_assert_nonnull(p->arch);
        DmMachine *m = g_new0(DmMachine, 1);
        m->name = g_strdup(b->machine);
        m->max_cpus = 8;
        g_ptr_array_add(p->caps->machines, m);
        p->machine = m;
        p->board_name = g_strdup(b->machine);
        p->board = dm_board_find(b->arch, b->machine);
        p->accel = b->type && !strcmp(b->type, "kvm") ? DM_ACCEL_KVM : DM_ACCEL_TCG;
        if (!dm_plan_defaults(p, host, b->flags, NULL, error) || !dm_plan_addresses(p, NULL, error) ||
            !dm_plan_aliases(p, error) || !dm_plan_check(p, host, error))
                return NULL;
        return g_steal_pointer(&p);
}

static inline DmDomain *fixture_read_domain(const char *text)
{
        g_autoptr(GError) error = NULL;
        DmDomain *d = dm_domain_parse(text, strlen(text), 0, NULL, &error);
        if (!d)
                g_test_message("%s", text);
        g_assert_no_error(error);
        return d;
}

/* A guest on @b with these <devices>. */
static inline DmPlan *fixture_on(const FixtureBoard *b, const char *devices, GError **error)
{
        g_autofree char *text = g_strdup_printf(
                "<domain type='%s'>\n<name>t</name>\n%s\n<memory>65536</memory>\n%s\n"
                "<os><type arch='%s' machine='%s'>hvm</type></os>\n<devices>\n%s\n</devices>\n</domain>\n",
                b->type ? b->type : "qemu",
                b->no_uuid ? "" : "<uuid>6d1d7d2e-0c8c-4f39-9d4c-6a3f0a4c6f10</uuid>", b->head ? b->head : "",
                b->arch, b->machine, devices);
        return fixture_complete(b, fixture_read_domain(text), error);
}

/* The same, which must succeed. */
static inline DmPlan *fixture_good(const FixtureBoard *b, const char *devices)
{
        g_autoptr(GError) error = NULL;
        DmPlan *p = fixture_on(b, devices, &error);
        if (!p)
                g_test_message("%s %s: %s", b->arch, b->machine, devices);
        g_assert_no_error(error);
        return p;
}

/* The same, which must fail with @text in its message. */
static inline void fixture_bad(const FixtureBoard *b, const char *devices, const char *text)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) p = fixture_on(b, devices, &error);
        if (p)
                g_error("'%s' on '%s' must fail with '%s'", devices, b->machine, text);
        g_assert_nonnull(error);
        if (!strstr(error->message, text))
                g_error("'%s' on '%s': '%s' has no '%s'", devices, b->machine, error->message, text);
        g_assert_cmpuint(dm_error_line(error), >, 0);
}

/* The document of a plan, as it is stored: without the names of the running guest's devices.  Owned. */
static inline char *fixture_text(const DmPlan *p)
{
        g_autoptr(DmDomain) d = dm_domain_copy(p->domain);
        DM_FOREACH_DEVICE (d, device)
                if (device->alias && !g_str_has_prefix(device->alias, "ua-"))
                        g_clear_pointer(&device->alias, g_free);
        return dm_domain_format(d, DM_XML_FORMAT_SECRET);
}

/* What was completed is complete: resolving it again changes nothing. */
static inline void fixture_fixpoint(const FixtureBoard *b, const DmPlan *p)
{
        g_autofree char *text = fixture_text(p);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmPlan) again = fixture_complete(b, fixture_read_domain(text), &error);
        g_assert_no_error(error);
        g_autofree char *text2 = fixture_text(again);
        g_assert_cmpstr(text2, ==, text);
}

/* "disk vda 0000:00:02.0" for each device that has an address, in order, one a line.  Owned. */
static inline char *fixture_addresses(const DmPlan *p)
{
        GString *s = g_string_new(NULL);
        DM_FOREACH_DEVICE (p->domain, device) {
                if (!device->address.type)
                        continue;
                g_autofree char *name = dm_device_describe(device),
                                *where = dm_address_describe(&device->address);
                g_string_append_printf(s, "%s: %s%s\n", name, where,
                                       device->address.multifunction == DM_ON ? " multifunction" : "");
        }
        return g_string_free(s, FALSE);
}

static inline void fixture_expect(const FixtureBoard *b, const char *devices, const char *addresses)
{
        g_autoptr(DmPlan) p = fixture_good(b, devices);
        g_autofree char *text = fixture_addresses(p);
        g_assert_cmpstr(text, ==, addresses);
        fixture_fixpoint(b, p);
}
