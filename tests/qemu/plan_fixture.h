/* Plans for tests of the command line: a document of tests/data/command on an emulator of tests/data/caps.
 * The documents give all addresses and controllers, so what decides here is the devices' operations alone. */
#pragma once

#include <string.h>

#include "qemu/build_private.h"
#include "util/error.h"

/* Path below tests/data, where the suite says that tests stand, or from the top of the tree.  Owned. */
static inline char *fixture_path(const char *dir, const char *name)
{
        const char *tests = g_getenv("G_TEST_SRCDIR");
        return g_build_filename(tests ? tests : "tests", "data", dir, name, NULL);
}

static inline char *fixture_read(const char *dir, const char *name)
{
        g_autofree char *path = fixture_path(dir, name);
        g_autoptr(GError) error = NULL;
        char *text = NULL;
        g_file_get_contents(path, &text, NULL, &error);
        g_assert_no_error(error);
        return text;
}

static inline DmJson *fixture_json(const char *name)
{
        g_autofree char *text = fixture_read("caps", name);
        g_autoptr(GError) error = NULL;
        DmJson *j = dm_json_parse(text, strlen(text), &error);
        g_assert_no_error(error);
        return j;
}

/* Capabilities of @name ("x86_64-7.2").  All have the device types of types.json: which board can do what is
 * not decided by them. */
static inline DmCaps *fixture_caps(const char *name)
{
        g_autofree char *file = g_strconcat(name, ".json", NULL);
        g_autoptr(DmJson) types = fixture_json("types.json"), caps = fixture_json(file);
        g_autoptr(GError) error = NULL;
        dm_json_add_take(caps, "types", dm_json_copy(dm_json_get(types, "types")));
        DmCaps *c = dm_caps_from_json(caps, &error);
        g_assert_no_error(error);
        return c;
}

/* The document @text, of which nothing may be unknown. */
static inline DmDomain *fixture_domain(const char *text)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmFindings) findings = dm_findings_new();
        DmDomain *d = dm_domain_parse(text, strlen(text), 0, findings, &error);
        g_assert_no_error(error);
        for (gsize i = 0; i < dm_findings_count(findings); i++)
                g_error("line %u: %s", dm_findings_at(findings, i)->line,
                        dm_findings_at(findings, i)->message);
        return d;
}

/* What dm_resolve() does, without looking for an emulator and without adding devices.  NULL with the reason.
 */
static inline DmPlan *fixture_plan(const char *text, const char *caps, GError **error)
{
        g_autoptr(DmPlan) p = g_new0(DmPlan, 1);
        p->domain = fixture_domain(text);
        p->caps = fixture_caps(caps);
        p->arch = dm_arch_find(p->domain->os.arch);
        p->machine = dm_caps_machine(p->caps, p->domain->os.machine);
        g_assert_nonnull(p->arch);
        g_assert_nonnull(p->machine);
        p->board_name = g_strdup(p->machine->name);
        p->board = dm_board_find(p->arch->name, p->board_name);
        const char *type = p->domain->type;
        p->accel = !strcmp(type, "kvm")     ? DM_ACCEL_KVM
                   : !strcmp(type, "kqemu") ? DM_ACCEL_KQEMU
                                            : DM_ACCEL_TCG;
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmDeviceOps *ops = dm_device_ops(device->kind);
                if (ops->defaults && !ops->defaults(p, device, 0, error))
                        return NULL;
        }
        if (!dm_plan_aliases(p, error) || !dm_plan_check(p, NULL, error))
                return NULL;
        return g_steal_pointer(&p);
}

/* The plan of tests/data/command/@name.xml with "/domus/" replaced by @dir, which ends with a slash (NULL:
 * kept). */
static inline DmPlan *fixture_plan_of(const char *name, const char *caps, const char *dir)
{
        g_autofree char *file = g_strconcat(name, ".xml", NULL), *text = fixture_read("command", file);
        g_autoptr(GString) s = g_string_new(text);
        g_autoptr(GError) error = NULL;
        if (dir)
                g_string_replace(s, "/domus/", dir, 0);
        DmPlan *p = fixture_plan(s->str, caps, &error);
        g_assert_no_error(error);
        return p;
}
