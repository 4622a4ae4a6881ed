/* A document with a row of every type, for the tests of the XML engine. */
#pragma once

#include <string.h>

#include "conf/codecs.h"
#include "conf/xml_schema.h"

typedef enum ToyShape { TOY_SHAPE_UNSET, TOY_ROUND, TOY_SQUARE, TOY_HOLE, TOY_LONG } ToyShape;
static const char *const toy_shape_names[] = {
        [TOY_ROUND] = "round",
        [TOY_SQUARE] = "square",
        [TOY_LONG] = "long",
};
static const DmEnum toy_shape = { "shape", toy_shape_names, G_N_ELEMENTS(toy_shape_names) };

typedef struct ToyPart {
        int kind; /* 1 wheel, 2 axle */
        char *name;
        ToyShape shape;
        DmOptU32 count;
        struct ToyPart *spare;
} ToyPart;

typedef struct ToyBox {
        int unused;
        DmOptU64 bytes, kib, mib, pretty;
        char *label;
} ToyBox;

typedef struct ToyArg {
        int unused;
        char *value;
} ToyArg;

typedef struct ToyExtra {
        int unused;
        GPtrArray *args;
} ToyExtra;

typedef struct Toy {
        void *not_a_row;
        char *name, *title, *nick, *note, *secret, *blank;
        ToyShape shape, preset;
        DmOptU32 id, ranged, hex32;
        DmOptU64 big, hex64;
        DmOptI64 offset;
        gboolean broken, present;
        char *mac;
        char *metadata, *foreign;
        char *square_side;
        DmOptU32 round_side;
        char *in_text;
        char *tag_a, *tag_b;
        ToyBox box;
        ToyBox *sub, *always;
        GPtrArray *parts; /* of ToyPart, two kinds in one list */
        GPtrArray *notes; /* of ToyArg */
        ToyExtra *extra;
        char *later, *first;
        DmOptU32 runtime;
        DmOptU64 deferred;
} Toy;

static const DmXmlRow toy_spare_rows[];
static const DmXmlElement toy_spare = { "spare", toy_spare_rows, sizeof(ToyPart),
                                        .doc = "A part behind a part." };
static const DmXmlRow toy_spare_rows[] = {
        DM_STRING(ToyPart, name, "name"),
        DM_SUB(ToyPart, spare, toy_spare),
        { 0 },
};

static void toy_part_check(const void *base, const DmXmlCheck *c)
{
        const ToyPart *p = base;
        if (p->count.set && p->shape == TOY_SQUARE)
                dm_check_fail(c, &p->count, DM_ERROR_UNSUPPORTED, "a square part is single, not %u",
                              p->count.value);
        if (p->name && strcmp(p->name, "odd") == 0)
                dm_check_warn(c, &p->name, "an odd name");
        if (p->name && strcmp(p->name, "nowhere") == 0)
                dm_check_fail(c, c, DM_ERROR_INVALID_XML, "no place known");
}

static const char *toy_part_label(const void *base)
{
        return ((const ToyPart *)base)->name;
}

static const DmXmlRow toy_wheel_rows[] = {
        DM_STRING(ToyPart, name, "name", .flags = DM_REQUIRED),
        DM_ENUM(ToyPart, shape, "shape", toy_shape, .flags = DM_ABI),
        DM_U32(ToyPart, count, "count"),
        DM_SUB(ToyPart, spare, toy_spare),
        { 0 },
};
static const DmXmlElement toy_wheel = {
        "wheel",           toy_wheel_rows,          sizeof(ToyPart),
        .doc = "A wheel.", .check = toy_part_check, .label = toy_part_label,
};
static const DmXmlRow toy_axle_rows[] = {
        DM_STRING(ToyPart, name, NULL, .as = DM_AS_TEXT),
        DM_U32(ToyPart, count, "count", .flags = DM_ABI),
        { 0 },
};
static const DmXmlElement toy_axle = { "axle", toy_axle_rows, sizeof(ToyPart), .doc = "An axle.",
                                       .check = toy_part_check };

static const DmXmlRow toy_box_rows[] = {
        DM_BYTES(ToyBox, bytes, "bytes", .as = DM_AS_ELEMENT),
        DM_KIB(ToyBox, kib, "kib", .as = DM_AS_ELEMENT, .min = 1024, .max = 1024 * 1024),
        { DM_XML_U64, .name = "mib", .offset = offsetof(ToyBox, mib), .scale = 1u << 20, .unit = "MiB" },
        DM_SIZE(ToyBox, pretty, "pretty", 1024, .as = DM_AS_ELEMENT),
        DM_STRING(ToyBox, label, "label"),
        { 0 },
};
static const DmXmlElement toy_box = { "box", toy_box_rows, sizeof(ToyBox), .doc = "A box." };
static const DmXmlElement toy_sub = { "sub", toy_box_rows, sizeof(ToyBox), .doc = "A box behind a pointer." };
static const DmXmlElement toy_always = { "always", toy_box_rows, sizeof(ToyBox),
                                         .doc = "A box that shows when it is there." };

static const DmXmlRow toy_square_rows[] = { DM_STRING(Toy, square_side, "side", .flags = DM_REQUIRED),
                                            { 0 } };
static const DmXmlElement toy_square = { "size", toy_square_rows, .doc = "Of a square one." };
static const DmXmlRow toy_round_rows[] = { DM_U32(Toy, round_side, "radius", .min = 1), { 0 } };
static const DmXmlElement toy_round = { "size", toy_round_rows, .doc = "Of a round one." };

static const DmXmlRow toy_in_rows[] = {
        DM_PRESENT(Toy, present),
        DM_ENUM(Toy, preset, "preset", toy_shape, .preset = TOY_LONG),
        DM_STRING(Toy, in_text, NULL, .as = DM_AS_TEXT),
        { 0 },
};
static const DmXmlElement toy_in = { "in", toy_in_rows, .doc = "In the same struct." };

static const DmXmlRow toy_tag_a_rows[] = { DM_STRING(Toy, tag_a, "value"), { 0 } };
static const DmXmlElement toy_tag_a = { "end", toy_tag_a_rows, .doc = "One end.",
                                        .tag = { "mode", "a", FALSE } };
static const DmXmlRow toy_tag_b_rows[] = { DM_STRING(Toy, tag_b, "value"), { 0 } };
static const DmXmlElement toy_tag_b = { "end", toy_tag_b_rows, .doc = "The other.",
                                        .tag = { "mode", "b", TRUE } };

static const DmXmlRow toy_note_rows[] = { DM_STRING(ToyArg, value, NULL, .as = DM_AS_TEXT), { 0 } };
static const DmXmlElement toy_note = { "note", toy_note_rows, sizeof(ToyArg), .doc = "A note." };

#define TOY_NS "urn:toy:extra"
static const DmXmlRow toy_arg_rows[] = { DM_STRING(ToyArg, value, "value", .flags = DM_REQUIRED), { 0 } };
static const DmXmlElement toy_arg = { "arg",        toy_arg_rows, sizeof(ToyArg), .doc = "One word.",
                                      .ns = TOY_NS, .prefix = "x" };
static const DmXmlRow toy_extra_rows[] = { DM_LIST(ToyExtra, args, toy_arg), { 0 } };
static const DmXmlElement toy_extra = { "extra",          toy_extra_rows,
                                        sizeof(ToyExtra), .doc = "Of a namespace.",
                                        TOY_NS,           "x" };

static const DmXmlRow toy_rows[] = {
        DM_ENUM(Toy, shape, "shape", toy_shape, .flags = DM_ABI),
        DM_U32(Toy, id, "id"),
        DM_U32(Toy, ranged, "ranged", .min = 3, .max = 10, .flags = DM_UPDATABLE),
        DM_U32(Toy, hex32, "hex32", .hex = 4),
        DM_U64(Toy, hex64, "hex64", .hex = 1),
        DM_U64(Toy, big, "big"),
        DM_I64(Toy, offset, "offset"),
        DM_STRING(Toy, nick, "nick", .flags = DM_EMPTY_OK),
        DM_STRING(Toy, secret, "secret", .flags = DM_SECRET),
        DM_CUSTOM(Toy, mac, "mac", dm_mac_codec),
        DM_U32(Toy, runtime, "runtime", .flags = DM_RUNTIME | DM_REQUIRED),
        DM_REFUSED_ATTR("bad", "it is bad, use 'good'"),
        DM_STRING(Toy, name, "name", .as = DM_AS_ELEMENT, .flags = DM_REQUIRED | DM_ABI),
        DM_STRING(Toy, title, "title", .as = DM_AS_ELEMENT, .flags = DM_KEEP_BLANKS),
        DM_STRING(Toy, blank, "blank", .as = DM_AS_ELEMENT, .flags = DM_EMPTY_OK),
        DM_STRING(Toy, first, "first", .as = DM_AS_ELEMENT, .flags = DM_FIRST),
        DM_FLAG(Toy, broken, "broken"),
        DM_IN(toy_in),
        DM_IN(toy_tag_a),
        DM_IN(toy_tag_b),
        DM_IN(toy_square, .flags = DM_REQUIRED, DM_WHEN(Toy, shape, TOY_SQUARE)),
        DM_IN(toy_round, DM_WHEN(Toy, shape, TOY_ROUND, TOY_LONG)),
        DM_AT(Toy, box, toy_box),
        DM_SUB(Toy, sub, toy_sub),
        DM_SUB(Toy, always, toy_always),
        DM_LIST(Toy, parts, toy_wheel, .kind = 1),
        DM_LIST(Toy, parts, toy_axle, .kind = 2),
        DM_LIST(Toy, notes, toy_note),
        DM_U64(Toy, deferred, "deferred", .as = DM_AS_ELEMENT, .flags = DM_DEFERRED),
        DM_REFUSED_EL("motor", "there is no current; use a spring"),
        DM_VERBATIM(Toy, metadata, "metadata"),
        DM_SUB(Toy, extra, toy_extra),
        DM_VERBATIM(Toy, foreign, "*"),
        { 0 },
};
static const DmXmlElement toy_element = { "toy", toy_rows, sizeof(Toy), .doc = "A toy." };

typedef struct ToyDoc {
        Toy toy;
        DmOrigins *origins;
        DmFindings *findings;
        GError *error;
        gboolean ok;
} ToyDoc;

static inline void toy_read(ToyDoc *d, const char *text, DmXmlParseFlags flags)
{
        *d = (ToyDoc){ .origins = dm_origins_new(), .findings = dm_findings_new() };
        d->ok = dm_xml_parse(text, strlen(text), &toy_element, flags, &d->toy, d->origins, d->findings,
                             &d->error);
        g_assert_true(d->ok == !d->error);
}

static inline void toy_done(ToyDoc *d)
{
        dm_xml_clear(&toy_element, &d->toy);
        dm_origins_free(d->origins);
        dm_findings_unref(d->findings);
        g_clear_error(&d->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToyDoc, toy_done)

/* "error 3 /toy/name: message\n" for each finding.  Owned. */
static inline char *toy_findings(const DmFindings *f)
{
        GString *s = g_string_new(NULL);
        for (gsize i = 0; i < dm_findings_count(f); i++) {
                const DmFinding *x = dm_findings_at(f, i);
                g_string_append_printf(s, "%s %u %s: %s\n", dm_severity_name(x->severity), x->line,
                                       x->path ? x->path : "-", x->message);
        }
        return g_string_free(s, FALSE);
}

/* Reads @text and compares everything found, in order, with @expected. */
static inline void toy_expect(const char *text, const char *expected)
{
        g_auto(ToyDoc) d;
        toy_read(&d, text, 0);
        g_autofree char *found = toy_findings(d.findings);
        g_assert_cmpstr(found, ==, expected);
        g_assert_true(d.ok == !strstr(expected, "error "));
}
