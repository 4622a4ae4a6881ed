/* The guests that tests boot: which example describes each, what it needs of this machine, what it says when
 * it is there, and how it ends.  tests/guests/README.md tells what the guests can do.
 *
 * A test goes through the table, skips with the reason of dm_guest_available() what this machine cannot run,
 * and gives dm_guest_board_xml() to the driver. */
#pragma once

#include <glib.h>

typedef enum DmGuestFlags {
        DM_GUEST_ECHO = 1 << 0,     /* sends typed bytes back, and obeys "!r" and "!h" */
        DM_GUEST_BUTTON = 1 << 1,   /* the power button ends it; it says GUEST-BUTTON first */
        DM_GUEST_TYPED = 1 << 2,    /* .off, typed on the console, ends it */
        DM_GUEST_BY_RESET = 1 << 3, /* … by a reset of the board: only where a reboot ends the guest */
        DM_GUEST_MUTE_END = 1 << 4, /* … without a SHUTDOWN event: QEMU exits with code 0 at once */
        DM_GUEST_SHELL = 1 << 5,    /* a Linux shell on the console */
        DM_GUEST_PROMPT = 1 << 6,   /* firmware: a Forth prompt on the console */
        DM_GUEST_KVM = 1 << 7,  /* needs a KVM that runs guests; typing and the button may not work there */
        DM_GUEST_SEED = 1 << 8, /* written in the syntax of 2007 */
        DM_GUEST_SLOW = 1 << 9, /* more than a second to its marker on a quiet machine */
} DmGuestFlags;

typedef struct DmGuestBoard {
        const char *name;      /* also the file examples/NAME.xml and the domain's name */
        const char *binary;    /* the emulator that runs it */
        const char *images[2]; /* files of build/guests or build/cache that the example names */
        const char *marker;    /* what it says when it is up */
        unsigned deadline_s;   /* for the marker, on a loaded machine */
        unsigned flags;        /* DmGuestFlags */
        const char *off;       /* DM_GUEST_TYPED: what to type; else NULL: destroy it */
} DmGuestBoard;

/* The table. */
const DmGuestBoard *dm_guest_boards(gsize *ret_n);
/* The row called @name, which must be there. */
const DmGuestBoard *dm_guest_board(const char *name);

/* TRUE when this machine can boot it; else *ret_reason (owned) says what is missing. */
gboolean dm_guest_available(const DmGuestBoard *board, char **ret_reason);

/* The example's text with the paths of the images put in.  Disks (NAME.img) are copied into @dir first, so
 * that the guest may write to them; kernels are used where they are.  Owned. */
char *dm_guest_board_xml(const DmGuestBoard *board, const char *dir, GError **error);
/* The same for any example: examples/NAME.xml. */
char *dm_guest_example_xml(const char *name, const char *dir, GError **error);

/* Path of an image in build/guests or build/cache, NULL when it was not built or fetched.  Owned. */
char *dm_guest_image(const char *name);
/* The folder examples/ of the source tree, found upwards from the running program.  Owned. */
char *dm_guest_examples_dir(void);

/* Reads @fd (a console: pipe, socket or pty) until @text has come, at most @deadline_ms.  What was read is
 * appended to @transcript, and @text is looked for from *@position on, which moves behind it: so that the
 * next call looks for what comes after.  FALSE at the deadline or when the console ends. */
gboolean dm_guest_expect(int fd, const char *text, unsigned deadline_ms, GString *transcript,
                         gsize *position);
/* Writes all of @text to @fd. */
gboolean dm_guest_type(int fd, const char *text);

/* TRUE when KVM really runs a guest here: a small one says its marker within 2 s.  /dev/kvm alone means
 * little: on some hosts it opens, and no guest ever gets anywhere.  Tried once; *ret_reason is owned. */
gboolean dm_guest_kvm_runs(char **ret_reason);
