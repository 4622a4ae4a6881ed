/* The questions of a probe, and what is made of the answers; the same for a living emulator (caps_probe.c)
 * and for a recorded one (caps_replay.c). */
#pragma once

#include "qemu/caps.h"

typedef struct DmCapsQuestion {
        const char *command;
        DmJson *args;   /* owned by the question; nullable */
        DmJson *answer; /* owned; NULL when refused or not answered */
        GError *error;  /* the refusal: owned; exactly one of the two is set by an answer */
} DmCapsQuestion;

/* Whom we ask.  ask() fills in the answers in order and returns TRUE when each question was answered, with a
 * value or a refusal; FALSE with the reason when the peer ended or was too slow: those before the first
 * unanswered question are answered then. */
typedef struct DmCapsPeer DmCapsPeer;
struct DmCapsPeer {
        gboolean (*ask)(DmCapsPeer *peer, DmCapsQuestion *questions, gsize n, GError **error);
};

/* Which questions are settled: an emulator that died of one is asked the others by another start. */
#define DM_CAPS_QUESTIONS_MAX 96
typedef struct DmCapsInquiry {
        gboolean settled[DM_CAPS_QUESTIONS_MAX];
        gboolean lost; /* one remains without answer */
} DmCapsInquiry;

/* Asks what is not settled yet, harmless questions first.  FALSE when the peer ended: what it answered is in
 * @c, and the question that it left open is settled as lost. */
gboolean dm_caps_ask(DmCaps *c, DmCapsInquiry *inquiry, DmCapsPeer *peer, GError **error);
/* TRUE when @c has what nothing can be done without: target, machines, types. */
gboolean dm_caps_is_usable(const DmCaps *c);
/* Asks an emulator that runs on tcg alone for tcg_models and tcg_model. */
gboolean dm_caps_ask_tcg(DmCaps *c, DmCapsPeer *peer, GError **error);
/* Asks for the options of one machine (its exact name): "NAME-machine.OPTION" for dm_caps_has_prop().  Some
 * machines end the emulator when asked (microvm). */
gboolean dm_caps_ask_machine(DmCaps *c, const char *machine, DmCapsPeer *peer, GError **error);
/* Appends all that may be asked: capabilities are asked anew when it changes. */
void dm_caps_ask_describe(GString *text);
