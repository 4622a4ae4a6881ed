/* The file in which firmware keeps its variables: made from the template when a guest is started for the
 * first time, and kept, because what is in it is the guest's. */
#include <string.h>

#include "qemu/run_private.h"
#include "util/error.h"
#include "util/file.h"

/* Flash is a few MiB. */
#define TEMPLATE_BYTES (64u << 20)

/* Where distributions put the template of a loader: "…/OVMF_CODE_4M.secboot.fd" has "…/OVMF_VARS_4M.fd".
 * Owned; NULL when the name tells nothing. */
static char *template_of(const char *loader)
{
        const char *code = loader ? strstr(loader, "_CODE") : NULL;
        if (!code)
                return NULL;
        g_autoptr(GString) s = g_string_new_len(loader, code - loader);
        g_string_append_printf(s, "_VARS%s", code + strlen("_CODE"));
        g_string_replace(s, ".secboot", "", 1);
        return g_strdup(s->str);
}

gboolean dm_run_make_nvram(DmRun *run, GError **error)
{
        const DmPlan *p = run->config.plan;
        const DmOs *os = &p->domain->os;
        g_autofree char *path = dm_plan_nvram_path(p, run->config.nvram_dir);
        if (!path || os->loader_type != DM_LOADER_PFLASH || g_file_test(path, G_FILE_TEST_EXISTS))
                return TRUE;
        g_autofree char *guess = template_of(os->loader), *dir = g_path_get_dirname(path), *data = NULL;
        const char *template = os->nvram_template ? os->nvram_template : guess;
        gsize length = 0;
        if (!template)
                return dm_plan_fail(p, NULL, &os->loader, error,
                                    "there is no '%s' for the variables of the firmware, and no template to "
                                    "make it from; name one in <nvram template=>",
                                    path);
        if (!dm_file_read(template, TEMPLATE_BYTES, &data, &length, error)) {
                g_prefix_error(error, "the variables of the firmware: ");
                return FALSE;
        }
        return dm_make_dirs(dir, 0700, error) &&
               dm_file_write_atomic(path, data, length, 0600, DM_FILE_PLAIN, error);
}
