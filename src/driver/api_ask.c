/* The embedded driver behind the public API: statistics, and what is passed to QEMU (docstrings in domus.h).
 */
#include <string.h>

#include "driver/api_private.h"
#include "driver/guest_ask.h"
#include "driver/guest_stats.h"

#define COMMAND_MAX (4u << 20) /* bytes of a monitor command */

/* ---- statistics ---- */

/* As dm_api_operate(), for those who may only read. */
static gboolean ask(DomusDomain *domain, DmJobFn fn, void *args, GDestroyNotify free_args,
                    const DomusCall *call, GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        if (guest)
                return dm_api_submit(domain, guest, fn, args, free_args, call, error);
        if (free_args)
                free_args(args);
        return FALSE;
}

gboolean dm_embedded_domain_stats(DomusDomain *domain, unsigned groups, unsigned flags, GVariant **ret_stats,
                                  const DomusCall *call, GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        if (!guest)
                return FALSE;
        if (flags & DOMUS_STATS_NOWAIT) {
                g_autoptr(DmView) v = dm_guest_view(guest);
                *ret_stats = dm_guest_stats_known(v, groups);
                return TRUE;
        }
        DmStatsArgs *a = g_new(DmStatsArgs, 1);
        *a = (DmStatsArgs){ groups, ret_stats };
        return dm_api_submit(domain, guest, dm_job_stats, a, g_free, call, error);
}

static void block_stats_args_free(void *args)
{
        g_free(((DmBlockStatsArgs *)args)->disk);
        g_free(args);
}

gboolean dm_embedded_domain_block_stats(DomusDomain *domain, const char *disk, DomusBlockStats *ret_stats,
                                        const DomusCall *call, GError **error)
{
        DmBlockStatsArgs *a = g_new(DmBlockStatsArgs, 1);
        *a = (DmBlockStatsArgs){ g_strdup(disk), ret_stats };
        return ask(domain, dm_job_block_stats, a, block_stats_args_free, call, error);
}

gboolean dm_embedded_domain_block_info(DomusDomain *domain, const char *disk, DomusBlockStats *ret_info,
                                       GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        g_autoptr(DmView) v = guest ? dm_guest_view(guest) : NULL;
        return v && dm_guest_block_info(v, domain->name, disk, ret_info, error);
}

gboolean dm_embedded_domain_interface_stats(DomusDomain *domain, const char *interface,
                                            DomusInterfaceStats *ret_stats, GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        g_autoptr(DmView) v = guest ? dm_guest_view(guest) : NULL;
        return v && dm_guest_interface_stats(v, domain->name, interface, ret_stats, error);
}

gboolean dm_embedded_domain_vcpus(DomusDomain *domain, GArray **ret_vcpus, const DomusCall *call,
                                  GError **error)
{
        return ask(domain, dm_job_vcpus, ret_vcpus, NULL, call, error);
}

/* ---- QEMU ---- */

gboolean dm_embedded_domain_monitor(DomusDomain *domain, const char *command, unsigned flags,
                                    char **ret_reply, const DomusCall *call, GError **error)
{
        if (strlen(command) > COMMAND_MAX)
                return dm_fail(error, DM_ERROR_NO_MEMORY, "a monitor command has at most %u bytes",
                               COMMAND_MAX);
        DmMonitorArgs *a = g_new(DmMonitorArgs, 1);
        *a = (DmMonitorArgs){ g_strdup(command), (flags & DOMUS_MONITOR_HMP) != 0, ret_reply };
        return dm_api_operate(domain, dm_job_monitor, a, dm_monitor_args_free, call, error);
}

gboolean dm_embedded_domain_send_keys(DomusDomain *domain, DomusKeySet set, const unsigned *keys,
                                      unsigned n_keys, unsigned hold_ms, const DomusCall *call,
                                      GError **error)
{
        if (n_keys == 0 || n_keys > DOMUS_KEYS_MAX)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "1 to %d keys can be pressed together, not %u",
                               DOMUS_KEYS_MAX, n_keys);
        DmKeysArgs known = { .n = n_keys, .hold_ms = hold_ms };
        for (unsigned i = 0; i < n_keys; i++) {
                known.qnums[i] = dm_key_qnum(set, keys[i]);
                if (!known.qnums[i])
                        return dm_fail(error, DM_ERROR_INVALID_ARG,
                                       "invalid keycode %u of set %d: a guest's keyboard has no such key",
                                       keys[i], (int)set);
        }
        return dm_api_operate(domain, dm_job_send_keys, g_memdup2(&known, sizeof known), g_free, call, error);
}

gboolean dm_embedded_domain_inject_nmi(DomusDomain *domain, const DomusCall *call, GError **error)
{
        return dm_api_operate(domain, dm_job_inject_nmi, NULL, NULL, call, error);
}

gboolean dm_embedded_domain_screenshot(DomusDomain *domain, unsigned screen, int *ret_fd,
                                       const char **ret_mime, const DomusCall *call, GError **error)
{
        DmScreenshotArgs *a = g_new(DmScreenshotArgs, 1);
        *a = (DmScreenshotArgs){ screen, ret_fd, ret_mime };
        return dm_api_operate(domain, dm_job_screenshot, a, g_free, call, error);
}

gboolean dm_embedded_domain_open_graphics(DomusDomain *domain, unsigned index, unsigned flags, int *ret_fd,
                                          const DomusCall *call, GError **error)
{
        DmGraphicsArgs *a = g_new(DmGraphicsArgs, 1);
        *a = (DmGraphicsArgs){ index, (flags & DOMUS_GRAPHICS_NO_PASSWORD) != 0, ret_fd };
        return dm_api_operate(domain, dm_job_open_graphics, a, g_free, call, error);
}
