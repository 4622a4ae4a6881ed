/* The embedded driver behind the public API: what the host and its emulators offer (docstrings in domus.h).
 */
#include "driver/api_private.h"
#include "qemu/capabilities.h"

char *dm_embedded_conn_capabilities(DomusConn *conn, GError **error G_GNUC_UNUSED)
{
        g_autoptr(DmHost) host = dm_driver_host(conn->driver, TRUE);
        g_autoptr(DmCapabilities) c = dm_host_capabilities(host, dm_driver_caps(conn->driver), NULL, NULL);
        return dm_capabilities_format(c);
}

char *dm_embedded_conn_domain_capabilities(DomusConn *conn, const char *emulator, const char *arch,
                                           const char *machine, const char *type, GError **error)
{
        g_autoptr(DmHost) host = dm_driver_host(conn->driver, TRUE);
        if (emulator)
                dm_host_gather_path(host, emulator);
        g_autoptr(DmDomainCapabilities) c = dm_domain_capabilities(host, dm_driver_caps(conn->driver),
                                                                   emulator, arch, machine, type, error);
        return c ? dm_domain_capabilities_format(c) : NULL;
}
