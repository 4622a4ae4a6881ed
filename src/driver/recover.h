/* Opening a root is recovery: definitions are loaded, QEMUs that still run are adopted, half-done starts are
 * ended, and what ended while nobody looked is told. */
#pragma once

#include "driver/driver.h"

/* Called once, before the driver answers anybody.  What is wrong goes to dm_driver_findings(). */
void dm_driver_recover(DmDriver *d);
/* Starts the guests that are marked for it and waits for them, unless that was done since the host has
 * booted. What fails is among the findings. */
void dm_driver_autostart(DmDriver *d);
