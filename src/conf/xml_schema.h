/* The declarative engine between XML documents and C structs.
 *
 * Theory of operation.  An element of a document is a `DmXmlElement`: a name and a table of rows.  A row says
 * where an attribute, a text or a child element lives in a struct (type and offset, checked by the compiler).
 * From the same rows the engine parses, formats, frees, copies and compares, and it knows every name, so that
 * an unknown one is reported with the nearest known one.  Adding an attribute to a document is one row.
 *
 * What a row cannot say is plain code: rules that span fields stand in the element's `check` function.
 *
 * - "Absent" is representable: strings are NULL, enums 0, numbers DmOpt*.  Only what was given, or what a
 * named default step has filled in, is written.
 * - Rows are tried in table order, attributes and children alike, and several rows may have the same name
 * when their `when` conditions differ: <source file=> for one disk type, <source dev=> for another.  The row
 * with the discriminator stands before those that depend on it.
 * - Child elements either live in the same struct (DM_IN), in a struct inside it (DM_AT), behind a pointer
 *   (DM_SUB) or in a list (DM_LIST).  The same element twice is an error unless its row is a list.
 * - The place (line and path) of each value that was read is kept beside the struct, keyed by the value's
 *   address (origins.h): checks and the resolver name it, `explain` prints it.
 *
 * Limits: see DM_XML_MAX_* in xml_doc.h and DM_XML_LIST_MAX here. */
#pragma once

#include <glib.h>
#include <stddef.h>

#include "conf/findings.h"
#include "conf/origins.h"
#include "util/enum.h"

typedef struct DmOptU32 {
        gboolean set;
        guint32 value;
} DmOptU32;
typedef struct DmOptU64 {
        gboolean set;
        guint64 value;
} DmOptU64;
typedef struct DmOptI64 {
        gboolean set;
        gint64 value;
} DmOptI64;
/* What users' own names of devices begin with. */
#define DM_USER_NAME_PREFIX "ua-"
#define DM_OPT(v)         \
        {                 \
                TRUE, (v) \
        }

/* No document has lists longer than this; a hostile one could otherwise ask for gigabytes of structs. */
#define DM_XML_LIST_MAX 8192
/* Elements of foreign namespaces that are kept below one element. */
#define DM_XML_FOREIGN_MAX 1024

typedef enum DmXmlType {
        DM_XML_END, /* ends a table */
        DM_XML_STRING,
        DM_XML_ENUM,
        DM_XML_U32,
        DM_XML_U64,
        DM_XML_I64,
        DM_XML_FLAG,     /* gboolean: the (empty) element is there */
        DM_XML_CUSTOM,   /* any other scalar, by a codec */
        DM_XML_VERBATIM, /* char *: the whole element as text, whatever is in it */
        DM_XML_REFUSED,  /* known, and refused by name */
        DM_XML_IN,       /* child element in this struct, or in a struct inside it */
        DM_XML_SUB,      /* child element behind a pointer */
        DM_XML_LIST,     /* child elements in a GPtrArray of structs */
} DmXmlType;

typedef enum DmXmlAs { DM_AS_ATTRIBUTE, DM_AS_TEXT, DM_AS_ELEMENT } DmXmlAs;

typedef enum DmXmlRowFlags {
        DM_REQUIRED = 1 << 0,  /* must be there */
        DM_ABI = 1 << 1,       /* what the guest sees: must be equal for migration and restore */
        DM_UPDATABLE = 1 << 2, /* may change while the guest runs */
        DM_SECRET = 1 << 3,    /* written only when secrets are asked for */
        DM_RUNTIME =
                1 << 4, /* exists only while the guest runs: not read from, nor written to, definitions */
        DM_KEEP_BLANKS = 1 << 5, /* do not trim the text */
        DM_FIRST = 1 << 6, /* of several such elements the first counts (libvirt's rule for a few old ones) */
        DM_EMPTY_OK = 1 << 7,   /* an empty value is a value; else it counts as absent */
        DM_USER_NAMED = 1 << 8, /* attributes: in definitions only names that begin with "ua-" count; others
                                come and go with the run */
        DM_ALWAYS = 1 << 9,     /* DM_SUB, DM_IN: written even when nothing is in it */
        DM_DEFERRED =
                1 << 10, /* read, kept and written, but no guest can be started with it (dm_xml_deferred) */
        DM_BESIDE = 1 << 11, /* as DM_DEFERRED, but QEMU has no part in it: its command line can be built */
} DmXmlRowFlags;

typedef struct DmXmlElement DmXmlElement;
typedef struct DmXmlRow DmXmlRow;

/* A scalar that no other row type can hold.  Text is trimmed before parse unless DM_KEEP_BLANKS. */
typedef struct DmXmlCodec {
        const char *what; /* for messages: "a MAC address" */
        /* Fills @member (zeroed).  The error's place is added by the engine. */
        gboolean (*parse)(const char *text, void *member, GError **error);
        char *(*format)(const void *member); /* owned; NULL: absent */
        void (*clear)(void *member);
        gsize size;
} DmXmlCodec;

struct DmXmlRow {
        DmXmlType type;
        DmXmlAs as;
        const char *name; /* of the attribute or element; NULL for text rows and child elements (theirs is
                             used) */
        gsize offset;
        int flags;
        const DmEnum *values; /* ENUM */
        int preset;           /* ENUM attribute: value when the element is there without it; 0: none */
        guint64 min, max;     /* U32, U64; max 0: the type's */
        guint64 scale;        /* U64: bytes per unit in input without @unit */
        const char *unit;     /* U64 with scale: name of that unit, written; NULL: the largest that divides */
        int hex;              /* U32, U64: digits of "0x…" in output; any C notation in input */
        const DmXmlCodec *codec;     /* CUSTOM */
        const DmXmlElement *element; /* IN, SUB, LIST */
        int kind; /* LIST: stored in the item's first int, tells items of several rows apart */
        struct {
                gsize offset; /* of an int (enum) in the row's struct */
                guint64 mask; /* bit N set: the row applies when the value is N; 0: always */
        } when;
        const char *doc; /* one line for the manual; REFUSED: why, and what to use instead */
};

/* The reader's state, handed to check functions. */
typedef struct DmXmlCheck {
        DmOrigins *origins;
        DmFindings *findings;
        const void *root; /* the document's struct */
} DmXmlCheck;

struct DmXmlElement {
        const char *name;
        const DmXmlRow *rows;
        gsize size; /* of the struct; SUB and LIST allocate it */
        const char *doc;
        const char *ns;     /* namespace, NULL: none */
        const char *prefix; /* its prefix in output */
        /* Tells elements of one name apart by an attribute: only <name attribute='value'> is meant, and that
         * is what is written.  @optional: one without the attribute is meant as well. */
        struct {
                const char *attribute, *value;
                gboolean optional;
        } tag;
        /* Rules between the fields of one element; called once its children were read.  Nullable. */
        void (*check)(const void *base, const DmXmlCheck *check);
        /* What tells one such element from its siblings, for messages ("vda"); borrowed, may be NULL.
         * Nullable. */
        const char *(*label)(const void *base);
};

/* Reports an error (warning) at the place of @value, an address inside a struct of the document. */
void dm_check_fail(const DmXmlCheck *c, const void *value, DmErrorCode code, const char *format, ...)
        G_GNUC_PRINTF(4, 5);
void dm_check_warn(const DmXmlCheck *c, const void *value, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* ---- row macros.  A wrong member type does not compile. ---- */
#define DM_TYPED(T, m, type_) \
        (offsetof(T, m) +     \
         0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((T *)0)->m), type_) ? 1 : -1]))
#define DM_INTLIKE(T, m)                                                                                  \
        (offsetof(T, m) +                                                                                 \
         0 * sizeof(char[sizeof(((T *)0)->m) == sizeof(int) &&                                            \
                                         !__builtin_types_compatible_p(__typeof__(((T *)0)->m), gboolean) \
                                 ? 1                                                                      \
                                 : -1]))
#define DM_STRING(T, m, name_, ...)                                                         \
        {                                                                                   \
                DM_XML_STRING, .name = name_, .offset = DM_TYPED(T, m, char *), __VA_ARGS__ \
        }
#define DM_ENUM(T, m, name_, table_, ...)                                                              \
        {                                                                                              \
                DM_XML_ENUM, .name = name_, .offset = DM_INTLIKE(T, m), .values = &table_, __VA_ARGS__ \
        }
#define DM_U32(T, m, name_, ...)                                                           \
        {                                                                                  \
                DM_XML_U32, .name = name_, .offset = DM_TYPED(T, m, DmOptU32), __VA_ARGS__ \
        }
#define DM_U64(T, m, name_, ...)                                                           \
        {                                                                                  \
                DM_XML_U64, .name = name_, .offset = DM_TYPED(T, m, DmOptU64), __VA_ARGS__ \
        }
#define DM_I64(T, m, name_, ...)                                                           \
        {                                                                                  \
                DM_XML_I64, .name = name_, .offset = DM_TYPED(T, m, DmOptI64), __VA_ARGS__ \
        }
/* A size in bytes, written and by default read in KiB; @unit beside it. */
#define DM_KIB(T, m, name_, ...)                                                                             \
        {                                                                                                    \
                DM_XML_U64, .name = name_, .offset = DM_TYPED(T, m, DmOptU64), .scale = 1024, .unit = "KiB", \
                            __VA_ARGS__                                                                      \
        }
/* As DM_KIB, but written in the largest unit that divides it; @unit_ bytes are meant without @unit. */
#define DM_SIZE(T, m, name_, unit_, ...)                                                                   \
        {                                                                                                  \
                DM_XML_U64, .name = name_, .offset = DM_TYPED(T, m, DmOptU64), .scale = unit_, __VA_ARGS__ \
        }
#define DM_BYTES(T, m, name_, ...)                                                                          \
        {                                                                                                   \
                DM_XML_U64, .name = name_, .offset = DM_TYPED(T, m, DmOptU64), .scale = 1, .unit = "bytes", \
                            __VA_ARGS__                                                                     \
        }
#define DM_FLAG(T, m, name_, ...)                                                                  \
        {                                                                                          \
                DM_XML_FLAG, DM_AS_ELEMENT, name_, .offset = DM_TYPED(T, m, gboolean), __VA_ARGS__ \
        }
/* Set when the element that holds this row is there at all. */
#define DM_PRESENT(T, m)                                                    \
        {                                                                   \
                DM_XML_FLAG, DM_AS_TEXT, .offset = DM_TYPED(T, m, gboolean) \
        }
#define DM_CUSTOM(T, m, name_, codec_, ...)                                                           \
        {                                                                                             \
                DM_XML_CUSTOM, .name = name_, .offset = offsetof(T, m), .codec = &codec_, __VA_ARGS__ \
        }
#define DM_VERBATIM(T, m, name_, ...)                                                                \
        {                                                                                            \
                DM_XML_VERBATIM, DM_AS_ELEMENT, name_, .offset = DM_TYPED(T, m, char *), __VA_ARGS__ \
        }
#define DM_REFUSED_ATTR(name_, doc_, ...)                               \
        {                                                               \
                DM_XML_REFUSED, .name = name_, .doc = doc_, __VA_ARGS__ \
        }
#define DM_REFUSED_EL(name_, doc_, ...)                                        \
        {                                                                      \
                DM_XML_REFUSED, DM_AS_ELEMENT, name_, .doc = doc_, __VA_ARGS__ \
        }
#define DM_IN(element_, ...)                                                \
        {                                                                   \
                DM_XML_IN, DM_AS_ELEMENT, .element = &element_, __VA_ARGS__ \
        }
#define DM_AT(T, m, element_, ...)                                                                    \
        {                                                                                             \
                DM_XML_IN, DM_AS_ELEMENT, .offset = offsetof(T, m), .element = &element_, __VA_ARGS__ \
        }
#define DM_SUB(T, m, element_, ...)                                                                    \
        {                                                                                              \
                DM_XML_SUB, DM_AS_ELEMENT, .offset = offsetof(T, m), .element = &element_, __VA_ARGS__ \
        }
#define DM_LIST(T, m, element_, ...)                                                                     \
        {                                                                                                \
                DM_XML_LIST, DM_AS_ELEMENT, .offset = DM_TYPED(T, m, GPtrArray *), .element = &element_, \
                                            __VA_ARGS__                                                  \
        }
#define DM_WHEN(T, m, ...) .when = { DM_INTLIKE(T, m), DM_MASK(__VA_ARGS__) }
#define DM_MASK_1(a)       (G_GUINT64_CONSTANT(1) << (a))
#define DM_MASK_(a, b, c, d, e, f, g, h, ...)                                                      \
        (DM_MASK_1(a) | DM_MASK_1(b) | DM_MASK_1(c) | DM_MASK_1(d) | DM_MASK_1(e) | DM_MASK_1(f) | \
         DM_MASK_1(g) | DM_MASK_1(h))
/* Up to 8 values. */
#define DM_MASK(a, ...) DM_MASK_(a, ##__VA_ARGS__, a, a, a, a, a, a, a, a)

/* ---- verbs ---- */
typedef enum DmXmlParseFlags {
        DM_XML_PARSE_RUNTIME = 1 << 0, /* DM_RUNTIME rows are read: a status file of our own */
        DM_XML_PARSE_STRICT =
                1 << 1, /* what is unknown is an error, not a warning: validation was asked for */
} DmXmlParseFlags;

typedef enum DmXmlFormatFlags {
        DM_XML_FORMAT_RUNTIME = 1 << 0, /* DM_RUNTIME rows are written: the document of a running guest */
        DM_XML_FORMAT_SECRET = 1 << 1,  /* DM_SECRET rows are written */
} DmXmlFormatFlags;

/* Reads @text as a document whose root is @root, into the zeroed struct @base.  Everything that is wrong goes
 * to
 * @findings (all of it, not just the first); places of values to @origins.  Returns FALSE when there is any
 * error, with @error set to the first; then the caller still owns what @base holds (dm_xml_clear). */
gboolean dm_xml_parse(const char *text, gsize length, const DmXmlElement *root, DmXmlParseFlags flags,
                      void *base, DmOrigins *origins, DmFindings *findings, GError **error);
/* The document of @base.  Ends with a newline.  Owned by the caller. */
char *dm_xml_format(const DmXmlElement *root, const void *base, DmXmlFormatFlags flags);
/* Frees everything below @base and zeroes it; not @base itself. */
void dm_xml_clear(const DmXmlElement *element, void *base);
/* dm_xml_clear and g_free. */
void dm_xml_free(const DmXmlElement *element, void *base);
/* Deep copy into the zeroed @to; when @origins is given the places known for @from hold for @to as well. */
void dm_xml_copy(const DmXmlElement *element, const void *from, void *to, DmOrigins *origins);
/* Compares the rows that have any of @flags (0: all rows).  Returns NULL when equal, else the path of the
 * first difference below the element ("devices/disk[2]/target/@bus").  Owned by the caller. */
char *dm_xml_difference(const DmXmlElement *element, const void *a, const void *b, int flags);
/* What was known of the places of @base and all below it is forgotten: it is about to be freed. */
void dm_xml_forget(const DmXmlElement *element, const void *base, DmOrigins *origins);
/* Adds an error to @findings for every value that stands in a row that has any of @flags (DM_DEFERRED,
 * DM_BESIDE): the document says something that would be left out of the guest.  @origins is nullable. */
void dm_xml_deferred(const DmXmlElement *element, const void *base, int flags, const DmOrigins *origins,
                     DmFindings *findings);
/* Calls @fn for every element and row that can be reached from @root, each table once. */
typedef void (*DmXmlVisit)(const DmXmlElement *element, const DmXmlRow *row, void *data);
void dm_xml_visit(const DmXmlElement *root, DmXmlVisit fn, void *data);
