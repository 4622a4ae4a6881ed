/* Shared by the files that find addresses (address*.c) only. */
#pragma once

#include "qemu/plan_private.h"

/* TRUE: @device takes an address that is found for it. */
gboolean dm_address_open(const DmDevice *device);
DmWants dm_address_wants(const DmPlan *p, const DmDevice *device);
/* Fails because @what, "PCI address 0000:00:02.0", is also given to @other. */
gboolean dm_address_conflict(const DmPlan *p, const DmDevice *device, const char *what, const DmDevice *other,
                             GError **error);
/* Each completes the addresses of one type and adds the controllers that they need. */
gboolean dm_address_drives(DmPlan *p, DmFindings *findings, GError **error);
gboolean dm_address_virtio_serial(DmPlan *p, GError **error);
gboolean dm_address_ccid(DmPlan *p, GError **error);
gboolean dm_address_spapr(DmPlan *p, GError **error);
gboolean dm_address_ccw(DmPlan *p, GError **error);
void dm_address_mmio(DmPlan *p);
/* A controller when something is on USB and the document has none; fails when it switched USB off. */
gboolean dm_address_usb_controllers(DmPlan *p, GError **error);
gboolean dm_address_usb(DmPlan *p, GError **error);
gboolean dm_address_pci(DmPlan *p, GError **error);
/* As dm_address_pci, for one device and without new buses: only where a running guest can be given devices.
 */
gboolean dm_address_pci_plugged(DmPlan *p, DmDevice *device, GError **error);
