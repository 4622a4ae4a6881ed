/* Network links of this machine (of the calling thread's network namespace): list, bridges, taps.  By
 * netlink, not by ifconfig or ip; each call opens a socket of its own, so all may be used from any thread. */
#pragma once

#include <glib.h>

#define DM_LINK_NAME_MAX 15 /* bytes, without the NUL */
#define DM_MAC_TEXT      18 /* "52:54:00:12:34:56" with the NUL */

typedef struct DmLink {
        int index;
        char name[DM_LINK_NAME_MAX + 1];
        char type[DM_LINK_NAME_MAX +
                  1]; /* the kernel's kind: "bridge", "tun" (a tap too), "veth"; "" hardware, lo */
        char master[DM_LINK_NAME_MAX + 1]; /* the bridge (bond...) that it belongs to; "" none */
        char mac[DM_MAC_TEXT];             /* "" when it has none of 6 bytes */
        guint32 mtu;
        gboolean up; /* administratively: IFF_UP */
} DmLink;

/* TRUE when the kernel takes @name for a link: 1 to DM_LINK_NAME_MAX bytes, no '/', ':' or blank, not "." or
 * "..". With @template a "%d" in it is allowed, as in dm_tap_open. */
gboolean dm_link_name_valid(const char *name, gboolean template);

/* All links, by index: GArray of DmLink.  Owned by the caller. */
GArray *dm_link_list(GError **error);
/* One link.  DM_ERROR_NOT_FOUND when there is none of that name. */
gboolean dm_link_get(const char *name, DmLink *ret_link, GError **error);

/* Changing the network needs CAP_NET_ADMIN: else DM_ERROR_DENIED.  For all below, DM_ERROR_NOT_FOUND: no such
 * link; DM_ERROR_INVALID_ARG: not a possible name. */

/* A bridge, down, without members.  DM_ERROR_EXISTS when the name is taken. */
gboolean dm_link_add_bridge(const char *name, GError **error);
gboolean dm_link_remove(const char *name, GError **error);
gboolean dm_link_set_up(const char *name, gboolean up, GError **error);
gboolean dm_link_set_mtu(const char *name, guint32 mtu, GError **error);
gboolean dm_link_set_mac(const char *name, const char *mac, GError **error);
/* Makes @name a member of the bridge @master; NULL: of none. */
gboolean dm_link_set_master(const char *name, const char *master, GError **error);

typedef enum DmTapFlags {
        DM_TAP_PLAIN = 0,
        DM_TAP_PERSISTENT =
                1 << 0, /* stays when its last descriptor is closed; a new one else goes with it */
        DM_TAP_VNET_HDR =
                1 << 1, /* each packet starts with a virtio_net_hdr: checksum and segmentation offload */
        DM_TAP_MULTI_QUEUE = 1 << 2, /* each further dm_tap_open of the same name is one more queue */
        DM_TAP_NEW = 1 << 3,         /* DM_ERROR_EXISTS when the name is taken, rather than attaching to it */
} DmTapFlags;

/* Opens the tap @name, made if it does not exist; "vnet%d" takes the first free number.  The name that it has
 * is copied to @ret_name.  Owned descriptor (close-on-exec, non-blocking, as QEMU wants it), or -1.
 * DM_ERROR_UNSUPPORTED when the kernel has no tun driver, DM_ERROR_BUSY when all its queues are in use. */
int dm_tap_open(const char *name, DmTapFlags flags, char ret_name[DM_LINK_NAME_MAX + 1], GError **error);
