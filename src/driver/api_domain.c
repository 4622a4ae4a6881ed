/* The embedded driver behind the public API: reading and changing one guest (docstrings in domus.h). */
#include <string.h>

#include "conf/codecs.h"
#include "driver/api_private.h"
#include "driver/history.h"
#include "driver/guest_stats.h"

DmGuest *dm_api_guest(DomusDomain *domain, GError **error)
{
        DmGuest *guest = dm_driver_find_uuid(domain->conn->driver, domain->uuid);
        return guest ? guest
                     : dm_fail_null(error, DM_ERROR_NOT_FOUND, "domain '%s' (%s) is no longer there",
                                    domain->name, domain->uuid);
}

/* ---- reads: from the view ---- */

gboolean dm_embedded_domain_info(DomusDomain *domain, DomusInfo *ret_info, GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        if (!guest)
                return FALSE;
        g_autoptr(DmView) v = dm_guest_view(guest);
        const DmDomain *d = v->domain;
        guint64 user = 0, system = 0;
        dm_process_cpu_time(v->pid, 0, &user, &system, NULL);
        *ret_info = (DomusInfo){
                .state = (DomusState)v->state,
                .reason = v->reason,
                .id = v->id,
                .pid = v->pid,
                .started_us = v->started_us,
                .unresponsive_us = v->unresponsive_us,
                .persistent = dm_view_persistent(v),
                .autostart = v->autostart,
                .vcpus = d ? (d->current_vcpus.set ? d->current_vcpus.value
                              : d->vcpus.set       ? d->vcpus.value
                                                   : 1)
                           : 0,
                .max_vcpus = d ? (d->vcpus.set ? d->vcpus.value : 1) : 0,
                .updated = v->updated,
                .max_memory_kib = d ? d->memory.value / 1024 : 0,
                .memory_kib = v->memory_kib,
                .cpu_time_ns = user + system,
        };
        return TRUE;
}

GArray *dm_embedded_domain_runs(DomusDomain *domain, GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        if (!guest)
                return NULL;
        g_autoptr(GArray) runs = dm_history_read(dm_driver_root(domain->conn->driver), domain->uuid);
        GArray *result = g_array_new(FALSE, FALSE, sizeof(DomusRun));
        for (guint i = 0; i < runs->len; i++) {
                const DmHistoryRun *h = &g_array_index(runs, DmHistoryRun, i);
                DomusRun run = { h->started_us,
                                 h->ended_us,
                                 { h->reason, h->exit_code, h->exit_signal, "" } };
                g_strlcpy(run.end.message, h->message ? h->message : "", sizeof run.end.message);
                g_array_append_val(result, run);
        }
        return result;
}

char *dm_embedded_domain_os_type(DomusDomain *domain, GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        if (!guest)
                return NULL;
        g_autoptr(DmView) v = dm_guest_view(guest);
        return g_strdup(v->domain && v->domain->os.type ? v->domain->os.type : "hvm");
}

char *dm_embedded_domain_xml(DomusDomain *domain, unsigned flags, GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        if (!guest)
                return NULL;
        g_autoptr(DmView) v = dm_guest_view(guest);
        const DmDomain *d = (flags & DOMUS_XML_INACTIVE) && v->next ? v->next : v->domain;
        if (!d)
                return dm_fail_null(error, DM_ERROR_BAD_STATE, "domain '%s' is just being started",
                                    domain->name);
        DmXmlFormatFlags format = (flags & DOMUS_XML_SECURE) ? DM_XML_FORMAT_SECRET : 0;
        if (dm_view_active(v) && !(flags & DOMUS_XML_INACTIVE))
                format |= DM_XML_FORMAT_RUNTIME;
        return dm_domain_format(d, format);
}

/* ---- create ---- */

/* Asked for validation, warnings of the reader are errors. */
static gboolean validate(const DmFindings *findings, GError **error)
{
        for (gsize i = 0; i < dm_findings_count(findings); i++) {
                const DmFinding *f = dm_findings_at(findings, i);
                if (f->severity == DM_SEVERITY_WARNING)
                        return dm_fail_at(error, DM_ERROR_INVALID_XML, f->line, f->path, "%s", f->message);
        }
        return TRUE;
}

DmDomain *dm_api_parse(const char *xml, unsigned flags, GError **error)
{
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmDomain) d = dm_domain_parse(xml, strlen(xml), 0, findings, error);
        if (!d || ((flags & DOMUS_CREATE_VALIDATE) && !validate(findings, error)))
                return NULL;
        return g_steal_pointer(&d);
}

DomusDomain *dm_embedded_create(DomusConn *conn, const char *xml, unsigned flags, const DomusCall *call,
                                GError **error)
{
        g_autoptr(DmDomain) d = dm_api_parse(xml, flags, error);
        if (!d)
                return NULL;
        if (!d->uuid)
                d->uuid = dm_uuid_new();
        g_autoptr(DmGuest) guest = dm_driver_reserve(conn->driver, d->uuid, d->name, error);
        if (!guest)
                return NULL;
        DmCreateArgs *args = g_new(DmCreateArgs, 1);
        *args = (DmCreateArgs){ g_steal_pointer(&d), dm_guest_ref(guest), (flags & DOMUS_CREATE_PAUSED) != 0,
                                (flags & DOMUS_CREATE_AUTODESTROY) != 0 };
        g_autoptr(DomusDomain) domain = dm_api_domain(conn, guest);
        if (!dm_api_submit(domain, guest, dm_job_create, args, dm_create_args_free, call, error))
                return NULL;
        return g_steal_pointer(&domain);
}

/* ---- changing ---- */

gboolean dm_api_operate(DomusDomain *domain, DmJobFn fn, void *args, GDestroyNotify free_args,
                        const DomusCall *call, GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        if (guest)
                return dm_api_submit(domain, guest, fn, args, free_args, call, error);
        if (free_args)
                free_args(args);
        return FALSE;
}

gboolean dm_embedded_domain_shutdown(DomusDomain *domain, const DomusCall *call, GError **error)
{
        return dm_api_operate(domain, dm_job_shutdown, NULL, NULL, call, error);
}

gboolean dm_embedded_domain_reboot(DomusDomain *domain, const DomusCall *call, GError **error)
{
        return dm_api_operate(domain, dm_job_reboot, NULL, NULL, call, error);
}

gboolean dm_embedded_domain_reset(DomusDomain *domain, const DomusCall *call, GError **error)
{
        return dm_api_operate(domain, dm_job_reset, NULL, NULL, call, error);
}

gboolean dm_embedded_domain_suspend(DomusDomain *domain, const DomusCall *call, GError **error)
{
        return dm_api_operate(domain, dm_job_suspend, NULL, NULL, call, error);
}

gboolean dm_embedded_domain_resume(DomusDomain *domain, const DomusCall *call, GError **error)
{
        return dm_api_operate(domain, dm_job_resume, NULL, NULL, call, error);
}

gboolean dm_embedded_domain_destroy(DomusDomain *domain, unsigned flags, const DomusCall *call,
                                    GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        if (!guest)
                return FALSE;
        gboolean force = (flags & DOMUS_DESTROY_FORCE) != 0;
        DmDestroyArgs *args = dm_destroy_args_new(force);
        dm_guest_kill(guest, args);
        return dm_api_submit(domain, guest, dm_job_destroy, args, dm_destroy_args_unref, call, error);
}

int dm_embedded_domain_open_console(DomusDomain *domain, const char *device, unsigned flags, GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        if (!guest)
                return -1;
        return dm_guest_open_console(guest, device, (flags & DOMUS_CONSOLE_HISTORY) != 0,
                                     (flags & DOMUS_CONSOLE_FORCE) != 0, error);
}
