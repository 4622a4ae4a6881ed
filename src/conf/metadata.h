/* <metadata>: elements that applications keep in a definition, each in a namespace of its own. */
#pragma once

#include <glib.h>

#define DM_METADATA_MAX (1u << 20) /* bytes of one element */

/* The element of the namespace @uri in @metadata (the text of <metadata>, nullable), without the namespace,
 * as it was set.  Owned; DM_ERROR_NOT_FOUND. */
char *dm_metadata_get(const char *metadata, const char *uri, GError **error);
/* @metadata with the element @text (NULL: none) for @uri, which gets the prefix @key.  *ret_metadata is
 * owned, and NULL when nothing is left. */
gboolean dm_metadata_set(const char *metadata, const char *text, const char *key, const char *uri,
                         char **ret_metadata, GError **error);
