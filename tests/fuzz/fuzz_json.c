/* Fuzzing JSON: whatever is accepted reads back from its own text as an equal value, and the text is a fixed
 * point.
 *
 *      make fuzz T=json
 */
#include "util/error.h"
#include "util/json.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmJson) j = dm_json_parse((const char *)bytes, length, &error);
        g_assert((j != NULL) != (error != NULL));
        if (!j) {
                g_assert(g_error_matches(error, DM_ERROR, DM_ERROR_INVALID_ARG));
                g_assert(g_utf8_validate(error->message, -1, NULL));
                return 0;
        }
        g_autofree char *text = dm_json_to_string(j);
        g_autoptr(DmJson) again = dm_json_parse(text, strlen(text), &error);
        g_assert(again && dm_json_equal(j, again));
        g_autofree char *text2 = dm_json_to_string(again);
        g_assert(strcmp(text, text2) == 0);
        g_autofree char *pretty = dm_json_to_pretty(j);
        g_autoptr(DmJson) from_pretty = dm_json_parse(pretty, strlen(pretty), &error);
        g_assert(from_pretty && dm_json_equal(j, from_pretty));
        g_autoptr(DmJson) copy = dm_json_copy(j);
        g_assert(dm_json_equal(j, copy));
        return 0;
}
